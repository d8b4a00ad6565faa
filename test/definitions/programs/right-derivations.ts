/**
 * Derived datasets that compile and resolve, each program for one part of the language.
 * @module
 */
import { z } from "zod";
import { type Dataset, dataset, derived, type Project, project, when } from "../../../framework/index.ts";
import { flights, reports } from "./shop.ts";

const late = { known: "6 hours" } as const;
const Clean = z.object({
  date: z.date(),
  origin: z.string(),
  distance: z.number(),
  delay: z.number().meta(late),
  carrier: z.enum(["AA", "UA"]),
});

/** A project of one dataset derived from the flights. */
const withClean = (source: Parameters<typeof dataset<typeof Clean>>[1]["source"]): Project =>
  project("shop", {
    definitions: [flights, reports, dataset("clean", { owner: "o", schema: Clean, eventTime: "date", source })],
  });

const cleaned = dataset("cleaned", {
  owner: "o",
  schema: Clean,
  eventTime: "date",
  key: ["origin"],
  source: derived(flights, (rows) => rows.filter((row) => row.distance.gt(0))),
});
const ofCleaned = dataset("of-cleaned", {
  owner: "o",
  schema: z.object({ date: z.date(), origin: z.string(), last: z.number() }),
  eventTime: "date",
  source: derived(flights, (rows) =>
    rows.join(cleaned, { by: (row) => ({ origin: row.destination }), take: (row) => ({ last: row.distance }) }),
  ),
});

export const programs: Readonly<Record<string, () => Project>> = {
  "rows that are kept": () => withClean(derived(flights, (rows) => rows.filter((row) => row.delay.gte(-120)))),
  "columns that are replaced": () =>
    withClean(
      derived(flights, (rows) =>
        rows.derive((row) => ({
          distance: row.distance.multiply(1.6),
          origin: row.origin.lower(),
          carrier: when(row.carrier.eq("AA"), "AA", "UA"),
        })),
      ),
    ),
  "columns that are added": () => {
    const schema = Clean.extend({ hour: z.int(), late: z.boolean().meta(late), length: z.string() });
    const source = derived(flights, (rows) =>
      rows
        .derive((row) => ({ hour: row.date.hour(), late: row.delay.gt(15), length: row.distance }))
        .cast({ length: "string" }),
    );
    return project("shop", {
      definitions: [flights, dataset("more", { owner: "o", schema, eventTime: "date", source })],
    });
  },
  "values that are bounded and filled": () =>
    withClean(
      derived(flights, (rows) =>
        rows
          .clip({ delay: [-60, 600], distance: { quantiles: [0.01, 0.99] } })
          .impute({ delay: "median", carrier: "most-frequent", distance: { constant: 0 } }),
      ),
    ),
  "rows by chance": () =>
    withClean(
      derived(flights, (rows) =>
        rows
          .deduplicate({ by: ["origin", "date"], keep: "first" })
          .deduplicate()
          .sample({ fraction: 0.1, seed: 7 })
          .stratify({ by: ["carrier", "diverted"], perGroup: 100 })
          .stratify({ by: "carrier", fraction: 0.5 })
          .oversample({ by: "diverted", to: "balanced" })
          .oversample({ by: "carrier", to: 0.5 }),
      ),
    ),
  "copies with noise": () => {
    const schema = Clean.extend({ copy: z.boolean() });
    const source = derived(flights, (rows) => rows.augment({ copies: 1, noise: { delay: 5 }, mark: "copy" }));
    return project("shop", {
      definitions: [flights, dataset("more", { owner: "o", schema, eventTime: "date", source })],
    });
  },
  "another dataset's columns, as of the row's time": () => {
    const schema = Clean.extend({ wind: z.number().optional() });
    const source = derived(flights, (rows) =>
      rows.join(reports, {
        by: (row) => ({ airport: row.origin }),
        take: (report) => ({ wind: report.wind }),
        ttl: "6 hours",
      }),
    );
    return project("shop", {
      definitions: [flights, reports, dataset("more", { owner: "o", schema, eventTime: "date", source })],
    });
  },
  "what a program makes": () =>
    withClean(derived(flights, (rows) => rows.python("clean.py", { lock: "requirements.lock" }))),
  "columns that a program gives": () =>
    project("shop", {
      definitions: [
        flights,
        dataset("scored", {
          owner: "o",
          schema: z.object({ date: z.date(), score: z.number() }),
          eventTime: "date",
          source: derived(flights, (rows) =>
            rows
              .python("clean.py", { lock: "requirements.lock", gives: { date: "timestamp", score: "number" } })
              .filter((row) => row.score.gt(0)),
          ),
        }),
      ],
    }),
  "one derived from another": () => project("shop", { definitions: [ofCleaned, cleaned, flights] }),
  "one of which no type is known": () => {
    const any: Dataset = cleaned;
    return project("shop", { definitions: [any, flights] });
  },
};

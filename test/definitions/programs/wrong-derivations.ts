/**
 * Derived datasets that must not compile. Above each wrong line: what is wrong → the part of the message that matters.
 * @module
 */
import { z } from "zod";
import { dataset, derived, parquet, patch } from "../../../framework/index.ts";
import { flights, reports } from "./shop.ts";

const Late = z.object({ date: z.date(), late: z.boolean() });
const given = { owner: "o", schema: Late, eventTime: "date" } as const;
const dated = derived(reports, (rows) => rows.derive((row) => ({ date: row.time, late: row.wind })));

// @ts-expect-error a column that no step gives → Property 'late' is missing in type
dataset("x", { ...given, source: derived(flights, (rows) => rows.filter((row) => row.diverted)) });
// @ts-expect-error a column of another kind → Type 'number' is not assignable to type 'boolean'
dataset("x", { ...given, source: dated });
// @ts-expect-error a dataset where its source stands → is not assignable to type
dataset("x", { ...given, source: flights });
derived(flights, (rows) =>
  // @ts-expect-error a column that there is none of → Property 'dealy' does not exist on type
  rows.filter((row) => row.dealy.gt(0)),
);
derived(flights, (rows) =>
  // @ts-expect-error a condition that is a number → is not assignable to type 'BooleanOperand'
  rows.filter((row) => row.delay),
);
derived(flights, (rows) =>
  // @ts-expect-error a window → Property 'mean' does not exist on type 'NumberExpression
  rows.derive((row) => ({ past: row.delay.mean({ by: [], over: "1 day" }) })),
);
derived(flights, (rows) =>
  // @ts-expect-error a constant in the place of an expression → Type 'number' is not assignable to type 'Expression<
  rows.derive(() => ({ one: 1 })),
);
derived(flights, (rows) =>
  // @ts-expect-error a column of a step that comes later → Property 'hour' does not exist on type
  rows.filter((row) => row.hour.gt(0)).derive((row) => ({ hour: row.date.hour() })),
);
// @ts-expect-error a number made a moment → Type '"timestamp"' is not assignable to type '"string"'
derived(flights, (rows) => rows.cast({ delay: "timestamp" }));
// @ts-expect-error bounds of a text → 'origin' does not exist in type
derived(flights, (rows) => rows.clip({ origin: [0, 1] }));
// @ts-expect-error one bound → Type '[number]' is not assignable to type
derived(flights, (rows) => rows.clip({ delay: [0] }));
// @ts-expect-error the median of a text → Type '"median"' is not assignable to type
derived(flights, (rows) => rows.impute({ carrier: "median" }));
// @ts-expect-error a constant of another kind → Type 'string' is not assignable to type 'number'
derived(flights, (rows) => rows.impute({ delay: { constant: "none" } }));
// @ts-expect-error repeated in a column that there is none of → Type '"flight"' is not assignable to type
derived(flights, (rows) => rows.deduplicate({ by: ["flight"] }));
// @ts-expect-error a sample without its share → Property 'fraction' is missing in type
derived(flights, (rows) => rows.sample({ seed: 1 }));
// @ts-expect-error groups by a column that there is none of → Type '"late"' is not assignable to type
derived(flights, (rows) => rows.oversample({ by: "late", to: "balanced" }));
// @ts-expect-error noise in a text → 'origin' does not exist in type
derived(flights, (rows) => rows.augment({ copies: 1, noise: { origin: 1 } }));
// @ts-expect-error a join without its key → Property 'airport' is missing in type '{}' but required in type
derived(flights, (rows) => rows.join(reports, { by: () => ({}), take: (row) => ({ wind: row.wind }) }));
derived(flights, (rows) =>
  rows.join(reports, {
    // @ts-expect-error a join on a number → Type 'number' is not assignable to type 'string'
    by: (row) => ({ airport: row.delay }),
    take: (row) => ({ wind: row.wind }),
  }),
);
derived(flights, (rows) =>
  // @ts-expect-error a column that the other dataset has none of → Property 'rain' does not exist on type
  rows.join(reports, { by: (row) => ({ airport: row.origin }), take: (row) => ({ rain: row.rain }) }),
);
// @ts-expect-error a program without its lock → Property 'lock' is missing in type
derived(flights, (rows) => rows.python("clean.py", {}));
// @ts-expect-error a kind there is none of → Type '"date"' is not assignable to type 'keyof ValueOfKind'
derived(flights, (rows) => rows.python("clean.py", { lock: "requirements.lock", gives: { date: "date" } }));
// @ts-expect-error steps that are no function → is not assignable to parameter of type '(rows: Rows<
derived(flights, "rows");
// @ts-expect-error a patch of what a dataset is derived from → is not assignable to type 'Source
patch(flights, { source: derived(reports, (rows) => rows.filter((row) => row.cloudy)) });
patch(flights, { source: parquet("x") }) satisfies object;

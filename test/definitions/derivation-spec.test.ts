import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { UniversalExpression } from "../../framework/definitions/create-expression.ts";
import type { StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { projectSpec } from "../../framework/definitions/spec.ts";
import { dataset, derived, parquet, patch, project } from "../../framework/index.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import { findProblems, flights, reports } from "./flight-project.ts";

const late = { known: "6 hours" } as const;
const Clean = z.object({ date: z.date(), origin: z.string(), delay: z.number().meta(late) });

type Names = "date" | "origin" | "delay" | "dealy" | "distance" | "wind" | "rain" | "gate" | "late";
type AnyRow = Readonly<Record<Names, UniversalExpression>>;
type Write = (row: AnyRow) => unknown;
type Told = "cast" | "clip" | "impute" | "deduplicate" | "sample" | "stratify" | "oversample" | "augment";
/** What a program writes that gets around the types. */
type AnyRows = Readonly<Record<"filter" | "derive", (write: Write) => AnyRows>> &
  Readonly<Record<Told, (told?: unknown) => AnyRows>> & {
    readonly join: (other: unknown, how: { by: Write; take: Write; ttl?: string }) => AnyRows;
    readonly python: (file: string, options?: unknown) => AnyRows;
  };
type AnySteps = (rows: AnyRows) => unknown;
const steps = (write: AnySteps): never => write as never;

const withSteps = (write: AnySteps, schema: z.ZodObject = Clean, name = "clean") =>
  dataset(name, { owner: "o", schema, eventTime: "date" as never, source: derived(flights, steps(write)) as never });
const listed = (...more: readonly object[]) =>
  project("shop", { definitions: [flights, reports, ...more] as (typeof flights)[] });
const problemsOf = (write: AnySteps, schema?: z.ZodObject) => findProblems(listed(withSteps(write, schema)));

describe("a derived dataset", () => {
  it("is a spec with its defaults, its columns in order, and the names of what it is made from", () => {
    const clean = withSteps((rows) =>
      rows
        .filter((row) => row.delay.gte(0))
        .derive((row) => ({ zulu: row.date.hour(), alpha: row.origin }))
        .cast({ zulu: "string" })
        .clip({ distance: { quantiles: [0, 1] }, delay: [0, 1] })
        .impute({ origin: { constant: "" }, delay: "mean" })
        .deduplicate()
        .join(reports, {
          by: (row) => ({ airport: row.origin }),
          take: (row) => ({ wind: row.wind }),
          ttl: "1 day",
        })
        .sample({ fraction: 0.5 })
        .stratify({ by: "origin", perGroup: 5 })
        .oversample({ by: ["origin", "alpha"], to: "balanced", seed: 4 })
        .augment({ copies: 1, noise: { delay: 1 } })
        .python("clean.py", { lock: "requirements.lock" }),
    );
    const { definitions } = resolveProject(listed(clean), "local");
    const spec = definitions.find(({ name }) => name === "clean");
    expect(projectSpec.shape.definitions.element.parse(spec)).toEqual(spec);
    const column = (name: string) => ({ op: "column", name });
    expect(spec).toMatchObject({
      source: {
        kind: "derived",
        from: ["flights", "reports"],
        steps: [
          { step: "filter", condition: { op: "gte" } },
          { step: "derive", columns: [{ name: "alpha", expression: column("origin") }, { name: "zulu" }] },
          { step: "cast", columns: [{ name: "zulu", to: "string" }] },
          {
            step: "clip",
            columns: [
              { name: "delay", low: 0, high: 1 },
              { name: "distance", quantiles: [0, 1] },
            ],
          },
          {
            step: "impute",
            columns: [
              { name: "delay", by: "mean" },
              { name: "origin", constant: "" },
            ],
          },
          { step: "deduplicate", keep: "last" },
          { step: "join", dataset: "reports", by: [{ name: "airport" }], take: [{ name: "wind" }], ttl: "1 day" },
          { step: "sample", fraction: 0.5, seed: 0 },
          { step: "stratify", by: ["origin"], keep: { perGroup: 5 }, seed: 0 },
          { step: "oversample", by: ["alpha", "origin"], ratio: 1, seed: 4 },
          { step: "augment", copies: 1, noise: [{ name: "delay", amount: 1 }], seed: 0 },
          { step: "python", file: "clean.py", lock: "requirements.lock" },
        ],
      },
    });
  });

  it("stands after those that it is made from, by how far it is from them, then by name", () => {
    const keep: AnySteps = (rows) => rows.sample({ fraction: 1 });
    const zulu = withSteps(keep, Clean, "zulu");
    const alpha = dataset("alpha", {
      owner: "o",
      schema: z.object({ date: z.date() }),
      eventTime: "date",
      source: derived(zulu as never, steps(keep)) as never,
    });
    const bravo = withSteps(keep, Clean, "bravo");
    const names = (all: readonly object[]) =>
      resolveProject(project("shop", { definitions: all as (typeof flights)[] }), "local").definitions.map(
        ({ name }) => name,
      );
    expect(names([alpha, bravo, flights, zulu, reports])).toEqual(["flights", "reports", "bravo", "zulu", "alpha"]);
    const texts = [
      [alpha, zulu, flights],
      [flights, zulu, alpha],
    ].map((all) => toCanonicalJson(names(all)));
    expect(texts[0]).toBe(texts[1]);
  });

  it("asks for what it is made from to be listed", () => {
    const clean = withSteps((rows) =>
      rows.join(reports, {
        by: (row) => ({ airport: row.origin }),
        take: (row) => ({ wind: row.wind }),
      }),
    );
    expect(findProblems(project("shop", { definitions: [clean] }))).toEqual([
      ["definition-unlisted", "clean.source.from"],
      ["definition-unlisted", "clean.source.steps[0].dataset"],
    ]);
  });

  it("is none when it is made from itself", () => {
    const one = withSteps((rows) => rows.sample({ fraction: 1 }), Clean, "one");
    const two = dataset("two", {
      owner: "o",
      schema: Clean,
      eventTime: "date",
      source: derived(
        one as never,
        steps((rows) => rows.sample({ fraction: 1 })),
      ) as never,
    });
    Object.assign(one, { source: { ...one.source, from: two } });
    expect(findProblems(listed(one, two))).toEqual([["definition-cycle", "one.source"]]);
  });

  it("is resolved at once, however often it is joined again", () => {
    let last: object = flights;
    const all = Array.from({ length: 40 }, (_, i) => {
      const from = last;
      const write = steps((rows) => rows.join(from, { by: () => ({}), take: (row) => ({ origin: row.origin }) }));
      const source = derived(from as never, write) as never;
      last = dataset(`d${i}`, { owner: "o", schema: Clean, eventTime: "date", source });
      return last;
    });
    expect(findProblems(listed(...all))).toEqual([]);
  });
});

describe("steps that are wrong", () => {
  it.each<[string, AnySteps, string, string]>([
    [
      "a column that there is none of",
      (rows) => rows.filter((row) => row.dealy.gt(0)),
      "column-unknown",
      "clean.source.steps[0].filter",
    ],
    [
      "a condition that is a number",
      (rows) => rows.filter((row) => row.delay),
      "expression-invalid",
      "clean.source.steps[0].filter",
    ],
    [
      "a window",
      (rows) => rows.derive((row) => ({ x: row.delay.mean({ by: [], over: "1 day" }) })),
      "expression-invalid",
      "clean.source.steps[0].derive.x",
    ],
    [
      "a category",
      (rows) => rows.derive((row) => ({ x: row.origin.category() })),
      "expression-invalid",
      "clean.source.steps[0].derive.x",
    ],
    [
      "a name of Steward's own",
      (rows) => rows.derive((row) => ({ __row: row.delay })),
      "name-clash",
      "clean.source.steps[0].derive.__row",
    ],
    [
      "a name that SQL takes for another",
      (rows) => rows.derive((row) => ({ Delay: row.delay })),
      "name-clash",
      "clean.source.steps[0].derive.Delay",
    ],
    [
      "a number made a moment",
      (rows) => rows.cast({ delay: "timestamp" }),
      "expression-invalid",
      "clean.source.steps[0].cast.delay",
    ],
    [
      "bounds the wrong way round",
      (rows) => rows.clip({ delay: [1, 0] }),
      "expression-invalid",
      "clean.source.steps[0].clip.delay",
    ],
    [
      "bounds of a text",
      (rows) => rows.clip({ origin: [0, 1] }),
      "expression-invalid",
      "clean.source.steps[0].clip.origin",
    ],
    [
      "a mean of texts",
      (rows) => rows.impute({ origin: "mean" }),
      "expression-invalid",
      "clean.source.steps[0].impute.origin",
    ],
    [
      "a filled moment",
      (rows) => rows.impute({ date: "most-frequent" }),
      "expression-invalid",
      "clean.source.steps[0].impute.date",
    ],
    [
      "groups by no column",
      (rows) => rows.oversample({ by: "gate", to: 0.5 }),
      "column-unknown",
      "clean.source.steps[0].oversample.gate",
    ],
    [
      "noise in a text",
      (rows) => rows.augment({ copies: 1, noise: { origin: 1 } }),
      "expression-invalid",
      "clean.source.steps[0].augment.origin",
    ],
    [
      "a join without its key",
      (rows) => rows.join(reports, { by: () => ({}), take: (row) => ({ wind: row.wind }) }),
      "join-key",
      "clean.source.steps[0].join.by",
    ],
    [
      "a join on a number",
      (rows) =>
        rows.join(reports, {
          by: (row) => ({ airport: row.delay }),
          take: (row) => ({ wind: row.wind }),
        }),
      "join-key",
      "clean.source.steps[0].join.by.airport",
    ],
    [
      "a join that finds nothing",
      (rows) =>
        rows.join(reports, {
          by: (row) => ({ airport: row.origin }),
          take: (row) => ({ rain: row.rain }),
          ttl: "1 hour",
        }),
      "join-ttl",
      "clean.source.steps[0].join.ttl",
    ],
    [
      "no time to go by",
      (rows) => rows.derive((row) => ({ date: row.delay })).deduplicate(),
      "column-unknown",
      "clean.source.steps[1].deduplicate",
    ],
    ["no steps", (rows) => rows, "definition-invalid", "clean.source.steps"],
    ["no rows", () => 7, "definition-invalid", "clean.source.steps"],
    [
      "an unknown option",
      (rows) => rows.sample({ fraction: 0.1, sed: 7 }),
      "option-unknown",
      "clean.source.steps[0].sed",
    ],
    ["a share above 1", (rows) => rows.sample({ fraction: 2 }), "definition-invalid", "clean.source.steps[0].fraction"],
    [
      "two ways to keep",
      (rows) => rows.stratify({ by: "origin", fraction: 1, perGroup: 1 }),
      "definition-invalid",
      "clean.source.steps[0]",
    ],
    ["no options", (rows) => rows.augment(), "definition-invalid", "clean.source.steps[0].copies"],
    [
      "a column twice",
      (rows) => rows.deduplicate({ by: ["date", "date"] }),
      "definition-invalid",
      "clean.source.steps[0].by",
    ],
    ["a program without its lock", (rows) => rows.python("a.py"), "definition-invalid", "clean.source.steps[0]"],
    [
      "a kind there is none of",
      (rows) => rows.cast({ delay: "date" }),
      "definition-invalid",
      "clean.source.steps[0].columns.delay",
    ],
    [
      "preprocessing of a feature",
      (rows) => rows.derive((row) => ({ delay: row.delay.imputed("mean") })),
      "definition-invalid",
      "clean.source.steps[0].columns.delay",
    ],
  ])("are told where: %s", (_, write, code, at) => {
    expect(problemsOf(write)).toContainEqual([code, at]);
  });

  it("are told once: what comes after them is not judged", () => {
    expect(problemsOf((rows) => rows.cast({ gate: "number" }).filter((row) => row.gate))).toEqual([
      ["column-unknown", "clean.source.steps[0].cast.gate"],
    ]);
  });
});

describe("the schema of a derived dataset", () => {
  const same: AnySteps = (rows) => rows.filter((row) => row.delay.gt(0));

  it("has what the steps give, as they give it", () => {
    expect(problemsOf(same)).toEqual([]);
    expect(problemsOf(same, Clean.extend({ gate: z.string() }))).toEqual([
      ["source-columns-missing", "clean.schema.gate"],
    ]);
    expect(problemsOf(same, Clean.extend({ origin: z.number() }))).toEqual([
      ["source-column-type", "clean.schema.origin"],
    ]);
  });

  it("says of nothing that it is known before what it is made of", () => {
    const write: AnySteps = (rows) =>
      rows
        .derive((row) => ({ origin: row.origin.concat("-"), late: row.delay.gt(15) }))
        .derive((row) => ({ twice: row.late.not() }));
    const schema = Clean.extend({ twice: z.boolean() });
    expect(problemsOf(write, schema)).toEqual([["derivation-reads-ahead", "clean.schema.twice"]]);
    expect(problemsOf(write, Clean.extend({ twice: z.boolean().meta({ known: "1 day" }) }))).toEqual([]);
  });

  it("may say that what is joined is known at once: only rows that were known are", () => {
    const write: AnySteps = (rows) =>
      rows.join(reports, {
        by: (row) => ({ airport: row.origin }),
        take: (row) => ({ rain: row.rain }),
      });
    expect(problemsOf(write, Clean.extend({ rain: z.number().optional() }))).toEqual([]);
  });
});

describe("an environment", () => {
  const clean = withSteps((rows) => rows.sample({ fraction: 1 }));
  const inEnvironment = (override: readonly object[]) =>
    findProblems(
      project("shop", { definitions: [flights, clean], environments: { local: { override: override as never } } }),
    );

  it("may differ in the contract of a derived dataset, and not in what it is made from", () => {
    expect(inEnvironment([patch(clean, { contract: { violations: "accept" } })])).toEqual([]);
    expect(inEnvironment([patch(clean, { source: parquet("x.parquet") })])).toEqual([
      ["patch-invalid", "shop.environments.local.override[0].source"],
    ]);
  });

  it("may not make a dataset a derived one", () => {
    expect(inEnvironment([patch(flights, { source: clean.source as never })])).toEqual([
      ["patch-invalid", "shop.environments.local.override[0].source"],
    ]);
  });
});

it("a problem of a derivation says in words what is wrong", () => {
  try {
    resolveProject(
      listed(withSteps((rows) => rows.filter((row: { dealy: { gt(n: number): unknown } }) => row.dealy.gt(0)))),
      "local",
    );
    expect.unreachable();
  } catch (error) {
    expect((error as StewardError).problems[0]).toMatchObject({
      what: 'dataset "flights" has no column "dealy"',
      expected: expect.stringContaining("delay"),
    });
  }
});

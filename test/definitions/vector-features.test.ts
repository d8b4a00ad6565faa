import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { UniversalExpression } from "../../framework/definitions/create-expression.ts";
import type { ExpressionTree } from "../../framework/definitions/expression-tree.ts";
import { type Problem, StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import {
  type Contract,
  dataset,
  derived,
  features,
  parquet,
  project,
  python,
  type Rows,
  trainingJob,
} from "../../framework/index.ts";

const Article = z.object({
  at: z.date(),
  id: z.string(),
  title: z.array(z.number()).length(3),
  body: z.array(z.number()).length(4).optional(),
  clicks: z.number().meta({ known: "1 day" }),
});
const source = parquet("articles.parquet");
const articles = dataset("articles", { owner: "news", schema: Article, source, eventTime: "at", key: ["id"] });
const trainer = python("train.py", { lock: "requirements.lock" });

type Columns = Readonly<Record<string, UniversalExpression>>;
type Definitions = Parameters<typeof project>[1]["definitions"];

function specify(definitions: Definitions) {
  return resolveProject(project("news", { definitions }), "local").definitions;
}

function problemsOf(definitions: Definitions): readonly Problem[] {
  try {
    specify(definitions);
  } catch (error) {
    if (error instanceof StewardError) return error.problems;
    throw error;
  }
  return [];
}

/** A feature set with whatever the types would not let stand. */
const written = (columns: (row: Columns) => unknown) => features("embedded", articles, columns as never);

const at = (name: string, index: number): ExpressionTree => ({ op: "at", of: { op: "column", name }, index });

describe("a vector as a feature", () => {
  it("is a number for each of its numbers, in their order, where it stands", () => {
    const [, spec] = specify([
      articles,
      features("embedded", articles, (row) => ({
        before: row.clicks.last({ by: row.id, over: "7 days", lag: "1 day" }),
        title: row.title,
        first: row.title.at(0),
      })),
    ]);
    if (spec?.kind !== "features") throw new Error("the second definition is the feature set");
    expect(spec.columns.slice(1)).toEqual([
      { name: "title_0", type: "number", expression: at("title", 0) },
      { name: "title_1", type: "number", expression: at("title", 1) },
      { name: "title_2", type: "number", expression: at("title", 2) },
      { name: "first", type: "number", expression: at("title", 0) },
    ]);
  });

  it("clashes with a feature of the same set that has the name of one of its numbers", () => {
    const set = written(({ title, clicks }) => ({
      title,
      Title_1: clicks?.last({ by: [], over: "1 day", lag: "1 day" }),
    }));
    expect(problemsOf([articles, set])).toMatchObject([{ code: "name-clash", at: "embedded.Title_1" }]);
  });

  it("clashes with those of another set of the job, which is said once", () => {
    const first = features("first", articles, (row) => ({ title: row.title }));
    const second = features("second", articles, (row) => ({ title: row.title }));
    const job = trainingJob("clicks", {
      features: [first, second.by(articles, (row) => ({ id: row.id }))],
      label: (row) => row.clicks,
      split: { test: "1 day" },
      trainer,
    });
    const found = problemsOf([articles, first, second, job]).filter(({ code }) => code === "feature-duplicate");
    expect(found).toMatchObject([{ at: "clicks.features[1]", what: expect.stringContaining('"title_0" of "second"') }]);
  });

  it("takes no preprocessing, as no window does a vector", () => {
    const scaled = written(({ title }) => ({ title: title?.scaled("standard") }));
    expect(problemsOf([articles, scaled])).toMatchObject([
      { code: "expression-invalid", at: "embedded.title", got: "vector", expected: "number" },
    ]);
    const last = written(({ title, id }) => ({ title: title?.last({ by: id as never, over: "1 day" }) }));
    expect(problemsOf([articles, last])).toMatchObject([{ code: "expression-invalid", at: "embedded.title" }]);
  });

  it("is not read before it is known, and is no label", () => {
    const late = dataset("late", {
      owner: "news",
      schema: Article.extend({ title: z.array(z.number()).length(3).meta({ known: "1 hour" }) }),
      source,
      eventTime: "at",
    });
    const set = features("embedded", late, (row) => ({ title: row.title, body: row.body }));
    expect(problemsOf([late, set])).toMatchObject([{ code: "feature-reads-ahead", at: "embedded.title" }]);
    const body = features("body", late, (row) => ({ body: row.body }));
    const job = trainingJob("titles", {
      features: [body],
      label: ((row: Columns) => row["title"]) as never,
      split: { test: "1 day" },
      trainer,
    });
    expect(problemsOf([late, body, job])).toContainEqual(
      expect.objectContaining({ code: "label-invalid", at: "titles.label", got: "a vector" }),
    );
  });
});

describe("a vector as a column", () => {
  it("tells no row from another", () => {
    const contract: Contract = { violations: "quarantine", unique: ["id", "title"] };
    const odd = dataset("odd", {
      owner: "news",
      schema: Article,
      source,
      eventTime: "at",
      key: ["title"],
      contract: contract as never,
    });
    expect(problemsOf([odd])).toMatchObject([
      { code: "column-unsupported", at: "odd.key[0]", got: "title" },
      { code: "column-unsupported", at: "odd.contract.unique[1]", got: "title" },
    ]);
  });

  it("goes through the steps of a derivation, and keeps its length", () => {
    const steps = (rows: Rows<z.infer<typeof Article>>) =>
      rows.filter((row) => row.title.norm().gt(0)).derive((row) => ({ lead: row.title, first: row.title.at(0) }));
    const derive = (lead: z.ZodType) =>
      dataset("leads", {
        owner: "news",
        schema: z.object({ at: z.date(), lead, first: z.number() }),
        source: derived(articles, steps) as never,
        eventTime: "at",
      });
    expect(problemsOf([articles, derive(z.array(z.number()).length(3))])).toEqual([]);
    expect(problemsOf([articles, derive(z.array(z.number()).length(4))])).toMatchObject([
      { code: "source-column-type", at: "leads.schema.lead", got: "3 numbers", expected: "4 numbers" },
    ]);
    expect(problemsOf([articles, derive(z.number())])).toMatchObject([
      { code: "source-column-type", at: "leads.schema.lead", got: "vector", expected: "number" },
    ]);
  });

  it("is not made another kind by a cast", () => {
    const leads = dataset("leads", {
      owner: "news",
      schema: Article,
      source: derived(articles, ((rows: { cast: (to: object) => unknown }) =>
        rows.cast({ title: "string" })) as never) as never,
      eventTime: "at",
    });
    expect(problemsOf([articles, leads])).toMatchObject([
      { code: "expression-invalid", at: "leads.source.steps[0].cast.title", expected: "no other kind" },
    ]);
  });
});

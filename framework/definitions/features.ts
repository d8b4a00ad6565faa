/**
 * Feature sets: named expressions over the rows of one dataset.
 * @module
 */
import type { z } from "zod";
import { reportClashes } from "./column.ts";
import type { Dataset } from "./dataset.ts";
import type { AnyExpression, Expression, FeatureExpression, ReadsOf } from "./expression.ts";
import { type ExpressionScope, findKind } from "./expression-kind.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import { reportReadsAhead } from "./knowledge.ts";
import type { Report } from "./report.ts";
import { createRow, type Row } from "./row.ts";
import type { FeaturesSpec } from "./spec.ts";

/** One feature, as data. */
export interface FeatureColumn {
  readonly name: string;
  readonly expression: ExpressionTree;
}

export type FeatureRecord = Record<string, FeatureExpression>;

/** A feature set as data. */
export interface FeatureSet {
  readonly kind: "features";
  readonly name: string;
  readonly from: Dataset;
  /** In the order in which they are written, which is the order of a model's inputs. */
  readonly columns: readonly FeatureColumn[];
}

/** A feature set over rows of `S`, with its features' types, whose entities have the key `K`. */
export interface Features<S extends z.ZodObject, F extends FeatureRecord, K extends string = string>
  extends FeatureSet {
  readonly from: Dataset<S, K>;
  /** Never set: it carries the expressions' types. */
  readonly inferred?: { readonly columns: F };
  /**
   * Joins the set to the examples of another dataset, the spine, as of each example's time: the latest row that has the
   * entity, which `entity` finds from the example. With a dataset that has no key, the latest row of all.
   *
   * @example
   * features: [routes, weather.by(flights, (row) => ({ airport: row.origin })), market.by(() => ({}))]
   */
  by<Spine extends z.ZodObject, E extends Entity<S, K>>(
    spine: Dataset<Spine>,
    entity: (row: Row<Spine>) => E,
  ): JoinedFeatures<Spine, F, ReadsOf<E[keyof E]>>;
  by(entity: [K] extends [never] ? () => Record<never, never> : never): JoinedFeatures<never, F>;
}

/** A value for every key column of a joined dataset, of its kind. */
type Entity<S extends z.ZodObject, K extends string> = {
  readonly [C in K]: Expression<NonNullable<z.output<S>[C]>, string>;
};

/** A feature set joined to the examples of `Spine`; it reads `R` of them. */
export interface JoinedFeatures<
  Spine extends z.ZodObject = z.ZodObject,
  F extends FeatureRecord = FeatureRecord,
  R extends string = never,
> {
  readonly kind: "joined-features";
  readonly set: FeatureSet;
  readonly by: Readonly<Record<string, ExpressionTree>>;
  /** Never set: it carries the three types. */
  readonly inferred?: { readonly spine: Spine; readonly columns: F; readonly reads: R };
}

/**
 * Declares features of a dataset. An expression is a number, a truth or a `category()`.
 *
 * @example
 * features("routes", flights, (row) => ({
 *   hour: row.date.hour(),
 *   originDelay7d: row.delay.mean({ by: row.origin, over: "7 days", lag: "12 hours" }),
 * }))
 */
export function features<S extends z.ZodObject, F extends FeatureRecord, K extends string>(
  name: string,
  from: Dataset<S, K>,
  columns: (row: Row<S>) => F,
): Features<S, F, K> {
  const set: Features<S, F, K> = {
    kind: "features",
    name,
    from,
    columns: Object.entries(columns(createRow<S>())).map(([column, { tree }]) => ({ name: column, expression: tree })),
    by: (...args: readonly unknown[]) =>
      joinFeatures(set, args.at(-1) as (row: Row<z.ZodObject>) => Record<string, AnyExpression>),
  };
  return set;
}

/** The spine is there for the types: what the row has is checked against it when the project is resolved. */
function joinFeatures(
  set: FeatureSet,
  entity: (row: Row<z.ZodObject>) => Record<string, AnyExpression>,
): JoinedFeatures<never, never> {
  const by = Object.entries(entity(createRow())).map(([column, { tree }]) => [column, tree] as const);
  return { kind: "joined-features", set, by: Object.fromEntries(by) };
}

/** The spec of a feature set. Reports what is no feature, and what is read before it is known. */
export function specifyFeatures({ name, from, columns }: FeatureSet, report: Report): FeaturesSpec {
  const names = columns.map((column) => column.name);
  reportClashes(names, name, report);
  for (const odd of names.filter((one) => !/^[A-Za-z_]\w*$/.test(one))) {
    report({
      code: "name-clash",
      at: `${name}.${odd}`,
      what: `"${odd}" is no name for a feature`,
      expected: "letters, digits and underscores",
    });
  }
  const specs = columns.map(({ name: column, expression }) => {
    const scope = { dataset: from, at: `${name}.${column}`, report };
    reportReadsAhead(expression, scope);
    return { name: column, type: findFeatureType(column, expression, scope) ?? "number", expression };
  });
  return { kind: "features", name, from: from.name, columns: specs };
}

type FeatureType = FeaturesSpec["columns"][number]["type"];

/** The type of a feature; undefined when a problem was reported. */
function findFeatureType(name: string, expression: ExpressionTree, scope: ExpressionScope): FeatureType | undefined {
  const kind = findKind(expression, scope);
  if (kind !== "string" && kind !== "timestamp") return kind;
  const fix = kind === "string" ? "use .category()" : "use .hour(), .dayOfWeek() or another of its parts";
  const what = `feature "${name}" is a bare ${kind}`;
  scope.report({ code: "feature-kind", at: scope.at, what, expected: "a number, a boolean or a category", fix });
  return undefined;
}

/**
 * Feature sets: named expressions over the rows of one dataset.
 * @module
 */
import { reportClashes } from "./column.ts";
import type { Dataset } from "./dataset.ts";
import type { Expression, FeatureExpression, ReadsOf } from "./expression.ts";
import { type ExpressionScope, findKind, findLength } from "./expression-kind.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import { formatOf } from "./format.ts";
import { infer, type inferred } from "./inferred.ts";
import { reportReadsAhead } from "./knowledge.ts";
import { readOptions } from "./options.ts";
import { notePlace } from "./place.ts";
import { isRecord } from "./plain.ts";
import { type PreprocessingStep, specifySteps, takeSteps, type WrittenStep } from "./preprocessing.ts";
import type { Report } from "./report.ts";
import type { Row } from "./row.ts";
import type { FeaturesSpec } from "./spec.ts";
import type { Duration } from "./units.ts";
import { readExpressions } from "./written.ts";

/** One feature, as data. */
export interface FeatureColumn {
  readonly name: string;
  readonly expression: ExpressionTree;
  /** What is fitted on the training rows, in the order in which it is applied. @default nothing is */
  readonly preprocessing?: readonly WrittenStep[];
}

/** Features by their names. */
export type FeatureRecord = Record<string, FeatureExpression>;

/** A feature set as data. */
export interface FeatureSet {
  readonly kind: "features";
  readonly name: string;
  readonly from: Dataset;
  /** In the order in which they are written, which is the order of a model's inputs. */
  readonly columns: readonly FeatureColumn[];
}

/** A feature set over rows with the values `V`, with its features' types, whose entities have the key `K`. */
export interface Features<V, F extends FeatureRecord, K extends string = string> extends FeatureSet {
  readonly from: Dataset<V, K>;
  /** Never set: it carries the expressions' types. */
  readonly [inferred]: { readonly columns: F };
  /**
   * Joins the set to the examples of another dataset, the spine, as of each example's time: the latest row that has the
   * entity, which `entity` finds from the example. With a dataset that has no key, the latest row of all. Where there is
   * none, or with a `ttl` none that is young enough, the features are null.
   *
   * @param spine the dataset of the training job's first feature set; a set without keys needs none, unless it has options
   * @param entity a value of the spine's row for every key column of this set's dataset
   * @param options how old a row may be
   * @example
   * features: [
   *   routes,
   *   weather.by(flights, (row) => ({ airport: row.origin }), { ttl: "6 hours" }),
   *   market.by(() => ({})),
   * ]
   */
  by<Spine, E extends Entity<V, K>>(
    spine: Dataset<Spine>,
    entity: (row: Row<Spine>) => E,
    options?: JoinOptions,
  ): JoinedFeatures<Spine, F, ReadsOf<E[keyof E]>>;
  by(entity: [K] extends [never] ? () => Record<never, never> : never): JoinedFeatures<never, F>;
}

/** How a set is joined to examples. */
export interface JoinOptions {
  /**
   * How old a row of the joined set may be at the example's time. The features of an older one are null, as if it were
   * not there: a reading of last year says nothing about today. Not shorter than the longest `known` of what is read.
   * @default however old it is
   * @example "6 hours"
   */
  readonly ttl?: Duration;
}

/** A value for every key column of a joined dataset, of its kind. */
type Entity<V, K extends string> = { readonly [C in K]: Expression<NonNullable<V[C & keyof V]>, string> };

/** A feature set joined to the examples of `Spine`; it reads `R` of them. */
export interface JoinedFeatures<Spine = unknown, F extends FeatureRecord = FeatureRecord, R extends string = never> {
  readonly kind: "joined-features";
  readonly set: FeatureSet;
  readonly by: Readonly<Record<string, ExpressionTree>>;
  /** @default however old a row is */
  readonly ttl?: Duration;
  /** Never set: it carries the three types. */
  readonly [inferred]: { readonly spine: Spine; readonly columns: F; readonly reads: R };
}

/**
 * Declares features of a dataset: named expressions over its rows, each a number, a truth, a `category()` or a vector, which
 * is a feature for each of its numbers: `embedding` of three is `embedding_0`, `embedding_1` and `embedding_2`. A number may
 * end in `imputed()` and `scaled()`, a category say what becomes of texts that the training rows do not have: their constants
 * are found in the training rows, belong to that training set and travel with its models. Training jobs take feature sets.
 *
 * @param name lower-case letters, digits and hyphens, at most 63; no other feature set of the project has it
 * @param columns the features by their names, which are letters, digits and underscores
 * @example
 * const routes = features("routes", flights, (row) => ({
 *   hour: row.date.hour(),
 *   origin: row.origin.category(),
 *   originDelay7d: row.delay.mean({ by: row.origin, over: "7 days", lag: "12 hours" }),
 * }));
 */
export function features<V, F extends FeatureRecord, K extends string>(
  name: string,
  from: Dataset<V, K>,
  columns: (row: Row<V>) => F,
): Features<V, F, K> {
  const set: Features<V, F, K> = infer({
    kind: "features",
    name,
    from,
    columns: listColumns(columns),
    by: (...args: readonly unknown[]) => {
      // A set without keys may be told no spine.
      const [entity, options = {}] = typeof args[0] === "function" || args.length === 1 ? args : args.slice(1);
      const { ttl, ...odd }: JoinOptions = readOptions(options as object);
      return infer<JoinedFeatures<never, never>>({
        kind: "joined-features",
        set,
        by: readExpressions(entity),
        ...(ttl !== undefined && { ttl }),
        // For the check of the shape, which knows no other.
        ...(Object.keys(odd).length > 0 && { options: odd }),
      });
    },
  });
  return notePlace(set, features);
}

function listColumns(write: unknown): FeatureColumn[] {
  const expressions = readExpressions(write);
  // What is no object stays as it is, for the check of the shape.
  if (!isRecord(expressions)) return expressions;
  return Object.entries(expressions).map(([name, expression]) => ({ name, ...takeSteps(expression) }));
}

/** The spec of a feature set. Reports what is no feature, and what is read before it is known. */
export function specifyFeatures({ name, from, columns }: FeatureSet, report: Report): FeaturesSpec {
  const written = columns.map((column) => column.name);
  for (const odd of written.filter((one) => !/^[A-Za-z_]\w*$/.test(one))) {
    report({
      code: "name-clash",
      at: `${name}.${odd}`,
      what: `"${odd}" is no name for a feature`,
      expected: "letters, digits and underscores",
    });
  }
  const specs = columns.flatMap(({ name: column, expression, preprocessing: written }): FeatureSpecs => {
    const scope = { dataset: from, at: `${name}.${column}`, report };
    reportReadsAhead(expression, scope);
    const type = findFeatureType(column, expression, scope);
    const preprocessing = specifySteps(written);
    if (type !== undefined && preprocessing) reportSteps(preprocessing, type, scope);
    if (type === "vector") return listNumbers(column, expression, findLength(expression, scope) ?? 0);
    return [{ name: column, type: type ?? "number", expression, ...(preprocessing && { preprocessing }) }];
  });
  reportClashes(
    specs.map((spec) => spec.name),
    name,
    report,
  );
  return { format: formatOf("features"), kind: "features", name, from: from.name, columns: specs };
}

type FeatureSpecs = FeaturesSpec["columns"];

/** The features that a vector becomes: one for each of its numbers. */
function listNumbers(name: string, of: ExpressionTree, length: number): FeatureSpecs {
  return Array.from({ length }, (_, index) => {
    return { name: `${name}_${index}`, type: "number", expression: { op: "at", of, index } };
  });
}

/** Reports steps that a feature of this type cannot end in. */
function reportSteps(
  steps: readonly PreprocessingStep[],
  type: FeatureType | "vector",
  { at, report }: ExpressionScope,
): void {
  for (const { op } of steps) {
    const takes = op === "category" ? "category" : "number";
    if (type === takes) continue;
    report({ code: "expression-invalid", at, what: `"${op}" does not take these values`, got: type, expected: takes });
  }
}

type FeatureType = FeaturesSpec["columns"][number]["type"];

/** The type of a feature; undefined when a problem was reported. */
function findFeatureType(
  name: string,
  expression: ExpressionTree,
  scope: ExpressionScope,
): FeatureType | "vector" | undefined {
  const kind = findKind(expression, scope);
  if (kind !== "string" && kind !== "timestamp") return kind;
  const fix = kind === "string" ? "use .category()" : "use .hour(), .dayOfWeek() or another of its parts";
  const what = `feature "${name}" is a bare ${kind}`;
  scope.report({
    code: "feature-kind",
    at: scope.at,
    what,
    expected: "a number, a boolean, a category or a vector",
    fix,
  });
  return undefined;
}

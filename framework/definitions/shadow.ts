/**
 * Shadows: models that are asked beside an endpoint's own, and whose answers nobody sees.
 * @module
 */
import { listColumns } from "./column.ts";
import type { Endpoint } from "./endpoint.ts";
import { listReads } from "./expression-kind.ts";
import type { Wrong } from "./inferred.ts";
import { findClasses } from "./label-classes.ts";
import type { Model } from "./model.ts";
import type { Report } from "./report.ts";
import type { ShadowSpec } from "./rollout-spec.ts";
import type { ColumnSpec } from "./spec.ts";
import type { TrainingJob } from "./training-job.ts";
import { findTask } from "./training-job-spec.ts";

/** A shadow that is asked for a part of the answers. */
export interface Shadow<M = Model> {
  /**
   * The model that is asked.
   * @example challenger
   */
  readonly model: M;
  /**
   * The share of answers that it is asked for too, more than 0 and at most 1. Which ones depends on their ids alone.
   * @default 1
   * @example 0.1
   */
  readonly share?: number;
}

/** A shadow as it is written: a model that is asked for all answers, or with its share. */
export type WrittenShadow = Model | Shadow;

/** What a shadow of an endpoint may be whose model answers with `L` to a `Request`. */
export type ShadowOf<S, L, Request> =
  S extends Model<infer OwnL, infer OwnRequest>
    ? Fitting<S, OwnL, OwnRequest, L, Request>
    : S extends { readonly model: infer M }
      ? M extends Model<infer OwnL, infer OwnRequest>
        ? Shadow<Fitting<M, OwnL, OwnRequest, L, Request>>
        : Shadow
      : WrittenShadow;

type Fitting<M, OwnL, OwnRequest, L, Request> = [OwnL] extends [L]
  ? [Request] extends [OwnRequest]
    ? M
    : Wrong<"the shadow reads columns that a request of the endpoint does not bring">
  : Wrong<"the shadow answers with another type than the endpoint's model">;

/** A shadow with its share. */
export function readShadow(written: WrittenShadow): { readonly model: Model; readonly share: number } {
  return "kind" in written ? { model: written, share: 1 } : { share: 1, ...written };
}

/** The specs of an endpoint's shadows. Reports those that cannot answer what its own model does. */
export function specifyShadows({ name, model, shadow = [] }: Endpoint, report: Report): readonly ShadowSpec[] {
  const shadows = shadow.map(readShadow);
  for (const [i, { model: asked }] of shadows.entries()) {
    const say = (what: string, more: { readonly got?: string; readonly expected?: string; readonly fix: string }) =>
      report({ code: "shadow-unfit", at: `${name}.shadow[${i}]`, what, ...more });
    if (asked.name === model.name) {
      say(`model "${asked.name}" is the endpoint's own`, { fix: "name another model" });
      continue;
    }
    if (shadows.findIndex((other) => other.model.name === asked.name) < i)
      say(`model "${asked.name}" is named twice`, { fix: "leave one out" });
    const [own, others] = [describeLabel(model.training), describeLabel(asked.training)];
    if (own !== others)
      say(`model "${asked.name}" answers with another type than the endpoint's model`, {
        got: others,
        expected: own,
        fix: "name a model of the same label",
      });
    const brought = listRequestColumns(model.training);
    const missing = listRequestColumns(asked.training).filter((column) => !brought.some((one) => isSame(one, column)));
    if (missing.length > 0)
      say(`model "${asked.name}" reads columns that a request of the endpoint does not bring`, {
        got: missing.map((column) => column.name).join(", "),
        expected: brought.map((column) => column.name).join(", "),
        fix: "name a model that reads no more at the event",
      });
  }
  return shadows.map(({ model: { name: asked }, share }) => ({ model: asked, share }));
}

function describeLabel(job: TrainingJob): string {
  const task = findTask(job);
  const classes = task === "multiclass" ? findClasses(job.label, job.spine.from) : undefined;
  const words = { binary: "a boolean", multiclass: "one of several classes", regression: "a number" } as const;
  return classes ? `one of ${classes.join(", ")}` : task ? words[task] : "nothing that is known";
}

/** What a caller brings for a job's models: the columns that are read at the event, of a window what names its entity. */
function listRequestColumns({ spine, joined }: TrainingJob): readonly ColumnSpec[] {
  const { name, schema, eventTime } = spine.from;
  const own = joined.filter(({ set, by }) => set.from.name === name && Object.keys(by).length === 0);
  const trees = [
    ...[spine, ...own.map(({ set }) => set)].flatMap(({ columns }) => columns.map(({ expression }) => expression)),
    ...joined.flatMap(({ by }) => Object.values(by)),
  ];
  const read = new Set(
    trees.flatMap((tree) => listReads(tree)).flatMap(({ column, lag }) => (lag === undefined ? [column] : [])),
  );
  return listColumns(schema).filter((column) => column.name === eventTime || read.has(column.name));
}

/** Whether a value that one column takes is one that the other takes, and means the same. */
function isSame(a: ColumnSpec, b: ColumnSpec): boolean {
  const [one, other] = [a, b].map(({ known: _k, description: _d, unit: _u, protected: _p, pii: _i, ...rest }) => rest);
  return toCanonicalText(one) === toCanonicalText(other);
}

function toCanonicalText(value: object | undefined): string {
  return JSON.stringify(Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}

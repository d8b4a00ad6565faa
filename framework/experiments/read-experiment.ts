/**
 * The summary of an experiment, read from its endpoint's log and labels.
 * @module
 */
import type { DuckDb } from "../data/duckdb.ts";
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import { toSeconds } from "../definitions/units.ts";
import { type FeedbackLogs, joinLogs } from "../feedback/feedback-view.ts";
import { type LabelledRow, streamLabelled } from "../feedback/join-labels.ts";
import { type ModelPackage, modelPackageSchema } from "../models/model-package.ts";
import { unlessLost } from "../store/unless-lost.ts";
import type { ExperimentSummary } from "./experiment-summary.ts";
import { toUnitRow } from "./labelled-units.ts";
import { summariseUnits } from "./summarise-units.ts";
import { UnitRows } from "./unit-rows.ts";

export interface ReadingTerms {
  readonly experiment: ExperimentSpec;
  /** As of when, in milliseconds since 1970: nothing that was recorded later is read. */
  readonly asOf: number;
  /** When the experiment began, in milliseconds since 1970. @default with the first answer of an arm */
  readonly begun?: number | undefined;
  /**
   * Since when its arms answer, in milliseconds since 1970: what the log has of arms of the same names before then is another experiment's.
   * @default all that the log has is of this one
   */
  readonly since?: number | undefined;
  /** Ends it early with its reason. @default it runs to its end */
  readonly signal?: AbortSignal;
}

export interface ReadExperiment {
  readonly summary: ExperimentSummary;
  /** Answers of an arm that were for nobody in particular, and so count for no unit. */
  readonly unnamed: number;
}

/** Reads the units of an experiment as of a moment, and gathers them. What is slow or failed no log says: see `addEvidence`. */
export async function readExperiment(
  db: DuckDb,
  logs: FeedbackLogs,
  { experiment, asOf, begun, since = Number.NEGATIVE_INFINITY, signal }: ReadingTerms,
): Promise<ReadExperiment> {
  await joinLogs(db, logs, { asOf });
  const arms = new Set(experiment.arms.map(({ name }) => name));
  const classes = new Map<string, ModelPackage["classes"]>();
  const from = Math.max(begun ?? since, since);
  const rows = new UnitRows(toSeconds(experiment.window) * 1000);
  let first = asOf;
  let unnamed = 0;
  for await (const row of streamLabelled(db, signal)) {
    if (row.isShadow || !arms.has(row.variant ?? "") || row.time < from) continue;
    if (logs.task === "multiclass" && !classes.has(row.package)) classes.set(row.package, await findClasses(logs, row));
    const found = toUnitRow(row, experiment, { task: logs.task, classesOf: (digest) => classes.get(digest) });
    if (!found) unnamed += 1;
    else {
      first = Math.min(first, found.at);
      rows.add(found);
    }
  }
  const summary = summariseUnits(rows.list(), {
    endpoint: logs.endpoint,
    experiment,
    begun: begun ?? first,
    asOf,
    matures: toSeconds(logs.feedback.matures) * 1000,
  });
  return { summary, unnamed };
}

/** The classes of the package that answered; nothing where it is in the store no more. */
async function findClasses(
  { store }: Pick<FeedbackLogs, "store">,
  { package: digest }: LabelledRow,
): Promise<ModelPackage["classes"]> {
  return (await unlessLost(store.getJson(digest, modelPackageSchema)))?.classes;
}

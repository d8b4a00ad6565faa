/**
 * What an endpoint's labels say of its answers as of a moment: its cohorts, each measured on those of its answers whose labels are final.
 * @module
 */
import type { DuckDb } from "../data/duckdb.ts";
import type { FeedbackSpec } from "../definitions/feedback-spec.ts";
import type { Task } from "../definitions/metric.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import { toSeconds } from "../definitions/units.ts";
import { type ModelPackage, modelPackageSchema } from "../models/model-package.ts";
import { feedbackStream } from "../serving/feedback/feedback-log.ts";
import { requestStream } from "../serving/log/open-log.ts";
import type { Store } from "../store/store.ts";
import { unlessLost } from "../store/unless-lost.ts";
import { type CohortCounts, Cohorts, type CohortTerms } from "./cohorts.ts";
import { relateDatasetLabels } from "./dataset-labels.ts";
import { joinLabels, streamLabelled } from "./join-labels.ts";
import { countLabels, type LabelCounts } from "./label-counts.ts";
import { relateLog } from "./log-relation.ts";
import { type Measured, measureCohort } from "./measure-cohort.ts";
import { revealLabels } from "./reveal-labels.ts";

/** The logs of an endpoint, and what it declares of its labels. */
export interface FeedbackLogs {
  readonly endpoint: string;
  readonly feedback: FeedbackSpec;
  readonly task: Task;
  readonly store: Store;
  /** The folder with the segments of this machine. @default there are none */
  readonly folder?: string | undefined;
  /** The dataset whose rows are labels, as it is declared. @default as its live version has it, where there is one */
  readonly dataset?: DatasetSpec | undefined;
  /** What labels were hashed or encrypted with, 64 hexadecimal digits; secret. @default such labels are not known */
  readonly logKey?: string | undefined;
}

export interface ViewTerms {
  /** As of when, in milliseconds since 1970. */
  readonly asOf: number;
  /** How long the stretches are into which answers are divided, in milliseconds. */
  readonly window: number;
  /** The names of the model's metrics. */
  readonly metrics: readonly string[];
  /** Ends it early with its reason. @default it runs to its end */
  readonly signal?: AbortSignal;
}

/** A cohort as it was measured. */
export interface MeasuredCohort extends CohortCounts, Measured {}

export interface FeedbackView {
  readonly labels: LabelCounts;
  /** Labels that are not known: the key of their person was removed, or the stack's is another one. */
  readonly sealed: number;
  readonly cohorts: readonly MeasuredCohort[];
}

/** Which answers are joined, and with what of their labels. */
export interface JoinTerms {
  /** As of when labels are, in milliseconds since 1970. */
  readonly asOf: number;
  /** Since when answers were given, in milliseconds since 1970; older parts of the log are not read. @default all that there are */
  readonly since?: number;
  /** What else is asked of answers, as SQL over the columns of the log. @default nothing */
  readonly where?: string;
}

/** Joins the answers of an endpoint with what was known of their labels at a moment, as `joinLabels` says. @returns how many labels stay sealed */
export async function joinLogs(
  db: DuckDb,
  logs: FeedbackLogs,
  { asOf, since, where = "TRUE" }: JoinTerms,
): Promise<Pick<FeedbackView, "sealed">> {
  const { endpoint, feedback, task, store, folder, dataset, logKey } = logs;
  const relate = (stream: string, from?: number) =>
    relateLog(db, { address: { endpoint, stream }, folder, store, since: from });
  const from = feedback.from;
  const rows = from && (await relateDatasetLabels(db, { ...(dataset && { spec: dataset }), from, asOf, store }));
  const revealing = { label: feedback.label, asOf, entries: store.entries, logKey };
  const { labels, sealed } = await revealLabels(db, await relate(feedbackStream), revealing);
  const asked = [...(since === undefined ? [] : [`epoch_ms(time) >= ${since}`]), where].join(" AND ");
  const sources = { answers: `SELECT * FROM (${await relate(requestStream, since)}) WHERE ${asked}`, labels };
  await joinLabels(
    db,
    { ...sources, ...(rows !== undefined && { dataset: rows }) },
    { task, label: feedback.label, asOf },
  );
  return { sealed };
}

/** Reads the view of an endpoint's labels as of a moment. */
export async function readFeedbackView(db: DuckDb, logs: FeedbackLogs, terms: ViewTerms): Promise<FeedbackView> {
  const { feedback, task, store } = logs;
  const { asOf, window, metrics, signal } = terms;
  const { sealed } = await joinLogs(db, logs, { asOf });
  const cohortTerms: CohortTerms = {
    asOf,
    window,
    matures: toSeconds(feedback.matures) * 1000,
    observed: feedback.observed,
  };
  const cohorts = new Cohorts(cohortTerms);
  for await (const row of streamLabelled(db, signal)) cohorts.add(row);
  const measured: MeasuredCohort[] = [];
  for (const { rows, ...counts } of cohorts.list()) {
    signal?.throwIfAborted();
    const classes = task === "multiclass" ? await findClasses(store, counts.package) : undefined;
    measured.push({ ...counts, ...(await measureCohort({ rows }, { task, metrics, classes, signal })) });
  }
  return { labels: await countLabels(db), sealed, cohorts: measured };
}

/** The classes of a package that answered; nothing where it is in the store no more. */
async function findClasses(store: Pick<Store, "getJson">, digest: string): Promise<ModelPackage["classes"]> {
  return (await unlessLost(store.getJson(digest, modelPackageSchema)))?.classes;
}

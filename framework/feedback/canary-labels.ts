/**
 * What the matured labels of an endpoint's answers say of a canary and of the champion beside it: of the answers that were given since a
 * step of the canary began, and that callers did not choose the version of.
 * @module
 */
import type { DuckDb } from "../data/duckdb.ts";
import { quoteText } from "../data/sql.ts";
import type { FeedbackSpec } from "../definitions/feedback-spec.ts";
import { toSeconds } from "../definitions/units.ts";
import { type ModelPackage, modelPackageSchema } from "../models/model-package.ts";
import type { LabelEvidence, VersionLabels } from "../serving/variants/judge-labels.ts";
import type { Store } from "../store/store.ts";
import { unlessLost } from "../store/unless-lost.ts";
import { judgeRow } from "./cohorts.ts";
import { joinLogs } from "./feedback-view.ts";
import { streamLabelled } from "./join-labels.ts";
import { GrowingValues } from "./labelled-values.ts";
import { measureCohort } from "./measure-cohort.ts";

/** A release. */
interface ReleasedVersion {
  readonly version: number;
  /** The digest of its package. */
  readonly package: string;
}

export interface CanaryLabelTerms {
  readonly endpoint: string;
  readonly feedback: FeedbackSpec;
  readonly store: Store;
  /** The names of metrics. */
  readonly metrics: readonly string[];
  /** When the step began, and the moment as of which labels are read, in milliseconds since 1970. */
  readonly since: number;
  readonly asOf: number;
  readonly canary: ReleasedVersion;
  readonly champion: ReleasedVersion;
  /** What labels were hashed or encrypted with, 64 hexadecimal digits; secret. @default such labels are not known */
  readonly logKey?: string | undefined;
  /** Ends it early with its reason. @default it runs to its end */
  readonly signal?: AbortSignal;
}

/** The most numbers that are kept of one version's answers, some 32 MB: rows that were answered later are left out. */
const mostNumbers = 4_000_000;

interface Measured {
  readonly released: ReleasedVersion;
  /** @default it is in the store no more, and nothing is known of its answers */
  readonly found: ModelPackage | undefined;
  readonly rows: GrowingValues;
}

/** Reads and measures the labels that the store has. What a server has not brought there yet counts when it has. */
export async function readCanaryLabels(db: DuckDb, terms: CanaryLabelTerms): Promise<LabelEvidence> {
  const { feedback, store, metrics, since, asOf, signal } = terms;
  const [canary, champion] = await Promise.all([load(store, terms.canary), load(store, terms.champion)]);
  const task = canary.found?.task ?? champion.found?.task;
  if (task === undefined) return { canary: { labels: 0, values: {} }, champion: { labels: 0, values: {} } };
  await joinLogs(db, { ...terms, task }, { asOf, since, where: whereOf([terms.canary, terms.champion]) });
  const maturity = { asOf, matures: toSeconds(feedback.matures) * 1000, window: 1 };
  for await (const row of streamLabelled(db, signal)) {
    const own = [canary, champion].find(({ released }) => isOf(row, released));
    if (!own || row.label === undefined) continue;
    const { isMature, isFlagged } = judgeRow(row, maturity);
    // Labels that an answer itself let happen are of rows that the version chose.
    if (!isMature || isFlagged) continue;
    if (own.rows.predictions.length < mostNumbers) own.rows.add({ predictions: row.predictions, label: row.label });
  }
  const measure = async ({ found, rows }: Measured): Promise<VersionLabels> => {
    if (!found) return { labels: 0, values: {} };
    const asked = { task, metrics, classes: found.classes, replicates: 0, signal };
    const { metrics: measured, strange } = await measureCohort({ rows }, asked);
    return {
      labels: rows.labels.length + rows.odd - strange,
      values: Object.fromEntries(measured.map(({ metric, value }) => [metric, value])),
    };
  };
  return { canary: await measure(canary), champion: await measure(champion) };
}

async function load(store: Store, released: ReleasedVersion): Promise<Measured> {
  const found = await unlessLost(store.getJson(released.package, modelPackageSchema));
  return { released, found, rows: new GrowingValues() };
}

/** The answers of these versions that callers were given, and had not asked a version for. */
function whereOf(versions: readonly ReleasedVersion[]): string {
  const said = (field: string) => `json_extract_string(more, ${quoteText(`$.${field}`)})`;
  const packages = versions.map((one) => quoteText(one.package)).join(", ");
  return `package IN (${packages}) AND ${said("named")} IS NULL AND ${said("shadow")} IS NULL`;
}

function isOf(
  row: { readonly version: string; readonly package: string },
  { version, package: digest }: ReleasedVersion,
): boolean {
  return row.version === String(version) && row.package === digest;
}

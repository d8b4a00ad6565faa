/**
 * Ingest: from a file to a version of a dataset. Every row is read once, converted, checked against the contract and put in
 * order; the good rows become Parquet parts in the store, the others go into quarantine with their reasons, and the
 * manifest that names them all is the version.
 *
 * The same source and spec give the same version, byte for byte: rows lie in the order of event time and then of all other
 * columns, parts are cut at every 1,048,576th row, and one version of DuckDB writes the same Parquet whatever the machine.
 * @module
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { StewardError } from "../definitions/problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { Digest } from "../plan/digest.ts";
import type { Reference } from "../store/reference.ts";
import { type CheckPlan, planCheck, readFindings } from "./check.ts";
import type { DatasetVersion } from "./dataset-version.ts";
import { copyToParquet, type DuckDb, withDuckDb } from "./duckdb.ts";
import { fingerprintSource } from "./fingerprint.ts";
import type { OnProgress } from "./progress.ts";
import { type Findings, judgeFindings } from "./refusal.ts";
import { openSource, readingSource } from "./source.ts";

const rowsPerPart = 1_048_576;
/** How often progress within the check is told, in milliseconds. */
const progressInterval = 500;

export interface IngestOptions {
  readonly spec: DatasetSpec;
  /** The path of the source's file. */
  readonly location: string;
  /** What the source's digest was when this ingest was decided; another one is refused. */
  readonly fingerprint: Digest;
  readonly store: PartStore;
  /** Takes what does not fit in memory: a few times the source's size. Left as it was found. */
  readonly workFolder: string;
  /** Ends the work; the promise is rejected with its reason. @default nothing does */
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phases `checking`, in percent, and `storing`, in rows. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
}

/** What an ingest needs of the store. */
interface PartStore {
  putFile(path: string): Promise<Reference>;
  putJson(value: unknown): Promise<Reference>;
}

export interface Ingested {
  /** The digest of the version's canonical bytes, by which the store has it. */
  readonly root: Digest;
  readonly version: DatasetVersion;
  /** Columns of the source that the schema lacks; they were not read. */
  readonly dropped: readonly string[];
}

/**
 * Takes a source into the store as a version of its dataset.
 *
 * @throws StewardError when the source is not what was fingerprinted, cannot be read, lacks columns, or breaks the contract
 * in more rows than it tolerates: then with every reason, its count and its first rows.
 */
export async function ingest(options: IngestOptions): Promise<Ingested> {
  const { spec, location, store, workFolder, signal, onProgress } = options;
  const work = async (db: DuckDb): Promise<Ingested> => {
    await expectFingerprint(options);
    const source = await openSource(db, spec, location);
    const plan = planCheck(spec, source);
    await readingSource({ at: `${spec.name}.source`, file: location }, () => check(db, plan, onProgress));
    // Between the first look and the last row another file may have come.
    await expectFingerprint(options);
    const findings = await readFindings(db, spec, plan);
    const refusal = judgeFindings(spec, findings, location);
    if (refusal) throw refusal;
    const version = await storeRows(db, { options, plan, findings });
    const { sha256: root } = await store.putJson(version);
    return { root, version, dropped: source.dropped };
  };
  return withDuckDb(workFolder, work, signal ? { signal } : {});
}

async function expectFingerprint({ spec, location, fingerprint }: IngestOptions): Promise<void> {
  const got = await fingerprintSource(location);
  if (got === fingerprint) return;
  throw new StewardError({
    code: "source-changed",
    at: `${spec.name}.source`,
    file: location,
    what: "The source is not the one that was to be taken in",
    got,
    expected: fingerprint,
    fix: "run `npx pulumi up` again: it takes in what is there now",
  });
}

async function check(db: DuckDb, plan: CheckPlan, onProgress: OnProgress | undefined): Promise<void> {
  const tell = (done: number) => onProgress?.({ phase: "checking", done, total: 100, unit: "percent" });
  const telling = setInterval(() => tell(Math.floor(db.progress())), progressInterval);
  try {
    await db.run(plan.statement);
  } finally {
    clearInterval(telling);
  }
  tell(100);
}

const spanRow = z.object({ from: z.string(), to: z.string() });

async function storeRows(
  db: DuckDb,
  { options, plan, findings }: { options: IngestOptions; plan: CheckPlan; findings: Findings },
): Promise<DatasetVersion> {
  const { spec, fingerprint, store, onProgress } = options;
  const rows = findings.rows - findings.broken;
  const storeQuery = async (name: string, query: string): Promise<Reference> => {
    const path = join(db.folder, `${name}.parquet`);
    await db.run(copyToParquet(query, path));
    const reference = await store.putFile(path);
    await rm(path);
    return reference;
  };

  const parts: DatasetVersion["parts"] = [];
  for (let start = 0; start < rows; start += rowsPerPart) {
    const end = Math.min(start + rowsPerPart, rows);
    const query = `SELECT ${plan.values} FROM checked WHERE rowid >= ${start} AND rowid < ${end} ORDER BY rowid`;
    parts.push({ object: await storeQuery(`part-${parts.length}`, query), rows: end - start });
    onProgress?.({ phase: "storing", done: end, total: rows, unit: "rows" });
  }
  const [span] = await db.rows(
    `SELECT ${showTime(`min(${plan.time})`)} AS "from", ${showTime(`max(${plan.time})`)} AS "to" FROM checked WHERE broken IS NULL`,
    spanRow,
  );
  const { name: dataset, columns, eventTime, key } = spec;
  const version = {
    format: formatOf("dataset-version"),
    dataset,
    columns,
    eventTime,
    key,
    parts,
    rows,
    from: "",
    to: "",
    ...span,
    fingerprint,
  };
  if (findings.broken === 0) return version;
  const query = `SELECT ${plan.quarantined} FROM checked WHERE rowid >= ${rows} ORDER BY position`;
  const reasons = findings.breaches.map(({ column, reason, rows }) => ({ column, reason, rows }));
  return { ...version, quarantine: { object: await storeQuery("quarantine", query), rows: findings.broken, reasons } };
}

/** RFC 3339 in UTC, with a fraction of a second only where there is one. */
function showTime(timestamp: string): string {
  return `regexp_replace(strftime(${timestamp}, '%Y-%m-%dT%H:%M:%S.%f'), '\\.?0*$', '') || 'Z'`;
}

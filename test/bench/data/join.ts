/**
 * How long a point-in-time join takes: Steward's, from an index that was built once, beside joins that sort or hash every
 * time. All read Parquet files and make a table; what they found is counted and added up, and must agree.
 * @module
 */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { copyToParquet, type DuckDb, withDuckDb } from "../../../framework/data/duckdb.ts";
import { quotePath } from "../../../framework/data/sql.ts";
import type { ExpressionTree } from "../../../framework/definitions/expression-tree.ts";
import type { DatasetSpec, FeaturesSpec, TrainingJobSpec } from "../../../framework/definitions/spec.ts";
import { provideIndex } from "../../../framework/features/as-of/index-cache.ts";
import { joinAsOf } from "../../../framework/features/as-of/join-as-of.ts";
import { compileExamples, type FeatureSource } from "../../../framework/features/compile-examples.ts";
import { median } from "../plan/measure.ts";
import { runPeer } from "./peers.ts";

export interface JoinBench {
  readonly spineRows: number;
  readonly featureRows: number;
  readonly entities: number;
  /** Turns that count; one before them does not. */
  readonly repeats: number;
  /** Peers that take minutes are run once, and only when asked for. @default [] */
  readonly slowPeers?: readonly "feast"[];
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** The size of the published figures. */
export const fullJoin = { spineRows: 1_000_000, featureRows: 10_000_000, entities: 100_000, repeats: 5 } as const;

/** What a join found, with the seconds that it took. */
const outcomeSchema = z.object({ seconds: z.number(), rows: z.coerce.number(), checksum: z.coerce.number() });
type Outcome = z.output<typeof outcomeSchema>;

/** One way to join. */
interface Contender {
  readonly name: string;
  join(): Promise<Outcome>;
}

/** How many times as long a peer takes, by its name. */
export type JoinRatios = ReadonlyMap<string, number>;

/** Generates data in a temporary folder, times every contender in turns, and prints what each took. */
export async function benchJoin(options: JoinBench): Promise<JoinRatios> {
  const { repeats, slowPeers = [], signal, print } = options;
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-join-"));
  try {
    const data = await generate(folder, options);
    const steward = await prepareSteward(data, { ...options, folder });
    const contenders: readonly Contender[] = [
      steward,
      { name: "duckdb asof", join: () => joinInDuckDb(folder, data.spine, data.features) },
      { name: "duckdb asof, presorted", join: () => joinInDuckDb(folder, data.spine, data.sorted) },
    ];
    const slow: readonly Contender[] = slowPeers.map((peer) => ({
      name: peer,
      join: async () => {
        const args = [data.spine, data.features];
        return outcomeSchema.parse(await runPeer(peer, { program: `${peer}_join.py`, args, signal }));
      },
    }));
    const times = await takeTurns(contenders, { repeats, signal });
    for (const [name, seconds] of await takeTurns(slow, { repeats: 0, signal, expected: times.expected }).then(
      (taken) => taken.seconds,
    ))
      times.seconds.set(name, seconds);
    const own = median(times.seconds.get(steward.name) ?? []);
    for (const [name, seconds] of times.seconds) {
      const middle = median(seconds);
      const all = seconds.map((each) => each.toFixed(2)).join(" ");
      print(
        `${name.padEnd(24)} median ${middle.toFixed(2).padStart(7)} s  ${(middle / own).toFixed(1)} times   ${all}`,
      );
    }
    return new Map([...times.seconds].map(([name, seconds]) => [name, median(seconds) / own]));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Taken {
  readonly seconds: Map<string, number[]>;
  readonly expected: Outcome | undefined;
}

/** Runs all in turns; the first turn only counts where it is the only one. */
async function takeTurns(
  contenders: readonly Contender[],
  { repeats, signal, ...given }: { repeats: number; signal: AbortSignal; expected?: Outcome | undefined },
): Promise<Taken> {
  const seconds = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  let { expected } = given;
  for (let turn = 0; turn <= repeats; turn++) {
    for (const { name, join: run } of contenders) {
      signal.throwIfAborted();
      const outcome = await run();
      expected ??= outcome;
      requireSame(name, outcome, expected);
      if (turn > 0 || repeats === 0) seconds.get(name)?.push(outcome.seconds);
    }
  }
  return { seconds, expected };
}

/**
 * The oracle: as many rows, and the same sum as far as the order of adding up lets it be the same. Feast leaves out examples
 * that find nothing, which the sum does not miss.
 */
function requireSame(name: string, outcome: Outcome, expected: Outcome): void {
  const off = Math.abs(outcome.checksum - expected.checksum) / Math.abs(expected.checksum);
  const isWhole = name === "feast" ? outcome.rows <= expected.rows : outcome.rows === expected.rows;
  if (isWhole && off < 1e-9) return;
  throw new Error(
    `${name} found ${outcome.rows} rows with the sum ${outcome.checksum}, not ${expected.rows} with ${expected.checksum}`,
  );
}

interface Data {
  readonly spine: string;
  readonly features: string;
  /** The features, sorted by entity and time. */
  readonly sorted: string;
}

const featureNames = ["f0", "f1", "f2", "f3", "f4"];
const quarter = 90 * 86_400 * 1_000_000;

async function generate(folder: string, { spineRows, featureRows, entities }: JoinBench): Promise<Data> {
  const paths = {
    spine: join(folder, "spine.parquet"),
    features: join(folder, "features.parquet"),
    sorted: join(folder, "sorted.parquet"),
  };
  const random = (salt: number, below: number) => `CAST(hash(i * 31 + ${salt}) % ${below} AS BIGINT)`;
  const at = (salt: number) => `TIMESTAMP '2024-01-01' + to_microseconds(${random(salt, quarter)}) AS "at"`;
  const values = featureNames.map((name, i) => `${random(10 + i, 1_000_000)} / 1e3 AS ${name}`);
  const rows = (columns: readonly string[], count: number) =>
    `SELECT ${columns.join(", ")} FROM range(${count}) AS t(i)`;
  await withDuckDb(folder, async (db) => {
    const spine = [`${random(1, entities)} AS entity`, at(2), "CAST(i % 2 AS DOUBLE) AS label"];
    await db.run(copyToParquet(rows(spine, spineRows), paths.spine));
    await db.run(
      copyToParquet(rows([`${random(3, entities)} AS entity`, at(4), ...values], featureRows), paths.features),
    );
    await db.run(
      copyToParquet(`SELECT * FROM read_parquet(${quotePath(paths.features)}) ORDER BY entity, "at"`, paths.sorted),
    );
  });
  return paths;
}

function joinInDuckDb(folder: string, spine: string, features: string): Promise<Outcome> {
  return withDuckDb(folder, (db) =>
    timeTable(db, async () =>
      db.run(`CREATE TEMP TABLE examples AS
        SELECT s."at", s.label, ${featureNames.map((name) => `f.${name}`).join(", ")}
        FROM read_parquet(${quotePath(spine)}) AS s
        ASOF LEFT JOIN read_parquet(${quotePath(features)}) AS f ON s.entity = f.entity AND s."at" >= f."at"`),
    ),
  );
}

/** Builds the index, which is not part of a join, and says what that took. */
async function prepareSteward(
  data: Data,
  { folder, signal, print, spineRows, featureRows }: JoinBench & { readonly folder: string },
): Promise<Contender> {
  const [spine, joined] = [datasetSpec("spine", ["label"], []), datasetSpec("readings", featureNames, ["entity"])];
  const set = featuresSpec("readings", featureNames);
  const source = { set, dataset: { spec: joined, files: [data.features], rows: featureRows } };
  const start = performance.now();
  const index = await provideIndex(
    join(folder, "indexes"),
    { ...source, digests: ["readings"] },
    { workFolder: folder, signal },
  );
  const built = (performance.now() - start) / 1000;
  const sizes = await Promise.all((await readdir(index.folder)).map((name) => stat(join(index.folder, name))));
  const size = sizes.reduce((sum, one) => sum + one.size, 0);
  print(`the index of ${featureRows} rows took ${built.toFixed(1)} s, once, and ${Math.round(size / 2 ** 20)} MiB`);
  const sources: [FeatureSource, FeatureSource] = [
    {
      set: featuresSpec("spine", []),
      dataset: { spec: spine, files: [data.spine], rows: spineRows },
      join: { by: {} },
    },
    { ...source, index, join: { by: { entity: column("entity") } } },
  ];
  const compiled = compileExamples(trainingJob(sources), sources);
  const run = (db: DuckDb) =>
    timeTable(db, async () => {
      for (const { sql } of compiled.steps) await db.run(sql);
      await joinAsOf(db, compiled, { signal });
    });
  return { name: "steward", join: () => withDuckDb(folder, run, { signal }) };
}

/** Times what makes the table `examples`, and adds up what is in it. */
async function timeTable(db: DuckDb, make: () => Promise<void>): Promise<Outcome> {
  const start = performance.now();
  await make();
  const seconds = (performance.now() - start) / 1000;
  const sum = featureNames.map((name) => `coalesce(sum(${name}), 0)`).join(" + ");
  const [found] = await db.rows(
    `SELECT ${seconds} AS seconds, count(*) AS rows, ${sum} AS checksum FROM examples`,
    outcomeSchema.extend({ seconds: z.coerce.number() }),
  );
  if (!found) throw new TypeError("a count has no row");
  return found;
}

function column(name: string): ExpressionTree {
  return { op: "column", name };
}

function datasetSpec(name: string, numbers: readonly string[], key: string[]): DatasetSpec {
  const given = (column: string, type: DatasetSpec["columns"][number]["type"]) => ({
    name: column,
    type,
    nullable: false,
    known: "0 seconds",
  });
  return {
    format: "dataset/1",
    kind: "dataset",
    name,
    owner: "bench",
    columns: [given("entity", "integer"), given("at", "timestamp"), ...numbers.map((one) => given(one, "number"))],
    eventTime: "at",
    key,
    source: { kind: "file", format: "parquet", path: `${name}.parquet` },
    contract: { violations: "reject", tolerance: 0 },
  };
}

function featuresSpec(name: string, columns: readonly string[]): FeaturesSpec {
  const numbers = columns.map((one) => ({ name: one, type: "number" as const, expression: column(one) }));
  return { format: "features/1", kind: "features", name, from: name, columns: numbers };
}

function trainingJob(sources: readonly FeatureSource[]): TrainingJobSpec {
  return {
    format: "training-job/1",
    kind: "training-job",
    name: "bench",
    features: sources.map(({ set, join: how }) => ({ set: set.name, ...how })),
    label: column("label"),
    task: "regression",
    split: { test: "1 day", validation: "0 seconds", gap: "0 seconds" },
    trainer: { kind: "python", file: "train.py", lock: "requirements.lock" },
    params: {},
    seed: 0,
    resources: { cpu: 1, memory: "1 GiB" },
  };
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase, openLookups, type Sql } from "../../../framework/tracking/database.ts";
import { trackingAreas } from "../../../framework/tracking/parts.ts";
import { printRuns } from "../../../framework/tracking/runs/read-runs.ts";
import { findRuns, type RunSearch } from "../../../framework/tracking/search/find-runs.ts";
import { readRunFilter, readRunOrders } from "../../../framework/tracking/search/run-search.ts";
import { usePostgres } from "../../support/postgres.ts";

const given = usePostgres();
let sql: Sql;
let lookups: Sql;
beforeAll(async () => {
  sql = await openDatabase({ url: given.url, areas: trackingAreas });
  lookups = openLookups(given.url, 2);
  await fill();
}, 120_000);
afterAll(() => Promise.all([sql?.end(), lookups?.end()]));

/** More than are walked before the rest is looked up. */
const count = 5_000;
const long = "x".repeat(70);

interface Kept {
  readonly id: string;
  readonly start: number;
  /** Half of them have a value that 99 others have as well, each tenth has NaN, and each seventh has none. */
  readonly score: number | undefined;
  readonly loss: number;
  readonly depth: string;
  readonly note: string;
  /** Nine of ten have one value. */
  readonly kind: string;
  readonly deleted: boolean;
}

const runs: readonly Kept[] = Array.from({ length: count }, (_, n) => ({
  id: `run-${String((n * 7919) % count).padStart(5, "0")}`,
  start: (n * 31) % 1_000,
  score: n % 7 === 0 ? undefined : n % 10 === 0 ? Number.NaN : n % 2 === 0 ? Math.floor(n / 200) : (n * 13) % count,
  loss: (n * 17) % 100,
  depth: String(n % 10),
  note: n % 3 === 0 ? `${long}${n % 2}` : long,
  kind: n % 10 === 3 ? "rare" : "usual",
  deleted: n % 50 === 0,
}));

async function fill() {
  const columns = <K extends keyof Kept>(key: K) => runs.map((run) => run[key]);
  const ids = columns("id");
  await sql`
    INSERT INTO runs (run_id, experiment_id, name, status, user_id, actor, start_time, artifact_uri, lifecycle_stage)
    SELECT id, 0, id, 'RUNNING', '', '', start, '', CASE WHEN deleted = 'true' THEN 'deleted' ELSE 'active' END
    FROM unnest(${ids}::text[], ${columns("start")}::bigint[], ${columns("deleted").map(String)}::text[]) AS g(id, start, deleted)`;
  const metric = async (key: string, values: readonly (number | undefined)[]) => {
    const own = values.flatMap((value, index) => (value === undefined ? [] : [{ id: ids[index] ?? "", value }]));
    await sql`
      INSERT INTO latest_metrics (run_id, key, experiment_id, value, step, timestamp)
      SELECT id, ${key}, 0, value, 1, 2 FROM unnest(${own.map(({ id }) => id)}::text[], ${own.map(({ value }) => value)}::float8[]) AS g(id, value)`;
  };
  await metric("score", columns("score"));
  await metric("loss", columns("loss"));
  await metric(
    "rough",
    runs.map((_, n) => Math.floor(n / 3_000)),
  );
  await sql`INSERT INTO params (run_id, key, value) SELECT id, 'depth', value FROM unnest(${ids}::text[], ${columns("depth")}::text[]) AS g(id, value)`;
  await sql`INSERT INTO tags (run_id, key, value) SELECT id, 'note', value FROM unnest(${ids}::text[], ${columns("note")}::text[]) AS g(id, value)`;
  await sql`INSERT INTO tags (run_id, key, value) SELECT id, 'kind', value FROM unnest(${ids}::text[], ${columns("kind")}::text[]) AS g(id, value)`;
  await sql`ANALYZE`;
}

/** What a search of the runs finds, said once more: numbers first, then NaN, then none; the latest start first among equal ones. */
function expected(keeps: (run: Kept) => boolean, sign: 1 | -1): string[] {
  const rank = ({ score }: Kept) => (score === undefined ? 2 : Number.isNaN(score) ? 1 : 0);
  return runs
    .filter((run) => !run.deleted && keeps(run))
    .toSorted((a, b) => {
      const values = rank(a) === 0 && rank(b) === 0 ? sign * ((a.score ?? 0) - (b.score ?? 0)) : 0;
      return rank(a) - rank(b) || values || b.start - a.start || (a.id < b.id ? -1 : 1);
    })
    .map(({ id }) => id);
}

const search = (filter: string, order: string): Omit<RunSearch, "offset" | "limit"> => ({
  experiments: [0],
  view: "ACTIVE_ONLY",
  clauses: readRunFilter(filter),
  orders: readRunOrders([order]),
});

describe("runs that are ordered by a metric", () => {
  const filters: readonly (readonly [string, (run: Kept) => boolean])[] = [
    ["", () => true],
    ["metrics.loss > 50 AND params.depth = '7'", ({ loss, depth }) => loss > 50 && depth === "7"],
    // So few that they are not among the first ones.
    ["metrics.score < 3 AND metrics.score >= 1", ({ score = Number.NaN }) => score < 3 && score >= 1],
    ["metrics.loss = 3 AND params.depth != '9'", ({ loss, depth }) => loss === 3 && depth !== "9"],
    [`tags.note = '${long}1'`, ({ note }) => note === `${long}1`],
    [`tags.note = '${long}' AND params.depth LIKE '1%'`, ({ note, depth }) => note === long && depth === "1"],
    // More than are gathered beforehand.
    ["tags.kind = 'usual' AND metrics.loss > 50", ({ kind, loss }) => kind === "usual" && loss > 50],
    ["params.absent IS NULL AND params.depth IS NOT NULL AND metrics.loss <= 20", ({ loss }) => loss <= 20],
    ["attributes.start_time < 100", ({ start }) => start < 100],
    ["metrics.absent > 1", () => false],
  ];
  it.each(filters)("are the same page by page as all of them: %s", async (filter, keeps) => {
    for (const [direction, sign] of [
      ["ASC", 1],
      ["DESC", -1],
    ] as const) {
      const all = expected(keeps, sign);
      const asked = search(filter, `metrics.score ${direction}`);
      for (const [offset, limit] of [
        [0, 51],
        [51, 51],
        [0, 500],
        [950, 50],
        [0, count],
        [Math.max(0, all.length - 60), 100],
      ] as const) {
        expect(
          (await findRuns({ sql, lookups }, { ...asked, offset, limit })).map((run) => run.run_id),
          `${direction} ${offset} ${limit}`,
        ).toEqual(all.slice(offset, offset + limit));
      }
    }
  });

  it("come by their start where more have one value than are walked", async () => {
    const all = runs.slice(0, 3_000).filter(({ deleted }) => !deleted);
    const latest = all.toSorted((a, b) => b.start - a.start || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
    const found = await findRuns({ sql, lookups }, { ...search("", "metrics.rough ASC"), offset: 0, limit: 51 });
    expect(found.map((run) => run.run_id)).toEqual(latest.slice(0, 51));
  });

  it("are read with all that they have in the order in which they are asked for", async () => {
    const [first, second] = [runs[2], runs[10]] as [Kept, Kept];
    const asked = [second.id, "none", first.id].map((run_id) => ({ run_id, print: null }));
    expect((await printRuns(sql, asked)).map((print) => JSON.parse(print) as unknown)).toMatchObject(
      [second, first].map(({ id, loss, score, depth, note, kind }) => ({
        info: { run_id: id },
        data: {
          metrics: [
            { key: "loss", value: loss, step: 1, timestamp: 2 },
            { key: "rough", value: 0, step: 1, timestamp: 2 },
            { key: "score", value: Number.isNaN(score) ? "NaN" : score, step: 1, timestamp: 2 },
          ],
          params: [{ key: "depth", value: depth }],
          tags: [
            { key: "kind", value: kind },
            { key: "note", value: note },
          ],
        },
        inputs: { dataset_inputs: [], model_inputs: [] },
        outputs: { model_outputs: [] },
      })),
    );
  });
});

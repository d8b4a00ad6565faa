import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quoteText } from "../../framework/data/sql.ts";
import { recordVersion } from "../../framework/data/version-log.ts";
import type { FeedbackSpec } from "../../framework/definitions/feedback-spec.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { type FeedbackLogs, type FeedbackView, readFeedbackView } from "../../framework/feedback/feedback-view.ts";
import { type ModelServer, type ServerOptions, startServer } from "../../framework/serving/server.ts";
import { ask, eventually, infer, model, putPackage, release } from "../serving/storm-model.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const day = 86_400_000;
const feedback: FeedbackSpec = { label: { type: "boolean" }, matures: "0 seconds" };

let server: ModelServer | undefined;
let turn = 0;
let segments = "";
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A server over the test's store, whose log is brought into it at once or not at all. */
async function start(log: Partial<ServerOptions["log"]> = {}): Promise<number> {
  const { store, folder } = given;
  const { name, value } = release(1, await putPackage(store, 0));
  await store.moveRef(name, { generation: 1, value });
  segments = join(folder, `segments-${++turn}`);
  server = await startServer({
    endpoint: "storms",
    model,
    store,
    logStore: store,
    segmentFolder: segments,
    log: { requests: "all", durability: "disk", ...log },
    feedback,
    port: 0,
    pollMilliseconds: 20,
  });
  const { port } = server;
  await eventually(() => fetch(`http://127.0.0.1:${port}/v2/health/ready`).then(({ status }) => status)).toBe(200);
  return port;
}

/** Asks about winds, one request for each, and labels the answers. */
async function answerAndLabel(port: number, winds: readonly number[], label: (wind: number) => boolean) {
  const ids = await Promise.all(winds.map(async (wind) => (await infer(port, ask({ wind }))).answer.id));
  const items = ids.map((id, i) => ({ id, label: label(winds[i] ?? 0) }));
  const response = await fetch(`http://127.0.0.1:${port}/storms/feedback`, {
    method: "POST",
    body: JSON.stringify({ items }),
  });
  expect(response.status).toBe(200);
  return ids;
}

function view(change: Partial<FeedbackLogs> = {}, asOf = Date.now() + 1000): Promise<FeedbackView> {
  const logs = {
    endpoint: "storms",
    feedback,
    task: "binary",
    store: given.store,
    folder: segments,
    ...change,
  } as const;
  return withDuckDb(tmpdir(), (db) => readFeedbackView(db, logs, { asOf, window: day, metrics: ["accuracy"] }));
}

async function countParts(stream: string): Promise<number> {
  let count = 0;
  for await (const _ of given.store.listNames(`inference-log/storms/${stream}/`)) count++;
  return count;
}

const sumOf = ({ cohorts }: FeedbackView, field: "answered" | "labelled" | "matured" | "flagged" | "early") =>
  cohorts.reduce((sum, cohort) => sum + cohort[field], 0);

describe("what labels say of an endpoint's answers", () => {
  it("is told of segments and of what was made of them, each answer once", async () => {
    const port = await start({ ship: "1 second" });
    // Wind makes an answer true, and every label says true: half of them are right.
    await answerAndLabel(port, [-1, 1, -2, 2], () => true);
    await eventually(async () => Math.min(await countParts("requests"), await countParts("feedback"))).toBeGreaterThan(
      0,
    );
    await answerAndLabel(port, [-1, 1], () => true);
    const seen = await view();
    expect([sumOf(seen, "answered"), sumOf(seen, "matured"), sumOf(seen, "labelled")]).toEqual([6, 6, 6]);
    expect(seen.cohorts[0]).toMatchObject({ variant: "champion", version: "1", flagged: 0 });
    expect(seen.cohorts[0]?.metrics[0]).toMatchObject({ metric: "accuracy", value: 0.5 });
    expect(seen.labels).toMatchObject({ received: 6, repeated: 0, orphans: { count: 0 } });
    const young = await view({ feedback: { ...feedback, matures: "1 day" } });
    expect([sumOf(young, "answered"), sumOf(young, "matured"), sumOf(young, "early")]).toEqual([6, 0, 6]);
    expect(young.cohorts.flatMap(({ metrics }) => metrics)).toEqual([]);
    const selective = await view({ feedback: { ...feedback, observed: { when: true } } });
    expect([sumOf(selective, "labelled"), sumOf(selective, "flagged")]).toEqual([6, 3]);
  }, 60_000);

  it("is told of records that stand in the store one by one", async () => {
    const port = await start({ durability: "store" });
    await answerAndLabel(port, [1, 2, 3], () => true);
    expect(sumOf(await view({ folder: undefined }), "labelled")).toBe(3);
  }, 60_000);

  it("is told of each answer of an id that callers give to several, whose labels are of none of them", async () => {
    const port = await start();
    for (const wind of [1, 2, 3]) await infer(port, ask({ wind }, { id: "constant" }));
    await answerAndLabel(port, [4], () => true);
    const body = JSON.stringify({ id: "constant", label: false });
    expect((await fetch(`http://127.0.0.1:${port}/storms/feedback`, { method: "POST", body })).status).toBe(200);
    const seen = await view();
    expect([sumOf(seen, "answered"), sumOf(seen, "labelled")]).toEqual([4, 1]);
    expect(seen.labels).toMatchObject({
      orphans: { count: 0 },
      ambiguous: { count: 1, examples: [{ id: "constant", row: 0 }] },
    });
  }, 60_000);

  it("is what a dataset's version says that was live at the moment", async () => {
    const port = await start();
    const ids = await answerAndLabel(port, [1, 2, 3], () => true);
    const { answer } = await infer(port, ask({ wind: 4 }));
    const spec: DatasetSpec = {
      format: "dataset/1",
      kind: "dataset",
      name: "outcomes",
      owner: "ops",
      columns: [
        { name: "at", type: "timestamp", nullable: false, known: "0 seconds" },
        { name: "inference", type: "string", nullable: false, known: "0 seconds" },
        { name: "delay", type: "number", nullable: false, known: "0 seconds" },
      ],
      eventTime: "at",
      key: [],
      source: { kind: "file", format: "parquet", path: "outcomes.parquet" },
      contract: { violations: "reject", tolerance: 0 },
    };
    const first = Date.now() + 60_000;
    await putVersion(spec, [[answer.id, 5]], first);
    await putVersion(
      spec,
      [
        [answer.id, 20],
        [ids[0] ?? "", 5],
      ],
      first + 60_000,
    );
    const column = (name: string) => ({ op: "column", name }) as const;
    const from = {
      dataset: "outcomes",
      id: column("inference"),
      label: { op: "gt", left: column("delay"), right: { op: "literal", value: 15 } },
    } as const;
    const asOf = (moment: number) => view({ feedback: { ...feedback, from }, dataset: spec }, moment);
    const labelled = (moment: number) =>
      asOf(moment).then((seen) => [sumOf(seen, "labelled"), seen.cohorts[0]?.metrics[0]?.value]);
    expect(await labelled(first - 1)).toEqual([3, 1]);
    // What was sent of the others counts, whatever the dataset says of them.
    expect(await labelled(first)).toEqual([4, 0.75]);
    expect(await labelled(first + 60_000)).toEqual([4, 1]);
  }, 60_000);
});

async function putVersion(spec: DatasetSpec, rows: readonly (readonly [id: string, delay: number])[], at: number) {
  const { store, folder } = given;
  const path = join(folder, `outcomes-${at}.parquet`);
  const values = rows
    .map(([id, delay]) => `(TIMESTAMP '2026-01-01 00:00:00', ${quoteText(id)}, ${delay}e0)`)
    .join(", ");
  await withDuckDb(folder, (db) =>
    db.run(`COPY (SELECT * FROM (VALUES ${values}) t("at", inference, delay)) TO ${quoteText(path)} (FORMAT parquet)`),
  );
  const object = await store.putFile(path);
  const times = { from: "2026-01-01T00:00:00Z", to: "2026-01-01T00:00:00Z" };
  const { columns, eventTime, key, name: dataset } = spec;
  const root = await store.putJson({
    format: "dataset-version/2",
    dataset,
    columns,
    eventTime,
    key,
    rows: rows.length,
    ...times,
    fingerprint: "f",
    files: [
      {
        name: "",
        fingerprint: "f",
        identity: "i",
        rows: rows.length,
        ...times,
        parts: [{ object, rows: rows.length }],
      },
    ],
  });
  const facts = {
    dataset,
    root: root.sha256,
    rows: rows.length,
    quarantined: 0,
    cause: ["source" as const],
    identity: "i",
  };
  await recordVersion(store, { ...facts, at: new Date(at).toISOString() });
}

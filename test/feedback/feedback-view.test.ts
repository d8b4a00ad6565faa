import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quoteText } from "../../framework/data/sql.ts";
import { recordVersion } from "../../framework/data/version-log.ts";
import type { FeedbackSpec } from "../../framework/definitions/feedback-spec.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { readCanaryLabels } from "../../framework/feedback/canary-labels.ts";
import { type FeedbackLogs, type FeedbackView, readFeedbackView } from "../../framework/feedback/feedback-view.ts";
import { SubjectKeys } from "../../framework/serving/log/subject-keys.ts";
import { type ModelServer, type ServerOptions, startServer } from "../../framework/serving/server.ts";
import { ask, eventually, infer, model, putPackage, release } from "../serving/storm-model.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const day = 86_400_000;
const feedback: FeedbackSpec = { label: { type: "boolean" }, matures: "0 seconds" };

let server: ModelServer | undefined;
let turn = 0;
let segments = "";
/** Of the package that answers. */
let digest = "";
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A server over the test's store, whose log is brought into it at once or not at all. */
async function start(log: Partial<ServerOptions["log"]> = {}, change: Partial<ServerOptions> = {}): Promise<number> {
  const { store, folder } = given;
  digest = await putPackage(store, 0);
  const { name, value } = release(1, digest);
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
    ...change,
  });
  const { port } = server;
  await eventually(() => fetch(`http://127.0.0.1:${port}/v2/health/ready`).then(({ status }) => status)).toBe(200);
  return port;
}

/** Asks about winds, one request for each, and labels the answers. */
async function answerAndLabel(
  port: number,
  winds: readonly number[],
  label: (wind: number) => boolean,
  more: (wind: number) => object = () => ({}),
) {
  const ids = await Promise.all(winds.map(async (wind) => (await infer(port, ask({ wind }))).answer.id));
  const items = ids.map((id, i) => ({ id, label: label(winds[i] ?? 0), ...more(winds[i] ?? 0) }));
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

describe("labels that say something of persons", () => {
  const logKey = "07".repeat(32);
  const inputs = { wind: "plain", rain: "plain", region: "plain" } as const;
  const protecting = (label: "hash" | "encrypt") => ({ logKey, pii: { request: {}, inputs, label } }) as const;
  /** What of labels lies on the disk, as text. */
  const readSegments = () =>
    readFileSync(join(segments, "feedback-0000000000000001.jsonl"), "utf8").split("\0", 1)[0] ?? "";

  it("are encrypted for them, and known until they are forgotten", async () => {
    const port = await start({}, protecting("encrypt"));
    const ids = await answerAndLabel(
      port,
      [1, 2, 3],
      () => true,
      (wind) => ({ subject: `customer-${wind}` }),
    );
    // The same label again is no second one, although its text is another.
    const again = { id: ids[0], label: false, subject: "customer-1", correction: true };
    for (let i = 0; i < 2; i++)
      await fetch(`http://127.0.0.1:${port}/storms/feedback`, { method: "POST", body: JSON.stringify(again) });
    const written = readSegments();
    expect(written.trimEnd().split("\n")).toHaveLength(5);
    for (const clear of ["true,", "false,", "customer"])
      expect(written.replaceAll('"correction":true,', "")).not.toContain(clear);
    const seen = await view({ logKey });
    expect([sumOf(seen, "labelled"), seen.sealed]).toEqual([3, 0]);
    expect(seen.cohorts[0]?.metrics[0]?.value).toBeCloseTo(2 / 3);
    const keys = new SubjectKeys({ entries: given.store.entries, key: Buffer.from(logKey, "hex") });
    expect(await keys.remove("customer-2")).toBe(true);
    const forgotten = await view({ logKey });
    expect([sumOf(forgotten, "answered"), sumOf(forgotten, "labelled"), forgotten.sealed]).toEqual([3, 2, 1]);
  }, 60_000);

  it("leave nothing known when they are forgotten, though others were recorded before they were protected", async () => {
    const send = async (port: number, label: object) => {
      const body = JSON.stringify(label);
      expect((await fetch(`http://127.0.0.1:${port}/storms/feedback`, { method: "POST", body })).status).toBe(200);
    };
    const before = await start({ durability: "store" });
    const ids = await answerAndLabel(
      before,
      [1, 2, 3],
      () => true,
      () => ({ time: "2026-01-01T00:00:00Z" }),
    );
    await server?.close();
    const port = await start({ durability: "store" }, protecting("encrypt"));
    // A correction, and what became true later. What became true earlier takes no place.
    const forWhom = { label: false, subject: "customer-1" };
    await send(port, { ...forWhom, id: ids[0], time: "2026-01-01T00:00:00Z", correction: true });
    await send(port, { ...forWhom, id: ids[1], time: "2026-01-02T00:00:00Z" });
    await send(port, { ...forWhom, id: ids[2], time: "2025-12-31T00:00:00Z" });
    const seen = await view({ logKey });
    expect([sumOf(seen, "labelled"), seen.sealed]).toEqual([3, 0]);
    expect(seen.cohorts[0]?.metrics[0]?.value).toBeCloseTo(1 / 3);
    const keys = new SubjectKeys({ entries: given.store.entries, key: Buffer.from(logKey, "hex") });
    await keys.remove("customer-1");
    const forgotten = await view({ logKey });
    expect([sumOf(forgotten, "labelled"), forgotten.cohorts[0]?.metrics[0]?.value, forgotten.sealed]).toEqual([
      1, 1, 3,
    ]);
    expect(forgotten.labels).toMatchObject({ received: 6, repeated: 0, replaced: 3, orphans: { count: 0 } });
  }, 60_000);

  it("are hashed, told apart by whoever has the key, and known to nobody else", async () => {
    const port = await start({}, protecting("hash"));
    await answerAndLabel(port, [-1, 1, 2], (wind) => wind > 1);
    expect(readSegments()).not.toMatch(/"label":(?:true|false)/);
    const seen = await view({ logKey });
    expect([sumOf(seen, "labelled"), seen.cohorts[0]?.metrics[0]?.value, seen.sealed]).toEqual([3, 2 / 3, 0]);
    for (const other of [undefined, "08".repeat(32)]) {
      const blind = await view({ logKey: other });
      expect([sumOf(blind, "labelled"), blind.sealed]).toEqual([0, 3]);
    }
  }, 60_000);

  it("count for a canary too, for whoever has the key", async () => {
    const port = await start({ durability: "store" }, protecting("hash"));
    await answerAndLabel(port, [1, 2, 3], (wind) => wind > 1);
    const read = (key: string | undefined) => {
      const [canary, champion] = [digest, "0".repeat(64)].map((one, i) => ({ version: i + 1, package: one }));
      if (!canary || !champion) throw new Error("there are two");
      const terms = { endpoint: "storms", feedback, store: given.store, metrics: ["accuracy"], since: 0 };
      return withDuckDb(tmpdir(), (db) =>
        readCanaryLabels(db, { ...terms, asOf: Date.now() + 1000, canary, champion, logKey: key }),
      );
    };
    expect((await read(logKey)).canary).toMatchObject({ labels: 3, values: { accuracy: 2 / 3 } });
    expect((await read(undefined)).canary).toMatchObject({ labels: 0 });
  }, 60_000);

  it("are refused where they do not say whose they are", async () => {
    const port = await start({}, protecting("encrypt"));
    const body = JSON.stringify({ id: "a", label: true });
    const reply = await fetch(`http://127.0.0.1:${port}/storms/feedback`, { method: "POST", body });
    expect(reply.status).toBe(422);
    expect(await reply.json()).toMatchObject({ problems: [{ field: "subject", what: "it is missing" }] });
  }, 60_000);

  it.each(["hash", "encrypt"] as const)(
    "are not said back when they are refused: %s",
    async (mode) => {
      const port = await start({}, protecting(mode));
      const body = JSON.stringify({ id: "a", label: "malignant", ...(mode === "encrypt" && { subject: 0.625 }) });
      const reply = await fetch(`http://127.0.0.1:${port}/storms/feedback`, { method: "POST", body });
      expect(reply.status).toBe(422);
      expect(await reply.text()).not.toMatch(/malignant|0\.625/);
    },
    60_000,
  );
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

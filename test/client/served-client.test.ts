import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { writePythonClient } from "../../framework/client/python-client.ts";
import { digestRequestType, type RequestType, sayDigest, sayType } from "../../framework/client/request-type.ts";
import { nameRequestType } from "../../framework/client/stored-request-type.ts";
import { type ClientSubject, describeSubject } from "../../framework/client/subject.ts";
import { writeTypescriptClient } from "../../framework/client/typescript-client.ts";
import type { FeaturesSpec } from "../../framework/definitions/spec.ts";
import { describeRequestShape } from "../../framework/features/online/request-shape.ts";
import { listServedTables } from "../../framework/features/online/served-tables.ts";
import { readServingSpecs } from "../../framework/features/online/serving-plan.ts";
import { type ModelServer, startServer } from "../../framework/serving/server.ts";
import { findPython } from "../../framework/toolchain/python.ts";
import { column, features } from "../features/given.ts";
import { readRecords } from "../serving/segments.ts";
import { endpoint, model, releaseFlights } from "../serving/typed/given-flights.ts";
import { useStore } from "../support/test-store.ts";

const run = promisify(execFile);
const given = useStore();
let server: ModelServer | undefined;
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-client-"));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const segments = () => join(given.folder, `segments-${given.prefix}`);

/** Features that read these columns at the event, and need no online store. */
function reading(...columns: readonly string[]): FeaturesSpec {
  const texts = ["origin", "carrier"];
  const read = columns.map(
    (name) =>
      [
        name,
        texts.includes(name) ? (["category", { op: "category", of: column(name) }] as const) : column(name),
      ] as const,
  );
  return features("routes", "flights", { hour: { op: "hour", of: column("time") }, ...Object.fromEntries(read) });
}

/** Releases a version whose features read these columns, as a release does; what its clients are written for comes back. */
async function release(version: number, ...columns: readonly string[]): Promise<ClientSubject> {
  const released = await releaseFlights(given.store, given.folder, { sets: [reading(...columns)], version });
  await nameRequestType(given.store, released);
  const specs = await readServingSpecs(given.store, released.package);
  if (!specs) throw new Error("the package has a plan");
  const shape = describeRequestShape(listServedTables(specs));
  return describeSubject({ endpoint, model, shape, answer: { task: "regression" }, hasFeedback: false });
}

async function start(): Promise<string> {
  server = await startServer({
    endpoint,
    model,
    store: given.store,
    segmentFolder: segments(),
    log: { requests: "all", durability: "disk" },
    port: 0,
    pollMilliseconds: 5,
  });
  const address = `http://127.0.0.1:${server.port}`;
  await expect.poll(async () => (await fetch(`${address}/v2/health/ready`)).status).toBe(200);
  return address;
}

/** Waits until a version answers typed requests. */
async function untilVersion(address: string, version: string): Promise<void> {
  const read = async () =>
    ((await (await fetch(`${address}/v2/health/ready`)).json()) as { readonly version: string }).version;
  await expect.poll(read).toBe(version);
}

async function predict(address: string, body: object, headers: Record<string, string> = {}) {
  const reply = await fetch(`${address}/${endpoint}/predict`, { method: "POST", headers, body: JSON.stringify(body) });
  return {
    status: reply.status,
    headers: reply.headers,
    body: (await reply.json()) as { error?: string; value?: number },
  };
}

const asClient = ({ type }: ClientSubject) => ({ "steward-client": sayDigest(digestRequestType(type)) });
const row = { id: 5701, origin: "JFK", distance: 12.5 };

describe("a client, and the endpoint that it was written for", () => {
  it("is answered, in TypeScript and in Python", async () => {
    const subject = await release(1, "id", "origin", "distance");
    const address = await start();
    writeFileSync(join(folder, "desk.ts"), writeTypescriptClient(subject));
    writeFileSync(join(folder, "desk.py"), writePythonClient(subject));
    const { DeskClient, DeskError } = await import(join(folder, "desk.ts"));
    const client = new DeskClient({ address });
    const answer = await client.predict({ ...row, time: new Date() }, { requestId: "mine", explain: true });
    expect(answer).toMatchObject({ value: expect.any(Number), model: { name: model, version: "1" }, features: row });
    const many = await client.predictMany([row, { ...row, distance: 0 }]);
    expect(many.rows).toHaveLength(2);
    const refused = await client.predict({ ...row, distance: "far", carrier: 1 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DeskError);
    expect(refused.status).toBe(400);
    expect(refused.problems.map(({ column: at }: { readonly column: string }) => at).sort()).toEqual([
      "carrier",
      "distance",
    ]);

    const program = `
import json, sys
sys.path.insert(0, sys.argv[1])
from datetime import datetime, timezone
from desk import DeskClient, DeskError
client = DeskClient(sys.argv[2])
row = {"id": 5701, "origin": "JFK", "distance": 12.5}
answer = client.predict({**row, "time": datetime.now(timezone.utc)}, explain=True, request_id="yours")
many = client.predict_many([row, row])
try:
    client.predict({**row, "distance": "far"})
except DeskError as error:
    print(json.dumps([answer["features"], len(many["rows"]), error.status, error.problems[0]["column"]]))`;
    const { stdout } = await run((await findPython()).path, ["-c", program, folder, address]);
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining(row), 2, 400, "distance"]);
    const records = await readRecords(segments());
    expect(records.map(({ requestId }) => requestId)).toEqual([
      "mine",
      expect.any(String),
      "yours",
      expect.any(String),
    ]);
  });

  it("goes on being answered when a column is added that may be null, and is refused by name when one is removed", async () => {
    const subject = await release(1, "id", "origin", "distance");
    const address = await start();
    expect(await predict(address, row, asClient(subject))).toMatchObject({ status: 200 });
    const newer = await release(2, "id", "origin", "distance", "carrier");
    await untilVersion(address, "2");
    expect(await predict(address, row, asClient(subject))).toMatchObject({ status: 200 });
    expect(await predict(address, { ...row, carrier: "C1" }, asClient(newer))).toMatchObject({ status: 200 });
    // Whoever says nothing of its type, or has the newer one, must say every column.
    for (const headers of [{}, asClient(newer)])
      expect(await predict(address, row, headers)).toMatchObject({
        status: 400,
        body: { error: expect.stringContaining('"carrier": the column is missing') },
      });
    await release(3, "id", "carrier");
    await untilVersion(address, "3");
    expect(await predict(address, row, asClient(subject))).toMatchObject({
      status: 409,
      body: {
        error:
          'the client was written for another request type: column "origin" was removed, column "distance" was removed; write it anew with npx steward client desk',
      },
    });
    const records = await readRecords(segments());
    expect(records.map(({ request }) => (request as { carrier?: unknown }).carrier)).toEqual([
      undefined,
      [null],
      ["C1"],
    ]);
  });

  it("is told what is different though its type was never released here, in TypeScript and in Python", async () => {
    const subject = await release(1, "id", "origin");
    const address = await start();
    const weight = { name: "weight", type: "number", nullable: false } as const;
    const other = (columns: RequestType["columns"]) => ({ ...subject, type: { ...subject.type, columns } });
    const never = other([...subject.type.columns, weight]);
    const said = 'the client was written for another request type: column "weight" was removed; write it anew';
    // Two calls: what the client has learnt from the first it goes by in the second.
    const asked = [
      { id: 1, origin: "JFK", weight: 2 },
      { id: 2, origin: "JFK", weight: 3 },
    ];
    writeFileSync(join(folder, "never.ts"), writeTypescriptClient(never));
    const { DeskClient } = await import(join(folder, "never.ts"));
    const client = new DeskClient({ address, retries: 0 });
    for (const one of asked) {
      const error = await client.predict(one, { explain: true }).catch((thrown: unknown) => thrown);
      expect([error.status, error.message]).toEqual([409, expect.stringContaining(said)]);
    }
    writeFileSync(join(folder, "never.py"), writePythonClient(never));
    const program = `
import json, sys
sys.path.insert(0, sys.argv[1])
from never import DeskClient, DeskError
client = DeskClient(sys.argv[2], retries=0)
for row in json.loads(sys.argv[3]):
    try:
        client.predict_many([row])
    except DeskError as error:
        print(json.dumps([error.status, str(error)]))`;
    const words = ["-c", program, folder, address, JSON.stringify(asked)];
    const { stdout } = await run((await findPython()).path, words);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual(asked.map(() => [409, expect.stringContaining(said)]));
    // One that knows less, and means the same, is answered.
    const less = other(subject.type.columns.filter(({ name }) => name !== "origin"));
    writeFileSync(join(folder, "less.ts"), writeTypescriptClient(less));
    const { DeskClient: LessClient } = await import(join(folder, "less.ts"));
    expect(await new LessClient({ address }).predict({ id: 1 })).toMatchObject({ value: expect.any(Number) });
  });

  it("is not taken at its word for a type that its digest is not of", async () => {
    const subject = await release(1, "id");
    const address = await start();
    const told = async (
      first: string,
      headers: Record<string, string> = { "steward-client": `sha256:${"1".repeat(64)}` },
    ) => {
      const body = `${first}\n{"id":1}`;
      const reply = await fetch(`${address}/${endpoint}/predict?requestType=told`, { method: "POST", headers, body });
      return { status: reply.status, ...((await reply.json()) as { error?: string }) };
    };
    const refused = (says: string) => ({ status: 400, error: expect.stringContaining(says) });
    expect(await told(sayType(subject.type))).toEqual(refused("is not the request type that steward-client names"));
    expect(await told('{"columns":[]}')).toEqual(refused("is no request type"));
    expect(await told("[1")).toMatchObject({ status: 400 });
    expect(await told(sayType(subject.type), {})).toEqual(refused("stands without the header"));
    expect(await told(sayType(subject.type), asClient(subject))).toMatchObject({ status: 200 });
    const reply = await fetch(`${address}/${endpoint}/predict?requestType=told`, { method: "POST", body: '{"id":1}' });
    expect(reply.status).toBe(400);
  });

  it("is told that its type was never released, and of a header that is none", async () => {
    await release(1, "id");
    const address = await start();
    const unknown = { "steward-client": `sha256:${"0".repeat(64)}` };
    expect(await predict(address, { id: 1 }, unknown)).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining("one that was never released here; write it anew") },
    });
    expect((await predict(address, { id: 1 }, unknown)).headers.get("steward-client")).toBe("unknown");
    expect(await predict(address, { id: 1 }, { "steward-client": "mine" })).toMatchObject({ status: 400 });
    expect(await predict(address, { id: 1 })).toMatchObject({ status: 200 });
  });

  it("looks made-up types up one after the other, and answers others meanwhile", async () => {
    const subject = await release(1, "id");
    const address = await start();
    const digests = Array.from({ length: 200 }, (_, i) => `sha256:${String(i).padStart(64, "0")}`);
    const asked = digests.map((digest) => predict(address, { id: 1 }, { "steward-client": digest }));
    expect(await predict(address, { id: 1 }, asClient(subject))).toMatchObject({ status: 200 });
    const statuses = new Set((await Promise.all(asked)).map(({ status }) => status));
    expect([...statuses].every((status) => status === 409 || status === 503)).toBe(true);
    expect(statuses).toContain(409);
  });
});

describe("the OpenAPI document of a server", () => {
  it("is that of the version that answers", async () => {
    const subject = await release(1, "id", "origin");
    const address = await start();
    const read = async (path: string) => (await fetch(`${address}${path}`)).json() as Promise<Record<string, unknown>>;
    const document = await read(`/${endpoint}/openapi.json`);
    expect(document["info"]).toMatchObject({ "x-request-type": sayDigest(digestRequestType(subject.type)) });
    expect(document["components"]).toMatchObject({
      schemas: { Row: { required: ["id", "origin"], properties: { id: { type: ["integer", "null"] } } } },
    });
    expect(await read("/other/openapi.json")).toMatchObject({ error: expect.stringContaining("no such endpoint") });
  });
});

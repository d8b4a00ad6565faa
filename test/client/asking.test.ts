import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writePythonClient } from "../../framework/client/python-client.ts";
import { digestRequestType, sayDigest } from "../../framework/client/request-type.ts";
import { writeTypescriptClient } from "../../framework/client/typescript-client.ts";
import { findPython } from "../../framework/toolchain/python.ts";
import { useAnswers } from "./answering.ts";
import { subjects } from "./given-subject.ts";

const run = promisify(execFile);
const given = useAnswers();
let folder = "";
let python = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-client-"));
  writeFileSync(join(folder, "client.ts"), writeTypescriptClient(subjects.binary));
  writeFileSync(join(folder, "late_arrival.py"), writePythonClient(subjects.binary));
  python = (await findPython()).path;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a call came to, in either language. */
interface Outcome {
  readonly answer?: unknown;
  readonly error?: {
    readonly status: number;
    readonly message: string;
    readonly problems: number;
    readonly id: string;
  };
}

/** How a client is asked to ask. */
interface Asking {
  readonly method?: "predict" | "predictMany" | "feedback";
  readonly timeoutMilliseconds?: number;
  readonly retries?: number;
  /** How many calls one client makes, of which the last is told. @default 1 */
  readonly calls?: number;
}

const row = { origin: "SEA", distance: 954 };

async function askTypescript(address: string, { method = "predict", calls = 1, ...rest }: Asking): Promise<Outcome> {
  const { LateArrivalClient, LateArrivalError } = await import(join(folder, "client.ts"));
  const client = new LateArrivalClient({ address, trace: () => "00-a-b-01", ...rest });
  const input =
    method === "predict"
      ? { ...row, at: new Date(0) }
      : method === "predictMany"
        ? [row, row]
        : { id: "x", label: true };
  try {
    const call =
      method === "feedback" ? { requestId: "mine" } : { explain: true, unit: "kundin-é→1", requestId: "mine" };
    for (let i = 1; i < calls; i++) await client[method](input, call).catch(() => undefined);
    return { answer: await client[method](input, call) };
  } catch (error) {
    if (!(error instanceof LateArrivalError)) throw error;
    const { status, message, problems, requestId } = error as Error & {
      status: number;
      problems: unknown[];
      requestId: string;
    };
    return { error: { status, message, problems: problems.length, id: requestId } };
  }
}

const program = `
import json, sys
from datetime import datetime, timezone
sys.path.insert(0, sys.argv[1])
from late_arrival import LateArrivalClient, LateArrivalError
asked = json.loads(sys.argv[3])
client = LateArrivalClient(sys.argv[2], trace=lambda: "00-a-b-01", timeout=asked.get("timeoutMilliseconds", 10000) / 1000, retries=asked.get("retries", 2))
row = {"origin": "SEA", "distance": 954}
for _ in range(1, asked.get("calls", 1)):
    try:
        client.predict(row, explain=True)
    except LateArrivalError:
        pass
try:
    method = asked.get("method", "predict")
    if method == "predict":
        answer = client.predict({**row, "at": datetime.fromtimestamp(0, timezone.utc)}, explain=True, unit="kundin-é→1", request_id="mine")
    elif method == "predictMany":
        answer = client.predict_many([row, row], explain=True, unit="kundin-é→1", request_id="mine")
    else:
        answer = client.feedback({"id": "x", "label": True}, request_id="mine")
    print(json.dumps({"answer": answer} if answer is not None else {}))
except LateArrivalError as error:
    print(json.dumps({"error": {"status": error.status, "message": str(error), "problems": len(error.problems), "id": error.request_id}}))
`;

async function askPython(address: string, asking: Asking): Promise<Outcome> {
  const { stdout } = await run(python, ["-c", program, folder, address, JSON.stringify(asking)], { env: {} });
  return JSON.parse(stdout);
}

const ok = { status: 200, body: { id: "i", probability: 0.5, label: true } };
const unknown = { status: 409, headers: { "steward-client": "unknown" }, body: { error: "never released" } };
/** Of what was asked, whether all of the request type was told. */
const listTold = () => given.asked.map(({ url }) => url.includes("requestType=told"));
const busy = { status: 503, headers: { "retry-after": "0" }, body: { error: "nobody can answer" } };

describe.each([
  ["TypeScript", askTypescript],
  ["Python", askPython],
] as const)("a client in %s", (_language, ask) => {
  it("says what it asks, for which type, in which trace, and under which id", async () => {
    const address = await given.start(ok);
    expect(await ask(`${address}/`, {})).toEqual({ answer: ok.body });
    const [asked] = given.asked;
    expect(asked?.url).toBe("/late-arrival/predict?explain=features");
    expect(asked?.body).toEqual({ ...row, at: expect.stringMatching(/^1970-01-01T00:00:00(\.000Z|\+00:00)$/) });
    expect(asked?.headers).toMatchObject({
      "content-type": "application/json",
      "steward-client": sayDigest(digestRequestType(subjects.binary.type)),
      "x-request-id": "mine",
      traceparent: "00-a-b-01",
      "steward-unit": Buffer.from("kundin-é→1").toString("latin1"),
      "steward-timeout": expect.stringMatching(/^[1-9]\d{3,4}$/),
    });
  });

  it("asks about many rows, and says labels", async () => {
    const many = { status: 200, body: { id: "i", rows: [] } };
    const address = await given.start(many, { status: 200, body: {} });
    expect(await ask(address, { method: "predictMany" })).toEqual({ answer: many.body });
    expect(await ask(address, { method: "feedback" })).toEqual({});
    expect(given.asked.map(({ url, body }) => [url, body])).toEqual([
      ["/late-arrival/predict?explain=features", { rows: [row, row] }],
      ["/late-arrival/feedback", { id: "x", label: true }],
    ]);
  });

  it("asks again while nobody can answer, under the same id", async () => {
    const address = await given.start(busy, busy, ok);
    expect(await ask(address, {})).toEqual({ answer: ok.body });
    expect(given.asked.map(({ headers }) => headers["x-request-id"])).toEqual(["mine", "mine", "mine"]);
  });

  it("asks no more often than it is told to", async () => {
    const address = await given.start(busy);
    expect(await ask(address, { retries: 1 })).toEqual({
      error: { status: 503, message: "nobody can answer", problems: 0, id: "mine" },
    });
    expect(given.asked).toHaveLength(2);
  });

  it("does not wait longer than it may for whoever asks for more time", async () => {
    const address = await given.start({ ...busy, headers: { "retry-after": "60" } });
    expect(await ask(address, { timeoutMilliseconds: 5000 })).toMatchObject({ error: { status: 503 } });
    expect(given.asked).toHaveLength(1);
  });

  it.each([400, 409, 422, 500])("does not ask again what was refused with %d, and says all of why", async (status) => {
    const problems = [
      { column: "a", what: "b" },
      { column: "c", what: "d" },
    ];
    const address = await given.start({ status, body: { error: "no", problems } });
    expect(await ask(address, {})).toEqual({ error: { status, message: "no", problems: 2, id: "mine" } });
    expect(given.asked).toHaveLength(1);
  });

  it("goes on by the digest of its type where a server takes no more than that", async () => {
    const answers = [unknown, ok, { status: 400, body: { error: "no such query" } }, ok];
    const address = await given.start(...answers);
    expect(await ask(address, { calls: 3, retries: 0 })).toEqual({ answer: ok.body });
    expect(listTold()).toEqual([false, true, true, false, false]);
  });

  it.each([
    [400, { status: 400, message: "no", problems: 1, id: "mine" }],
    // The type is too long, and not what is asked.
    [413, { status: 409, message: "never released", problems: 0, id: "mine" }],
  ])(
    "is refused with %d for all that it told, and tells no more of its type than the digest then",
    async (status, error) => {
      const refused = { status, body: { error: "no", problems: [{ column: "a", what: "b" }] } };
      const address = await given.start(unknown, refused, ok);
      expect(await ask(address, { retries: 0 })).toEqual({ error });
      expect(listTold()).toEqual([false, true]);
      await given.close();
      expect(await ask(await given.start(unknown, refused, ok), { calls: 2 })).toEqual({ answer: ok.body });
      expect(listTold()).toEqual([false, true, false]);
    },
  );

  it("says that what answers is no endpoint", async () => {
    const address = await given.start({ status: 200, body: "<html>" });
    expect(await ask(address, {})).toMatchObject({ error: { status: 200, message: "what answers is no endpoint" } });
  });

  it("gives up a server that does not answer", async () => {
    const address = await given.start("silence");
    expect(await ask(address, { timeoutMilliseconds: 300 })).toMatchObject({
      error: { status: 0, message: "the endpoint took too long to answer" },
    });
    await given.close();
    expect(await ask(address, { retries: 1 })).toMatchObject({
      error: { status: 0, message: "the endpoint does not answer" },
    });
  });
});

describe("a client in TypeScript", () => {
  it("tells whoever ended a call that it was ended, and asks no more", async () => {
    const address = await given.start({ ...busy, headers: { "retry-after": "1" } });
    const { LateArrivalClient } = await import(join(folder, "client.ts"));
    const abort = new AbortController();
    const answer = new LateArrivalClient({ address }).predict(row, { signal: abort.signal });
    const failed = expect(answer).rejects.toThrow("enough");
    await expect.poll(() => given.asked).toHaveLength(1);
    abort.abort(new Error("enough"));
    await failed;
    expect(given.asked).toHaveLength(1);
  });
});

describe("a client in TypeScript that is given what is no number", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])("does not say of %d that it is missing", async (distance) => {
    const address = await given.start(ok);
    const { LateArrivalClient } = await import(join(folder, "client.ts"));
    await expect(new LateArrivalClient({ address }).predict({ ...row, distance })).rejects.toThrow('"distance" is');
    expect(given.asked).toEqual([]);
  });
});

describe("a client in Python", () => {
  it("refuses a moment without a time zone", async () => {
    const naive = `
import sys
from datetime import datetime
sys.path.insert(0, sys.argv[1])
from late_arrival import LateArrivalClient
try:
    LateArrivalClient("http://127.0.0.1:1").predict({"at": datetime(2026, 3, 1)})
except ValueError as error:
    print(error)`;
    const { stdout } = await run(python, ["-c", naive, folder]);
    expect(stdout).toContain("a datetime has no time zone");
  });
});

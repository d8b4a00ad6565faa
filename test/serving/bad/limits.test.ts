import { once } from "node:events";
import http2 from "node:http2";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { credentials, makeGenericClientConstructor, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it, vi } from "vitest";
import { formatOf } from "../../../framework/definitions/format.ts";
import type { CompiledSession } from "../../../framework/models/compiled-session.ts";
import type { ModelPackage, ProductionRef } from "../../../framework/models/model-package.ts";
import { inferenceService } from "../../../framework/serving/grpc/messages.ts";
import { LiveModel } from "../../../framework/serving/live-model.ts";
import { useServer } from "../given-server.ts";
import { openClient } from "../grpc/client.ts";
import { ask, eventually, get } from "../storm-model.ts";
import { readEvidence } from "../variants/given-routing.ts";
import { compose, sound } from "./bad-case.ts";
import { soundMessage } from "./grpc-cases.ts";
import { askOnce, RawConnection, type RawReply } from "./raw-connection.ts";

const given = useServer();
afterEach(() => vi.restoreAllMocks());

/** Takes a request from the fast path. */
const general = "te: trailers";

/** What a reply comes to. */
const told = (reply: RawReply | undefined) =>
  reply && [reply.status, (JSON.parse(reply.body) as { error?: string }).error];

/** A model that answers when it is let go. */
function holdModel(): { readonly runs: () => number; readonly letGo: () => void } {
  let letGo = (): void => {};
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const { answer, answerMatrix } = LiveModel.prototype;
  const whole = vi.spyOn(LiveModel.prototype, "answer").mockImplementation(async function (this: LiveModel, ...given) {
    await gone;
    return answer.apply(this, given);
  });
  const matrix = vi.spyOn(LiveModel.prototype, "answerMatrix").mockImplementation(async function (
    this: LiveModel,
    ...given
  ) {
    await gone;
    return answerMatrix.apply(this, given);
  });
  return { runs: () => whole.mock.calls.length + matrix.mock.calls.length, letGo };
}

/** Without a log: what is in time or late is the model, and not the disk. */
const log = { requests: "none", durability: "memory" } as const;
const late = [504, "the answer was not there in time"];

describe("an answer that takes too long", () => {
  it("is not waited for, on the fast path, beside it, and over gRPC", async () => {
    await given.promote(1);
    const port = await given.start({ log, limits: { answerMilliseconds: 1000, lookMilliseconds: 20 } });
    using fast = await RawConnection.open(port);
    for (let times = 0; times < 2; times++) expect(await fast.ask(compose(sound))).toMatchObject({ status: 200 });
    using client = openClient(port);
    await client.send("ModelInfer", soundMessage);
    const { letGo } = holdModel();
    const replies = await Promise.all([fast.ask(compose(sound)), askOnce(port, compose(sound, general))]);
    expect(replies.map(told)).toEqual([late, late]);
    expect(await client.send("ModelInfer", soundMessage)).toEqual({ code: "DEADLINE_EXCEEDED", details: late[1] });
    // A model that hangs is found by its evidence, however it was asked.
    expect((await readEvidence(port)).variants).toMatchObject([{ answered: 3, failed: 3 }]);
    letGo();
    // It goes on with the next, and what came too late is told to nobody.
    const next = await fast.ask(compose(sound));
    expect(next?.status).toBe(200);
    expect((await readEvidence(port)).variants).toMatchObject([{ answered: 4, failed: 3 }]);
    expect((await get(port, "/v2/health/live")).status).toBe(200);
  });

  it("may be given less time by its request", async () => {
    await given.promote(1);
    const port = await given.start();
    using client = openClient(port);
    await client.send("ModelInfer", soundMessage);
    const { letGo } = holdModel();
    expect(told(await askOnce(port, compose(sound, "steward-timeout: 50")))).toEqual(late);
    expect(await callWithin(port, 50)).toBe(status.DEADLINE_EXCEEDED);
    // Who is in such a hurry says nothing of the model.
    expect((await readEvidence(port)).variants).toMatchObject([{ answered: 1, failed: 0 }]);
    expect(told(await askOnce(port, compose(sound, "steward-timeout: 1000")))).toEqual(late);
    expect((await readEvidence(port)).variants).toMatchObject([{ answered: 1, failed: 1 }]);
    letGo();
  });

  it("is not begun once it is too late", async () => {
    await given.promote(1);
    const port = await given.start({ log, limits: { answerMilliseconds: 1000, lookMilliseconds: 20 } });
    for (let times = 0; times < 2; times++) expect((await askOnce(port, compose(sound)))?.status).toBe(200);
    const { runs, letGo } = holdModel();
    // The second waits for the end of the first, and has no more time by then.
    const first = askOnce(port, compose(sound));
    await eventually(runs).toBe(1);
    const second = askOnce(port, compose(sound));
    expect((await Promise.all([first, second])).map(told)).toEqual([late, late]);
    letGo();
    expect((await askOnce(port, compose(sound)))?.status).toBe(200);
    expect(runs()).toBe(2);
  });
});

/** The code that a call of gRPC ends with, whose caller gives it so many milliseconds. */
function callWithin(port: number, milliseconds: number): Promise<number | undefined> {
  const Client = makeGenericClientConstructor({ ModelInfer: inferenceService.ModelInfer }, "inference");
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const { path, responseDeserialize } = inferenceService.ModelInfer;
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      (whole: Buffer) => whole,
      responseDeserialize,
      soundMessage,
      { deadline: Date.now() + milliseconds },
      (error) => {
        client.close();
        resolve(error?.code);
      },
    );
  });
}

/** A model of one number. */
function openLiveModel(predict: () => Promise<Float32Array>): LiveModel {
  const modelPackage = {
    format: formatOf("model-package"),
    model: "a",
    onnx: { sha256: "", size: 0 },
    task: "regression",
    inputs: [{ name: "wind", type: "number" }],
    output: "value",
    categories: {},
    run: "r",
    trainingSet: "t",
    example: { wind: 0 },
  } as const;
  const session = { predict, close: async () => {}, engine: "onnx" } as unknown as CompiledSession;
  return new LiveModel({ version: 1, package: "p" } as ProductionRef, modelPackage as unknown as ModelPackage, session);
}

describe("what is too much at once", () => {
  it("is told to come again: a connection too many", async () => {
    await given.promote(1);
    const port = await given.start({ limits: { connections: 2 } });
    using first = await RawConnection.open(port);
    using second = await RawConnection.open(port);
    for (const open of [first, second]) expect((await open.ask(compose(sound)))?.status).toBe(200);
    using third = await RawConnection.open(port);
    const refused = await third.ask(compose(sound));
    expect(told(refused)).toEqual([503, "the server has as many connections as it takes; try again"]);
    expect(refused?.head).toContain("retry-after: 1");
    expect((await first.ask(compose(sound)))?.status).toBe(200);
    second[Symbol.dispose]();
    await eventually(async () => (await askOnce(port, compose(sound)))?.status).toBe(200);
  });

  it("is told to come again: bodies that there is no room for", async () => {
    await given.promote(1);
    const port = await given.start({ limits: { heldBytes: 5000 } });
    const large = sound.padEnd(6000);
    using half = await RawConnection.open(port);
    half.send(compose(sound.padEnd(4000), general).subarray(0, -10));
    await get(port, "/v2/health/live");
    // Alone there is room for it.
    const refused = await askOnce(port, compose(sound.padEnd(3000), general));
    expect(told(refused)).toEqual([503, "the server holds as many bodies as it can at once; try again"]);
    expect(refused?.head).toContain("retry-after: 1");
    expect((await askOnce(port, compose(large, general)))?.status).toBe(503);
    half.send(" ".repeat(10));
    expect((await half.read())?.status).toBe(200);
    expect((await askOnce(port, compose(sound.padEnd(3000), general)))?.status).toBe(200);
    using client = openClient(port);
    const message = { model_name: "storm", inputs: [], parameters: { a: { string_param: "a".repeat(200_000) } } };
    expect((await client.call("ModelInfer", message)).code).toBe("UNAVAILABLE");
    expect((await client.send("ModelInfer", soundMessage)).code).toBe("OK");
  });

  it("is told to come again: calls of gRPC whose messages there is no room for beside those that are being answered", async () => {
    await given.promote(1);
    const port = await given.start({ limits: { heldBytes: 5000 } });
    const note = { parameters: { note: { string_param: "a".repeat(3000) } } };
    const message = Buffer.concat([soundMessage, inferenceService.ModelInfer.requestSerialize(note)]);
    using client = openClient(port);
    const { runs, letGo } = holdModel();
    const first = client.send("ModelInfer", message);
    await eventually(runs).toBe(1);
    expect((await client.send("ModelInfer", message)).code).toBe("UNAVAILABLE");
    letGo();
    expect((await first).code).toBe("OK");
    for (let times = 0; times < 3; times++) expect((await client.send("ModelInfer", message)).code).toBe("OK");
  });

  it("is none where compressed bodies come one after the other: each gives its room back when it is answered", async () => {
    await given.promote(1);
    const port = await given.start({ limits: { heldBytes: 300_000 } });
    const body = gzipSync(sound.padEnd(100_000));
    const send = async () => {
      const url = `http://127.0.0.1:${port}/v2/models/storm/infer`;
      return (await fetch(url, { method: "POST", headers: { "content-encoding": "gzip" }, body })).status;
    };
    for (let times = 0; times < 5; times++) expect(await send()).toBe(200);
  });

  it("is told to come again: rows that are under way", async () => {
    const rows = 60_000;
    let answer = (_answers: Float32Array): void => {};
    const predict = () =>
      new Promise<Float32Array>((resolve) => {
        answer = resolve;
      });
    const live = openLiveModel(predict);
    const columns = { wind: new Array<null>(rows).fill(null) };
    const first = live.answer(columns, rows);
    await expect(live.answer(columns, rows)).rejects.toMatchObject({
      status: 503,
      headers: { "retry-after": "1" },
      message: "the server has more to answer than it can",
    });
    answer(new Float32Array(rows));
    expect(await first).toHaveLength(rows);
    const next = live.answer(columns, rows);
    answer(new Float32Array(rows));
    expect(await next).toHaveLength(rows);
  });

  it("waits with its caller: calls of gRPC", async () => {
    await given.promote(1);
    const session = http2.connect(`http://127.0.0.1:${await given.start({ limits: { callsOfConnection: 7 } })}`);
    await once(session, "remoteSettings");
    expect(session.remoteSettings.maxConcurrentStreams).toBe(7);
    session.destroy();
  });
});

/** A body whose answer is some 50 kB. */
const manyRows = JSON.stringify({
  inputs: ask().inputs.map((tensor) => ({ ...tensor, shape: [2000], data: new Array<null>(2000).fill(null) })),
});

describe("what is too slow", () => {
  const limits = { headMilliseconds: 300, requestMilliseconds: 600, idleMilliseconds: 1500, lookMilliseconds: 20 };
  const slow = [408, "the request did not come to its end in time"];

  it.each([
    ["a head", "GET /v2 HTTP/1.1\r\nhost"],
    ["a body", compose(sound, general).subarray(0, -10).toString()],
    ["the head of an inference", compose(sound).subarray(0, 60).toString()],
    ["the body of an inference", compose(sound).subarray(0, -10).toString()],
  ])("is told so: %s", async (_name, part) => {
    await given.promote(1);
    const port = await given.start({ limits });
    using connection = await RawConnection.open(port);
    connection.send(part);
    // A byte now and then keeps it from being idle, and it comes no nearer to its end.
    const drip = setInterval(() => connection.send(part.includes("\r\n\r\n") ? "" : "a"), 50);
    expect(told(await connection.read())).toEqual(slow);
    clearInterval(drip);
    await eventually(() => connection.isClosed).toBe(true);
  });

  it.each([
    ["after an inference", compose(sound)],
    ["after another request", "GET /v2 HTTP/1.1\r\nhost: a\r\n\r\n"],
  ])("is closed where it says nothing, %s", async (_name, bytes) => {
    await given.promote(1);
    const port = await given.start({ limits });
    using connection = await RawConnection.open(port);
    const begun = performance.now();
    expect((await connection.ask(bytes))?.status).toBe(200);
    await eventually(() => connection.isClosed).toBe(true);
    expect(performance.now() - begun).toBeGreaterThan(1000);
  });

  it("is closed where nothing has ever been said", async () => {
    const port = await given.start({ limits });
    using connection = await RawConnection.open(port);
    await eventually(() => connection.isClosed).toBe(true);
  });

  it.each([
    ["on the fast path", compose(sound), 40_000],
    ["beside it", compose(manyRows, general), 600],
  ])("is closed where it takes no answers, %s", async (_name, request, times) => {
    await given.promote(1);
    const port = await given.start({ limits });
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    let closed = false;
    socket.once("close", () => {
      closed = true;
    });
    socket.pause();
    for (let i = 0; i < times; i += 200) socket.write(Buffer.concat(new Array<Buffer>(200).fill(request)));
    await eventually(async () => {
      await sleep(50);
      return closed || socket.destroyed;
    }).toBe(true);
    expect((await askOnce(port, compose(sound)))?.status).toBe(200);
  });

  it("is told so: a call of gRPC without a message", async () => {
    await given.promote(1);
    const session = http2.connect(`http://127.0.0.1:${await given.start({ limits })}`);
    const stream = session.request({
      ":method": "POST",
      ":path": inferenceService.ModelInfer.path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const [headers] = await once(stream, "response");
    const code = headers["grpc-status"] ?? (await once(stream, "trailers"))[0]["grpc-status"];
    expect(Number(code)).toBe(status.DEADLINE_EXCEEDED);
    session.destroy();
  });
});

describe("a server that is about to end", () => {
  it("lives, is not ready, and closes what it has answered", async () => {
    await given.promote(1);
    const port = await given.start();
    const asked = ["/v2/health/ready", "/v2/health/live"].map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
    const connections = await Promise.all([...asked, compose(sound).toString()].map(() => RawConnection.open(port)));
    for (const [i, text] of [...asked, compose(sound).toString()].entries()) connections[i]?.send(text.slice(0, -1));
    await get(port, "/v2/health/live");
    const closing = given.close();
    for (const [i, text] of [...asked, compose(sound).toString()].entries()) connections[i]?.send(text.slice(-1));
    const replies = await Promise.all(connections.map((connection) => connection.read()));
    expect(replies.map((reply) => reply?.status)).toEqual([503, 200, 200]);
    for (const reply of replies) expect(reply?.head).toContain("connection: close");
    await closing;
    await eventually(() => connections.every(({ isClosed }) => isClosed)).toBe(true);
    for (const connection of connections) connection[Symbol.dispose]();
  });
});

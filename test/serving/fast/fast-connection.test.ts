import { once } from "node:events";
import { open as openFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { useServer } from "../given-server.ts";
import { readRecords } from "../segments.ts";
import { ask, eventually, infer, model, putPackage, release, sigmoid } from "../storm-model.ts";

const given = useServer();
const line = `POST /v2/models/${model}/infer HTTP/1.1`;

function compose(body: string, ...headers: readonly string[]): string {
  return [line, "host: a", `content-length: ${Buffer.byteLength(body)}`, ...headers, "", body].join("\r\n");
}

function askFor(wind: number, id: string): string {
  return JSON.stringify(ask({ wind }, { id }));
}

/** A connection, and all that came over it. */
async function open(port: number): Promise<{ readonly socket: Socket; text(): string; bodies(): unknown[] }> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString();
  });
  await once(socket, "connect");
  return {
    socket,
    text: () => text,
    bodies: () => [...text.matchAll(/^\{.*\}/gm)].map(([body]) => JSON.parse(body)),
  };
}

const winds = [0.5, -1, 2, 3.25, -4];

describe("a connection that asks for inferences alone", () => {
  it.each([
    ["at once", (text: string) => [text]],
    ["byte by byte", (text: string) => [...text]],
    ["in pieces of 100 bytes", (text: string) => text.match(/[\s\S]{1,100}/g) ?? []],
  ])("is answered in the order of its requests, sent %s", async (_title, cut) => {
    await given.promote(1);
    const { socket, bodies } = await open(await given.start());
    const requests = winds.map((wind, i) => compose(askFor(wind, `r${i}`))).join("");
    for (const piece of cut(requests)) socket.write(piece);
    await eventually(async () => bodies().length).toBe(winds.length);
    expect(bodies()).toMatchObject(
      winds.map((wind, i) => ({
        id: `r${i}`,
        outputs: [{ data: [expect.closeTo(sigmoid(2 * wind), 6)] }, { data: [wind > 0] }],
      })),
    );
    expect((await readRecords(given.segments)).map(({ id }) => id)).toEqual(winds.map((_wind, i) => `r${i}`));
    socket.destroy();
  });

  it("leaves the same record of a request that was read by a template as of one that was read as a whole", async () => {
    await given.promote(1);
    const { socket, bodies } = await open(await given.start());
    const body = JSON.stringify(ask({ wind: -0.25, rain: null, region: "south" }, { id: "a" }));
    for (let i = 0; i < 2; i++) {
      socket.write(compose(body));
      await eventually(async () => bodies().length).toBe(i + 1);
    }
    const [whole, byTemplate] = await readRecords(given.segments);
    const own = { sequence: 2, time: expect.stringMatching(/^\d{4}-.*Z$/), latencyMicroseconds: expect.any(Number) };
    expect(byTemplate).toEqual({ ...whole, ...own });
    expect(bodies()[1]).toEqual(bodies()[0]);
    socket.destroy();
  });

  it("is counted like any other, read by a template or as a whole", async () => {
    await given.promote(1);
    const port = await given.start();
    const { socket, bodies } = await open(port);
    for (const [i, wind] of winds.entries()) {
      socket.write(compose(askFor(wind, `r${i}`)));
      await eventually(async () => bodies().length).toBe(i + 1);
    }
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const sample of [
      'steward_requests_total{route="infer",status="200"} 5',
      'steward_rows_total{route="infer"} 5',
      'steward_request_seconds_count{route="infer"} 5',
      `request_predict_seconds_count{model_name="${model}"} 5`,
    ])
      expect(text).toContain(sample);
    socket.destroy();
  });

  it("is refused an answer whose record cannot be kept, and given the next", async () => {
    await given.promote(1);
    const { socket, bodies, text } = await open(await given.start());
    socket.write(compose(askFor(1, "a")));
    await eventually(async () => bodies().length).toBe(1);
    const file = await openFile(join(given.folder, "any"), "w");
    const write = vi.spyOn(Object.getPrototypeOf(file), "write").mockRejectedValueOnce(new Error("EIO"));
    await file.close();
    socket.write(compose(askFor(1, "b")));
    await eventually(async () => bodies().length).toBe(2);
    socket.write(compose(askFor(1, "c")));
    await eventually(async () => bodies().length).toBe(3);
    write.mockRestore();
    expect(text().match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 503", "HTTP/1.1 200"]);
    expect((await readRecords(given.segments)).map(({ id }) => id)).toEqual(["a", "c"]);
    socket.destroy();
  });

  it("is refused what is wrong with one of them, and goes on", async () => {
    await given.promote(1);
    const { socket, bodies, text } = await open(await given.start());
    socket.write(compose(askFor(1, "a")) + compose("{") + compose(askFor(1, "b")) + compose('{"inputs":[]}'));
    await eventually(async () => bodies().length).toBe(4);
    expect(text().match(/HTTP\/1.1 \d+ [A-Za-z ]+/g)).toEqual(
      ["200 OK", "400 Bad Request", "200 OK", "400 Bad Request"].map((status) => `HTTP/1.1 ${status}`),
    );
    expect(bodies()[1]).toEqual({ error: "the body is not JSON in UTF-8" });
    socket.destroy();
  });

  it("is given to the whole parser with its first other request, after all before were answered", async () => {
    await given.promote(1);
    const { socket, text } = await open(await given.start());
    const other = `GET /v2/models/${model}/ready HTTP/1.1\r\nhost: a\r\n\r\n`;
    socket.write(compose(askFor(1, "a")) + compose(askFor(2, "b")) + other + compose(askFor(3, "c")));
    await eventually(async () => text().match(/HTTP\/1.1 200/g)?.length).toBe(4);
    expect(text()).toMatch(/"id":"a"[\s\S]*"id":"b"[\s\S]*"ready":true[\s\S]*"id":"c"/);
    socket.destroy();
  });

  it("may ask for a connection to be closed, in chunks, or with a form of HTTP that is older", async () => {
    await given.promote(1);
    const port = await given.start();
    const body = askFor(1, "a");
    const chunked = `${line}\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    for (const request of [
      compose(body, "connection: close"),
      chunked,
      compose(body).replace("HTTP/1.1", "HTTP/1.0"),
    ]) {
      const { socket, bodies } = await open(port);
      socket.write(request);
      await eventually(async () => bodies()).toMatchObject([{ id: "a" }]);
      socket.destroy();
    }
  });

  it("is answered by one version each, whatever is promoted meanwhile", async () => {
    const digests = [await given.promote(1, 0)];
    const port = await given.start();
    const { socket, bodies } = await open(port);
    for (let request = 0; request < 200; request++) {
      if (request % 40 === 20) digests.push(await given.promote(digests.length + 1, digests.length));
      socket.write(compose(askFor(0, String(request))));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await eventually(async () => bodies().length).toBe(200);
    for (const answer of bodies() as { parameters: { model_digest: string }; outputs: { data: number[] }[] }[]) {
      const version = digests.indexOf(answer.parameters.model_digest);
      expect(answer.outputs[0]?.data[0]).toBeCloseTo(sigmoid(version), 6);
    }
    socket.destroy();
  });

  it("is given to the whole parser for a large body, whatever is asked", async () => {
    await given.promote(1);
    const { socket, text } = await open(await given.start());
    const large = `${askFor(1, "large")}${" ".repeat(64 * 2 ** 10)}`;
    socket.write(compose(askFor(1, "small")) + compose(large));
    await eventually(async () => text().match(/HTTP\/1.1 200/g)?.length).toBe(2);
    const [, small, whole] = text().split("HTTP/1.1 200");
    // The whole parser tells how long it keeps a connection.
    expect([small, whole].map((answer) => /^keep-alive: timeout/im.test(answer ?? ""))).toEqual([false, true]);
    socket.destroy();
  });

  it("leaves nothing behind when its caller goes away in the midst of it", async () => {
    await given.promote(1);
    const port = await given.start();
    for (const end of [10, 150, 10_000]) {
      const { socket } = await open(port);
      socket.write(compose(askFor(1, "a")).slice(0, end));
      socket.destroy();
    }
    expect((await infer(port, ask())).status).toBe(200);
    await given.close();
    expect(given.lines.filter((text) => text.includes("failed"))).toEqual([]);
  });

  it("is read no further than what waits for an answer allows", async () => {
    await given.promote(1);
    const { socket, bodies } = await open(await given.start());
    socket.write(Array.from({ length: 1_000 }, (_, i) => compose(askFor(i / 1000, String(i)))).join(""));
    await eventually(async () => bodies().length).toBe(1_000);
    expect(bodies().map((body) => Number((body as { id: string }).id))).toEqual(
      Array.from({ length: 1_000 }, (_, i) => i),
    );
    socket.destroy();
  });

  it("is answered all that came before its caller closed its half, and refused what is for others", async () => {
    await given.promote(1);
    const port = await given.start();
    const first = await open(port);
    first.socket.end(Array.from({ length: 200 }, (_, i) => compose(askFor(0, String(i)))).join(""));
    await once(first.socket, "close");
    expect(first.bodies()).toHaveLength(200);
    const second = await open(port);
    second.socket.end(`${compose(askFor(0, "a"))}GET /v2 HTTP/1.1\r\nhost: a\r\n\r\n`);
    await once(second.socket, "close");
    expect(second.bodies()).toHaveLength(2);
    expect(second.text()).toContain('"id":"a"');
  });

  it("does not fail others of the same turn with a row that the model has no answer to", async () => {
    const { name, value } = release(1, await putPackage(given.store, 0, { task: "regression", output: "value" }));
    given.store.setRef(name, 1, value);
    const port = await given.start();
    const { socket, bodies } = await open(port);
    socket.write(compose(askFor(1, "taught")));
    await eventually(async () => bodies().length).toBe(1);
    // Twice this is beyond single precision.
    socket.write(compose(askFor(1, "a")) + compose(askFor(3e38, "b")) + compose(askFor(2, "c")));
    await eventually(async () => bodies().length).toBe(4);
    expect(bodies().slice(1)).toMatchObject([{ id: "a" }, { error: expect.any(String) }, { id: "c" }]);
    socket.destroy();
  });
});

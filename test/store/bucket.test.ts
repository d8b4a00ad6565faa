import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { digestBytes } from "../../framework/plan/digest.ts";
import { openStore } from "../../framework/store/store.ts";
import { failure } from "../support/failure.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Serves on a free port of loopback until the test ends; returns the store's connection by that port. */
async function behind(server: Server) {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  stops.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return { ...given.connection, endpoint: `http://127.0.0.1:${address.port}` };
}

/** A wire to the store that tears when so many bytes have come back; the following ones hold. */
function wireThatTears(afterBytes: number, { times }: { times: number }): Server {
  let torn = 0;
  const { hostname, port } = new URL(given.connection.endpoint);
  return createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
    let come = 0;
    far.on("data", (chunk: Buffer) => {
      come += chunk.length;
      if (come > afterBytes && torn < times) {
        torn++;
        near.destroy();
        far.destroy();
      } else {
        near.write(chunk);
      }
    });
    far.on("close", () => near.end());
  });
}

describe("a request", () => {
  const bytes = Buffer.alloc(5_000_000, "steward");

  it("is made anew when its connection breaks, from the beginning", async () => {
    const reference = await given.store.putBytes(bytes);
    const connection = await behind(wireThatTears(1_000_000, { times: 2 }));
    const store = openStore(connection, { prefix: given.prefix, cacheFolder: join(given.folder, given.prefix) });
    expect(digestBytes(await store.getBytes(reference))).toBe(reference.sha256);
    const other = await behind(wireThatTears(1_000_000, { times: 2 }));
    const cold = openStore(other, { prefix: given.prefix, cacheFolder: join(given.folder, given.prefix) });
    expect(await cold.fetchFile(reference)).toContain(reference.sha256);
  });

  it("that keeps breaking ends as a store that does not answer", async () => {
    const reference = await given.store.putBytes(bytes);
    const connection = await behind(wireThatTears(1_000_000, { times: 99 }));
    const store = openStore(connection, { prefix: given.prefix, cacheFolder: join(given.folder, given.prefix) });
    expect((await failure(store.getBytes(reference))).problems).toMatchObject([{ code: "store-unreachable" }]);
  });

  it("that makes a name is not made twice when only its answer is lost", async () => {
    const connection = await behind(wireThatTears(0, { times: 1 }));
    const store = openStore(connection, { prefix: given.prefix, cacheFolder: given.folder });
    // Who won is not known for certain then, but the value is.
    expect(await store.writeOnce("answered", "mine")).toMatchObject({ value: "mine" });
    await store.moveRef("answered", { generation: 1, value: "mine" });
    expect(await given.store.readRef("answered")).toMatchObject({ generation: 1, value: "mine" });
  });

  it.each([500, 503, 429])("answered with %i is made anew, in silence, and then told", async (status) => {
    let asked = 0;
    const server = createHttpServer((request, response) => {
      asked++;
      request.resume();
      response.writeHead(status).end();
    });
    const store = openStore(await behind(server), { cacheFolder: given.folder });
    const error = await failure(store.readName("a"));
    expect(error.problems).toMatchObject([{ code: "store-failed" }]);
    expect(error.message).toContain(String(status));
    expect(asked).toBe(4);
  });
});

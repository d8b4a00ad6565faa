import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { StoreConnection } from "../../../framework/connection/connection.ts";
import { decodeLines, pushedBatchSchema } from "../../../framework/data/intake/pushed-batch.ts";
import { openStore } from "../../../framework/store/store.ts";
import { findFreePort } from "../../support/minio.ts";
import { describeSurroundings } from "../../support/surroundings.ts";
import { useStore } from "../../support/test-store.ts";
import { push, token } from "./given-intake.ts";

const given = useStore();
const program = join(import.meta.dirname, "../../../framework/data/intake/main.ts");
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Program {
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: () => string;
}

async function start(store: StoreConnection, change: Record<string, string> = {}): Promise<Program> {
  const port = await findFreePort();
  const engine = { address: "127.0.0.1:1", namespace: "none", ui: "http://127.0.0.1:1" };
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...describeSurroundings(given.folder),
      STEWARD_CONNECTION: JSON.stringify({ owner: "test/local", store, engine }),
      STEWARD_INTAKE_TOKEN: token,
      STEWARD_DATASETS: '["clicks"]',
      STEWARD_PORT: String(port),
      ...change,
    },
  });
  let output = "";
  child.stderr?.on("data", (chunk) => {
    output += chunk;
  });
  ends.push(async () => {
    if (child.exitCode === null && child.signalCode === null) await end(child, "SIGKILL");
  });
  return { child, port, output: () => output };
}

async function startReady(store: StoreConnection): Promise<Program> {
  const started = await start(store);
  const ask = () =>
    fetch(`http://127.0.0.1:${started.port}/healthz`).then(
      ({ status }) => status,
      () => 0,
    );
  await expect.poll(ask, { timeout: 20_000 }).toBe(200);
  return started;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, "exit");
  child.kill(signal);
  const [code] = await exited;
  return code;
}

/** A way to the store on which a write of some kind is done and never answered: `onDone` hears of it instead. */
async function muteWrites(kind: "objects" | "names", onDone: () => void): Promise<StoreConnection> {
  const { hostname, port } = new URL(given.connection.endpoint);
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
      if (method === "PUT" && url.includes(`/${kind}/`)) return onDone();
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.unshift(async () => {
    server.close();
    server.closeAllConnections();
  });
  return { ...given.connection, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("the program of the intake, on a real store", () => {
  it.each(["objects", "names"] as const)(
    "killed after its write of %s and before its answer has a batch once",
    async (kind) => {
      const key = `killed after ${kind}`;
      let killed: Promise<unknown> | undefined;
      let program: Program | undefined;
      const muted = await muteWrites(kind, () => {
        killed = program && end(program.child, "SIGKILL");
      });
      program = await startReady(muted);
      await expect(push(program.port, [{ n: 1 }, { n: 2 }], { key })).rejects.toThrow();
      await killed;
      expect(killed).toBeDefined();
      const again = await startReady(given.connection);
      const [first, second] = [
        await push(again.port, [{ n: 1 }, { n: 2 }], { key }),
        await push(again.port, [{ n: 1 }, { n: 2 }], { key }),
      ];
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(second.body).toEqual(first.body);
      const store = openStore(given.connection, { cacheFolder: given.folder });
      const batches = [];
      for await (const name of store.listNames("pushed/clicks/"))
        batches.push(pushedBatchSchema.parse(await store.readName(name)));
      const kept = batches.filter(({ at }) => at === first.body["at"]);
      expect(kept).toHaveLength(1);
      expect(kept[0] && decodeLines(await store.getBytes(kept[0].object))).toEqual(['{"n":1}', '{"n":2}']);
    },
  );

  it("ends with 0 when it is told to, and says nothing secret", async () => {
    const { child, port, output } = await startReady(given.connection);
    expect((await push(port, [{ n: 3 }], { token: "wrong" })).status).toBe(401);
    expect(await end(child, "SIGTERM")).toBe(0);
    expect(output()).toContain("listening on 127.0.0.1:");
    expect(output()).not.toContain(token);
    expect(output()).not.toContain(given.connection.secretKey);
  });

  it("ends with 1 where a variable is not right, and says which", async () => {
    const { child, output } = await start(given.connection, {
      STEWARD_DATASETS: "clicks",
      STEWARD_INTAKE_TOKEN: "short",
    });
    const [code] = await once(child, "exit");
    expect(code).toBe(1);
    expect(output()).toContain("STEWARD_DATASETS");
    expect(output()).toContain("STEWARD_INTAKE_TOKEN");
    expect(output()).not.toContain("short");
  });
});

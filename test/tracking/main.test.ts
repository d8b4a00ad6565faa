import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openStore } from "../../framework/store/store.ts";
import { findFreePort, startMinio } from "../support/minio.ts";
import { startPostgres } from "../support/postgres.ts";
import { describeSurroundings } from "../support/surroundings.ts";
import { until } from "./until.ts";

const program = join(import.meta.dirname, "../../framework/tracking/main.ts");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [program], {
    env: { ...describeSurroundings(), ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  children.push(child);
  let output = "";
  child.stderr?.on("data", (chunk) => {
    output += chunk;
  });
  return { child, output: () => output };
}

describe("the program of the tracking server", () => {
  it("says which of its settings are wrong, without their values, and ends with 1", async () => {
    const { child, output } = start({ STEWARD_TRACKING_TOKENS: "secret-that-is-no-json", STEWARD_PORT: "0" });
    const [code] = await once(child, "exit");
    expect(code).toBe(1);
    for (const name of ["STEWARD_CONNECTION", "STEWARD_TRACKING_DATABASE", "STEWARD_TRACKING_TOKENS", "STEWARD_PORT"]) {
      expect(output()).toContain(`"${name}" is not what a tracking server needs`);
    }
    expect(output()).not.toContain("secret-that");
  });

  it("has every value that it acknowledged, after it was killed while 32 writers logged, and ends with 0 when it is told to", async () => {
    await using given = new AsyncDisposableStack();
    const [minio, postgres] = await Promise.all([startMinio(), startPostgres()]);
    given.defer(() => minio.stop());
    given.defer(() => postgres.stop());
    await openStore(minio.connection).prepare();
    const port = await findFreePort();
    const env = {
      STEWARD_CONNECTION: JSON.stringify({
        owner: "test",
        store: minio.connection,
        engine: { address: "127.0.0.1:1", namespace: "none", ui: "http://127.0.0.1:1" },
      }),
      STEWARD_TRACKING_DATABASE: postgres.url,
      STEWARD_PORT: String(port),
    };
    const url = `http://127.0.0.1:${port}`;
    const listens = () =>
      fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    const post = async (path: string, body: object) => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return {
        status: response.status,
        body: (await response.json()) as { readonly run: { readonly info: { readonly run_id: string } } },
      };
    };
    const first = start(env);
    await until(listens, "the server").catch(() => expect(first.output()).toBe("it listens"));
    const { body } = await post("runs/create", { experiment_id: "0" });
    const { run_id } = body.run.info;
    const acknowledged: string[] = [];
    let ended = false;
    const write = async (writer: number) => {
      for (let step = 0; !ended; step++) {
        const metric = { run_id, key: `m${writer}`, value: step, timestamp: 1, step };
        const answer = await post("runs/log-metric", metric).catch(() => undefined);
        if (answer?.status === 200) acknowledged.push(`m${writer} ${step}`);
      }
    };
    const writers = Array.from({ length: 32 }, (_, writer) => write(writer));
    await until(async () => acknowledged.length > 300, "300 values");
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    ended = true;
    await Promise.all(writers);
    const rows = await postgres.sql<{ name: string }[]>`SELECT key || ' ' || step AS name FROM tracking.metrics`;
    const present = new Set(rows.map(({ name }) => name));
    expect(acknowledged.filter((name) => !present.has(name))).toEqual([]);
    const second = start(env);
    await until(listens, "the server again");
    expect((await post("runs/log-metric", { run_id, key: "after", value: 1, timestamp: 1 })).status).toBe(200);
    second.child.kill("SIGTERM");
    expect(await once(second.child, "exit")).toEqual([0, null]);
  });
});

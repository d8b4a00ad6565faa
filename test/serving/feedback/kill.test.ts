import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLines } from "../../../framework/serving/log/convert-segment.ts";
import { findFreePort } from "../../support/minio.ts";
import { startServerProgram } from "../../support/server-program.ts";
import { useStore } from "../../support/test-store.ts";
import { eventually } from "../storm-model.ts";

const given = useStore();

let folder: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-feedback-kill-"));
});
afterEach(async () => {
  if (child) await kill(child);
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const port = await findFreePort();
  const change = { STEWARD_FEEDBACK: '{"label":{"type":"boolean"},"matures":"1 day"}' };
  const started = startServerProgram({ store: given.connection, folder, port }, { change });
  child = started.child;
  await eventually(() =>
    fetch(`http://127.0.0.1:${port}/v2/health/live`).then(
      ({ status }) => status,
      () => 0,
    ),
  ).toBe(200);
  return { child: started.child, port };
}

async function kill(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exited = once(process, "exit");
  process.kill("SIGKILL");
  await exited;
}

/** Sends labels from several clients until told to stop, and keeps those that were acknowledged. */
function load(port: number, acknowledged: Set<string>, round: number) {
  let sending = true;
  const clients = Array.from({ length: 4 }, async (_, client) => {
    for (let request = 0; sending; request++) {
      const ids = Array.from({ length: 5 }, (_, item) => `${round}-${client}-${request}-${item}`);
      const body = JSON.stringify({ items: ids.map((id) => ({ id, label: true })) });
      const sent = fetch(`http://127.0.0.1:${port}/storms/feedback`, { method: "POST", body });
      const status = await sent.then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) for (const id of ids) acknowledged.add(id);
      else await sleep(5);
    }
  });
  return async () => {
    sending = false;
    await Promise.all(clients);
  };
}

describe("the stream of labels", () => {
  it("has every acknowledged label after kill -9 under load, each once, and goes on from there", async () => {
    const acknowledged = new Set<string>();
    for (let round = 0; round < 3; round++) {
      const started = await start();
      const stop = load(started.port, acknowledged, round);
      const before = acknowledged.size;
      await eventually(() => acknowledged.size - before).toBeGreaterThan(100);
      await kill(started.child);
      await stop();
    }
    // What the last process left is cut to what counts by the next.
    await start();
    const names = (await readdir(join(folder, "segments"))).filter((name) => name.startsWith("feedback-")).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, "segments", name))));
    const records = texts.flatMap((bytes) =>
      readLines(bytes).map(
        (line) => JSON.parse(line.bytes.toString()) as { readonly id: string; readonly sequence: number },
      ),
    );
    const kept = new Set(records.map(({ id }) => id));
    expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
    expect(kept.size).toBe(records.length);
    expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, i) => i + 1));
  }, 120_000);
});

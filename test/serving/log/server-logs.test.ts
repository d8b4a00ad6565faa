import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { listReplicas } from "../../../framework/serving/log/list-parts.ts";
import { ServerLogs } from "../../../framework/serving/log/server-logs.ts";
import { useStore } from "../../support/test-store.ts";
import { eventually } from "../storm-model.ts";

const given = useStore();

async function open(folder: string, change: Partial<Parameters<ServerLogs["open"]>[0]>): Promise<readonly string[]> {
  const lines: string[] = [];
  const logs = new ServerLogs();
  onTestFinished(() => logs.close());
  await logs.open({
    endpoint: "storms",
    segmentFolder: folder,
    log: { requests: "all", durability: "disk", ship: "1 second" },
    logStore: given.store,
    report: (line) => void lines.push(line),
    ...change,
  });
  return lines;
}

const line = '{"sequence":1,"id":"a","time":"2026-03-01T10:00:00.000Z","endpoint":"storms"}\n';

it("what a stream left that is no longer declared is brought into the store", async () => {
  const folder = join(given.folder, "undeclared");
  await mkdir(folder);
  await writeFile(join(folder, "requests-0000000000000001.jsonl"), line);
  await open(folder, { log: { requests: "none", durability: "disk", ship: "1 second" } });
  const heads = async () => (await listReplicas(given.store, { endpoint: "storms", stream: "requests" })).length;
  await eventually(heads).toBe(1);
});

it("a folder that cannot be opened keeps no server from answering", async () => {
  const folder = join(given.folder, "sound");
  const left = join(given.folder, "left");
  await mkdir(join(left, "requests-0000000000000001.jsonl"), { recursive: true });
  const lines = await open(folder, { leftFolders: [left] });
  expect(lines).toEqual([expect.stringContaining(`what is left of the log in ${left} cannot be opened`)]);
});

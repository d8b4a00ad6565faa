/**
 * Every golden history replays on the present workflows, without a server.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { historyFromJSON } from "@temporalio/common/lib/proto-utils.js";
import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { beforeAll, describe, expect, it } from "vitest";
import { buildBundle } from "../../workflows/bundle.ts";
import * as flows from "../../workflows/index.ts";
import { bundleFolder } from "./given-engine.ts";
import { historiesFolder } from "./golden.ts";

const types = Object.keys(flows);
const names = readdirSync(historiesFolder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".json"))
  .sort();

describe("golden histories", () => {
  let codePath = "";
  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger("ERROR", () => undefined), shutdownSignals: [] });
    ({ path: codePath } = await buildBundle(bundleFolder));
  });

  it("are there for every workflow type", () => {
    const without = types.filter((type) => !names.some((name) => name.startsWith(`${type}/`)));
    expect(without, "record with STEWARD_RECORD=1").toEqual([]);
  });

  it("replay on the present workflows", async () => {
    const failed: string[] = [];
    const histories = names.map((workflowId) => {
      const text = readFileSync(join(historiesFolder, workflowId), "utf8");
      return { workflowId, history: historyFromJSON(JSON.parse(text)) };
    });
    let replayed = 0;
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath } }, histories)) {
      replayed++;
      if (error) failed.push(`${workflowId}: ${error.message}`);
    }
    expect(failed).toEqual([]);
    expect(replayed).toBe(names.length);
  });

  it("say nothing of the machine that recorded them, and are small", () => {
    for (const name of names) {
      const text = readFileSync(join(historiesFolder, name), "utf8");
      expect(text, name).not.toMatch(/stackTrace|\/home\/|\/root\/|\/tmp\/|\/work\//);
      expect(text.length, name).toBeLessThan(100_000);
    }
  });
});

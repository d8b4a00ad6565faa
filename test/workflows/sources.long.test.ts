/**
 * Sources that a worker looks at, with everything real but the server that is read: engine, store, worker.
 * @module
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { historyToJSON } from "@temporalio/common/lib/proto-utils.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readVersionLog } from "../../framework/data/version-log.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { scheduleId } from "../../framework/engine/entity-names.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import { desireDataset } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { planDataset } from "../../framework/plan/plan-dataset.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { visits } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { bundleFolder } from "./given-engine.ts";

const token = "Bearer canary-0123456789";
const actor = { id: "ann", via: "test" } as const;
const dataset = (name: string) => ({ project: "shop", kind: "dataset", name }) as const;

describe("sources that a worker looks at", { timeout: 180_000 }, () => {
  let stack: TestStack;
  let server: Server;
  let remote: DatasetSpec;
  let derived: DatasetSpec;
  let rows = 3;
  let refuses = false;

  beforeAll(async () => {
    server = createServer(({ headers: { authorization } }, response) => {
      if (refuses || authorization !== token) response.writeHead(403).end(`${authorization} may not`);
      else
        response.end(`at,shop,spent\n${"2026-01-01T00:00:00Z,north,12\n".repeat(rows)}2026-01-02T00:00:00Z,south,-1\n`);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/visits.csv`;
    remote = {
      ...visits,
      name: "remote",
      source: { kind: "http", format: "csv", url, headers: { authorization: "input:token" } },
      schedule: { every: "1 hour" },
      contract: { violations: "quarantine", tolerance: 0.9 },
    };
    derived = {
      ...visits,
      name: "derived",
      source: {
        kind: "derived",
        from: ["remote"],
        steps: [
          {
            step: "filter",
            condition: { op: "gt", left: { op: "column", name: "spent" }, right: { op: "literal", value: 1 } },
          },
        ],
      },
    };
    stack = await startTestStack("shop");
    await stack.startWorker(await buildBundle(bundleFolder), { token });
  });
  afterAll(async () => {
    server.close();
    await stack.end();
  });

  const settled = (name: string, generation: number) =>
    until(name, (status) => status.settled >= generation && status.state !== "working");

  async function until(name: string, isWanted: (status: EntityStatus) => boolean): Promise<EntityStatus> {
    for (let left = 600; ; left--) {
      const status = await stack.engine.status(dataset(name));
      if (status && isWanted(status)) return status;
      if (left === 0) throw new Error(`${name} never got there: ${JSON.stringify(status)}`);
      await delay(100);
    }
  }

  async function apply(spec: DatasetSpec, upstream?: Readonly<Record<string, string>>): Promise<EntityStatus> {
    await stack.store.putJson(spec);
    const desired = desireDataset(spec, { location: "elsewhere", fingerprint: "", upstream });
    const { owner } = stack.connection;
    const message = { actor, owner, adopt: false, digest: digestOf(desired), desired };
    const { generation } = await stack.engine.apply(dataset(spec.name), message);
    return settled(spec.name, generation);
  }

  async function ask(name: string): Promise<EntityStatus> {
    const { generation } = await stack.engine.ingest(dataset(name), { actor });
    return settled(name, generation);
  }

  const rootOf = ({ live }: EntityStatus) => (live?.kind === "dataset" ? live.root : "");
  const planned = (spec: DatasetSpec, entity: EntityStatus, upstream = "") => {
    const rootOf = () => ({ root: upstream });
    const { ingest } = planDataset(spec, { entity, fingerprint: "", rootOf, versionOf: () => undefined });
    return ingest?.certainty.kind;
  };

  it("are taken in when deployed, when asked and on schedule, and what is derived from them follows", async () => {
    const first = await apply(remote);
    expect(first).toMatchObject({
      state: "ready",
      summary: "3 rows, 1 quarantined",
      live: { rows: 3, quarantined: 1, number: 1 },
    });
    expect(planned(remote, first)).toBeUndefined();
    const made = await apply(derived, { remote: rootOf(first) });
    expect(made).toMatchObject({ state: "ready", live: { rows: 3, upstream: { remote: rootOf(first) } } });
    expect(planned(derived, made, rootOf(first))).toBeUndefined();
    expect(planned(derived, made, "9".repeat(64))).toBe("will");

    expect(await ask("remote")).toMatchObject({ state: "ready", summary: "nothing new: 3 rows, 1 quarantined" });
    rows = 5;
    const second = await ask("remote");
    expect(second).toMatchObject({ live: { rows: 5, number: 2 } });
    await until("derived", ({ live, state }) => state === "ready" && live?.kind === "dataset" && live.rows === 5);

    rows = 6;
    await stack.engine.client.schedule.getHandle(scheduleId("shop", "remote")).trigger();
    const third = await until("remote", ({ live }) => live?.kind === "dataset" && live.number === 3);
    expect(third).toMatchObject({ generation: second.generation, live: { rows: 6 } });
    await until("derived", ({ live, state }) => state === "ready" && live?.kind === "dataset" && live.rows === 6);
    const log = await readVersionLog(stack.store, "remote");
    expect(log.map(({ number, actor: who, rows: count }) => [number, who?.id, count])).toEqual([
      [1, "ann", 3],
      [2, "ann", 5],
      [3, undefined, 6],
    ]);
  });

  it("that refuse are told of without the secret that they were asked with, which no history holds either", async () => {
    refuses = true;
    const failed = await ask("remote");
    refuses = false;
    expect(failed).toMatchObject({ state: "failed", live: { rows: 6 } });
    expect(failed.reasons.join("\n")).toContain("403");
    const { client } = stack.engine;
    let held = 0;
    for await (const { workflowId, runId } of client.workflow.list({ query: `WorkflowId STARTS_WITH "shop/"` })) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      const events = JSON.parse(historyToJSON(history));
      expect(readPayloads(events), workflowId).not.toContain("canary-0123456789");
      held += events.events.length;
    }
    expect(held).toBeGreaterThan(50);
    expect(await ask("remote")).toMatchObject({ state: "ready" });
  });
});

/** Everything that a history says, its payloads decoded. */
function readPayloads(value: unknown): string {
  if (typeof value === "string") return `${value}\n${Buffer.from(value, "base64").toString("latin1")}\n`;
  if (typeof value !== "object" || value === null) return "";
  return Object.values(value).map(readPayloads).join("");
}

/**
 * Entities of a newer Steward on a real engine: whoever is older refuses them and leaves them as they are.
 * @module
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { WorkflowUpdateFailedError } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { statusMemo, taskQueue } from "../../framework/engine/entity-names.ts";
import { messageNames } from "../../framework/engine/messages.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { failure } from "../support/failure.ts";
import { describeSurroundings } from "../support/surroundings.ts";
import { FakeWorld } from "./fake-world.ts";
import { bundleFolder, startTestEngine, type TestEngine } from "./given-engine.ts";
import { wishDataset, wishEndpoint, wishModel } from "./wishes.ts";

let given: TestEngine;
beforeAll(async () => {
  given = await startTestEngine();
});
afterAll(() => given.end());

/** Starts an entity as a newer Steward would. */
async function startNewer(project: string) {
  const name = "visits";
  const handle = await given.client.workflow.start("datasetEntity", {
    workflowId: `${project}/dataset/${name}`,
    taskQueue,
    args: [{ format: "entity-start/2", project, kind: "dataset", name }],
    memo: { [statusMemo]: { format: "entity-status/2", kind: "dataset", name, state: "ready" } },
  });
  await vi.waitUntil(async () => {
    for await (const found of given.client.workflow.list({ query: `WorkflowId = "${handle.workflowId}"` }))
      return found.workflowId !== "";
    return false;
  }, 30_000);
  return handle;
}

/** Runs a program of `workflows/` for a project to its end. */
async function run(program: string, project: string): Promise<{ readonly code: unknown; readonly stderr: string }> {
  const { path, buildId } = await buildBundle(bundleFolder);
  const store = {
    endpoint: "http://127.0.0.1:1",
    region: "r",
    accessKey: "a",
    secretKey: "s",
    bucket: "b",
    lockedBucket: "l",
  };
  const engine = { address: given.address, namespace: "steward", ui: "http://127.0.0.1:1" };
  const env = {
    ...describeSurroundings(),
    STEWARD_CONNECTION: JSON.stringify({ owner: `${project}/local`, store, engine }),
    STEWARD_BUNDLE: path,
    STEWARD_BUILD_ID: buildId,
    STEWARD_PROJECT: project,
    STEWARD_WORK: "/nowhere",
    STEWARD_HEALTH_SOCKET: "/nowhere/health",
  };
  const file = join(import.meta.dirname, "../../workflows", program);
  return promisify(execFile)(process.execPath, [file], { env, timeout: 60_000 }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    (error: { code: unknown; stderr: string }) => error,
  );
}

it("one that a newer Steward has taken further is not listed, and no older worker starts for it", async () => {
  await startNewer("listed");
  const { problems } = await failure(given.engine.list("listed"));
  expect(problems).toMatchObject([
    {
      code: "format-newer",
      at: "listed/dataset/visits",
      got: 'format "entity-status/2"',
      expected: 'at most "entity-status/1"',
    },
  ]);
  expect(await given.engine.list("other")).toEqual([]);
  for (const program of ["replay.ts", "worker.ts"]) {
    const ended = await run(program, "listed");
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/written by a newer Steward.*at listed\/dataset\/visits \[format-newer\]/s);
  }
});

it("one whose start is newer waits for a worker that knows it, and is lost by none that does not", async () => {
  const worker = await given.startWorker(new FakeWorld());
  const handle = await startNewer("waits");
  await vi.waitUntil(
    async () => {
      const { events = [] } = await handle.fetchHistory();
      return events?.some((event) =>
        event.workflowTaskFailedEventAttributes?.failure?.message?.includes(
          'was written by a newer Steward, and is left as it is (got format "entity-start/2"',
        ),
      );
    },
    { timeout: 30_000, interval: 200 },
  );
  expect((await handle.describe()).status.name).toBe("RUNNING");
  await worker.stop();
});

/** Who takes a message that is none of a model. */
const idOf: Readonly<Record<string, string>> = {
  ingest: "shop/dataset/visits",
  readmit: "shop/dataset/visits",
  advance: "shop/endpoint/desk",
  abort: "shop/endpoint/desk",
};

it("a message of a newer client is refused by every entity, which stays as it is", async () => {
  await given.startWorker(new FakeWorld());
  const spender = { project: "shop", kind: "model", name: "spender" } as const;
  await given.engine.apply(spender, wishModel({ spec: "spender", training: "one" }));
  const visits = { project: "shop", kind: "dataset", name: "visits" } as const;
  await given.engine.apply(visits, wishDataset("monday"));
  const desk = { project: "shop", kind: "endpoint", name: "desk" } as const;
  await given.engine.apply(desk, wishEndpoint("spender"));
  await given.until(desk, ({ state }) => state === "ready");
  const all = [spender, visits, desk];
  const before = await Promise.all(all.map((one) => given.settled(one)));
  const { status: _status, releases: _releases, ...updates } = messageNames;
  for (const name of Object.values(updates)) {
    const id = idOf[name] ?? "shop/model/spender";
    const handle = given.client.workflow.getHandle(id);
    const message = { format: "entity-message/2", ...wishModel({ spec: "spender", training: "two" }) };
    const refused = await handle.executeUpdate(name, { args: [message] }).catch((error: unknown) => error);
    const { cause } = refused instanceof WorkflowUpdateFailedError ? refused : {};
    expect(cause).toBeInstanceOf(ApplicationFailure);
    expect(cause).toMatchObject({
      type: "refused-format",
      details: [{ code: "format-newer", at: id, got: 'format "entity-message/2"' }],
    });
  }
  expect(await Promise.all(all.map((one) => given.engine.status(one)))).toEqual(before);
});

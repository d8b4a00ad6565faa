/**
 * Two builds of the worker side by side, as real processes: nothing hangs, steps end where they began, entities move on.
 * @module
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { DefaultLogger, Runtime, Worker } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { fingerprintSource } from "../../framework/data/fingerprint.ts";
import { deploymentName, entityTypes, taskQueue } from "../../framework/engine/entity-names.ts";
import { type Bundle, buildBundle } from "../../workflows/bundle.ts";
import { visits } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { describeSurroundings } from "../support/surroundings.ts";
import { bundleChanged } from "./changed-workflows.ts";
import { bundleFolder } from "./given-engine.ts";
import { owner } from "./wishes.ts";

const dataset = { project: "shop", kind: "dataset", name: "visits" } as const;
const patient = { timeout: 60_000, interval: 200 };

describe("a changed build of the workflows", { timeout: 180_000 }, () => {
  let stack: TestStack;
  let [first, second, broken]: Bundle[] = [];
  let server: Server;
  let served = 0;

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger("ERROR", () => undefined), shutdownSignals: [] });
    server = createServer((_request, response) => response.end(JSON.stringify({ versions: [String(served)] }))).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    stack = await startTestStack("shop");
    first = await buildBundle(bundleFolder);
    second = await bundleChanged(join(stack.scratch, "second"), {
      file: "dataset/decisions.ts",
      from: "} rows$",
      to: "} rows, says the second build$",
    });
    broken = await bundleChanged(join(stack.scratch, "broken"), {
      file: "dataset/settle.ts",
      from: "  let known:",
      to: "  await lookUpVersion({ spec, fingerprint });\n  let known:",
    });
  });
  afterAll(async () => {
    server.close();
    await stack.end();
  });

  async function apply(rows: number): Promise<string> {
    const location = join(stack.scratch, "visits.csv");
    writeFileSync(location, `at,shop,spent\n${"2026-01-01T00:00:00Z,north,12\n".repeat(rows)}`);
    const fingerprint = await fingerprintSource(location, { cacheFolder: join(stack.scratch, "fingerprints") });
    const desired = { kind: "dataset", spec: await stack.store.putJson(visits), location, fingerprint } as const;
    await stack.engine.apply(dataset, {
      actor: { id: "ann", via: "test" },
      owner,
      adopt: false,
      digest: fingerprint,
      desired,
    });
    const status = await vi.waitFor(async () => {
      const seen = await stack.engine.status(dataset);
      expect(seen).toMatchObject({ state: expect.stringMatching("ready|failed"), settled: seen?.generation });
      return seen;
    }, patient);
    return status?.summary ?? "";
  }

  /** Runs the check that a preview runs. */
  async function replay(bundle: Bundle | undefined): Promise<{ readonly code: unknown; readonly stderr: string }> {
    const env = {
      ...describeSurroundings(),
      STEWARD_CONNECTION: JSON.stringify(stack.connection),
      STEWARD_BUNDLE: bundle?.path,
      STEWARD_PROJECT: "shop",
    };
    return promisify(execFile)(process.execPath, [join(import.meta.dirname, "../../workflows/replay.ts")], {
      env,
    }).then(
      ({ stderr }) => ({ code: 0, stderr }),
      (error: { code: unknown; stderr: string }) => error,
    );
  }

  async function currentBuild(): Promise<string | undefined> {
    const { service, namespace } = {
      service: stack.engine.client.workflowService,
      namespace: stack.connection.engine.namespace,
    };
    const { workerDeploymentInfo } = await service.describeWorkerDeployment({ namespace, deploymentName });
    return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
  }

  it("takes over entities while a step ends where it began, through the loss of its worker", async () => {
    if (!first || !second) throw new Error("there are no bundles");
    await stack.startWorker(first);
    expect(await apply(3)).toBe("3 rows");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const step = await stack.engine.client.workflow.start("serve", {
      taskQueue,
      workflowId: "shop/serve/desk@v1",
      args: [{ address: `http://127.0.0.1:${port}`, model: "spender", version: 1, package: "p" }],
    });
    await vi.waitFor(async () => expect((await step.describe()).raw.pendingActivities).toHaveLength(1), patient);

    expect(await replay(second)).toMatchObject({ code: 0, stderr: "" });
    expect(await replay(broken)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /✖ the open history of shop\/dataset\/visits does not replay on the changed workflows: .*\n.*patched/s,
      ),
    });

    await stack.startWorker(second);
    expect(await currentBuild()).toBe(second.buildId);
    expect(await apply(4)).toBe("4 rows, says the second build");

    const older = (await stack.supervisor.list()).find(({ name }) => name.startsWith("worker@"));
    process.kill(older?.pid ?? 0, "SIGKILL");
    const attempt = async () => (await step.describe()).raw.pendingActivities?.[0]?.attempt ?? 0;
    await vi.waitFor(async () => expect(await attempt()).toBeGreaterThan(1), patient);
    expect(await currentBuild()).toBe(second.buildId);
    served = 1;
    await step.result();
    const { raw } = await step.describe();
    expect(
      raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ??
        raw.workflowExecutionInfo?.versioningInfo?.version,
    ).toContain(first.buildId);

    await vi.waitFor(
      async () =>
        expect((await stack.supervisor.list()).map(({ name }) => name)).toEqual(["engine", "store", "worker"]),
      patient,
    );
    const keys = async () =>
      (await stack.store.listHistories("shop/")).map(({ key }) => key.split("/").slice(0, 3).join("/"));
    await vi.waitFor(async () => expect(await keys()).toEqual(expect.arrayContaining(["shop/serve/desk@v1"])), patient);
  });

  it("replays every open history", async () => {
    const query = `ExecutionStatus = "Running" AND WorkflowType IN (${Object.values(entityTypes).map((type) => `"${type}"`)})`;
    const histories = stack.engine.client.workflow.list({ query }).intoHistories();
    const results = [];
    for await (const result of Worker.runReplayHistories(
      { workflowBundle: { codePath: second?.path ?? "" } },
      histories,
    ))
      results.push(result);
    expect(results).toEqual([expect.objectContaining({ workflowId: "shop/dataset/visits", error: undefined })]);
  });
});

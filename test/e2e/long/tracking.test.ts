/**
 * A stack that tracks experiments, set up by the commands of docs/experiments.md: its trainings are runs there, and stay ones.
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { readStack } from "../../../framework/connection/stack-folder.ts";
import { locateDatabase } from "../../../framework/postgres/address.ts";
import { readDocument } from "../../docs/document.ts";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { placeTinyProject } from "../../support/tiny-project.ts";

const deploy = ["up", "-s", "local", "--yes", "--skip-preview"];
let checkout: Checkout;
beforeAll(() => {
  checkout = copyCheckout();
  placeTinyProject(checkout);
});
afterAll(() => checkout.end());

function findTracking() {
  const { tracking } = readStack(join(checkout.folder, ".steward/stacks/local")) ?? {};
  if (!tracking) throw new Error("the stack tracks nothing");
  return tracking;
}

const foundSchema = z.object({
  runs: z.array(
    z.object({
      info: z.object({ run_id: z.string(), status: z.string() }),
      data: z.object({ params: z.array(z.object({ key: z.string(), value: z.string() })) }),
    }),
  ),
});

async function listRuns() {
  const { port, token } = findTracking();
  const ask = async (path: string, body: object) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/2.0/mlflow/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return response.json();
  };
  const { experiments } = z
    .object({ experiments: z.array(z.object({ experiment_id: z.string() })) })
    .parse(await ask("experiments/search", { filter: "name = 'spending'", max_results: 5 }));
  if (experiments.length === 0) return [];
  return foundSchema.parse(await ask("runs/search", { experiment_ids: experiments.map((one) => one.experiment_id) }))
    .runs;
}

it("has a run for each training, which a stack that went down and up has still", async () => {
  const before = await checkout.pulumi(deploy);
  expect(before.code, before.output).toBe(0);
  const printed: string[] = [];
  for (const { text, heading } of readDocument("docs/experiments.md").commands) {
    if (heading !== "Experiments") continue;
    const [, ...words] = text.replace(/^npx /, "").split(" ");
    const confirmed = words[0] === "up" ? ["--yes", "--skip-preview"] : words.includes("-s") ? [] : ["-s", "local"];
    const { code, stdout, output } = await checkout.pulumi([...words, ...confirmed]);
    expect(code, `${text}\n${output}`).toBe(0);
    printed.push(stdout.trim());
  }
  const { port, token } = findTracking();
  expect(printed.slice(2)).toEqual([`http://127.0.0.1:${port}`, token]);
  // What was trained before is in the store alone.
  expect(await listRuns()).toEqual([]);
  checkout.edit("tiny/project.ts", (text) => text.replace("default(0.2)", "default(0.3)"));
  const up = await checkout.pulumi(deploy);
  expect(up.code, up.output).toBe(0);
  const runs = await listRuns();
  expect(runs).toMatchObject([
    { info: { status: "FINISHED" }, data: { params: expect.arrayContaining([{ key: "weight", value: "0.3" }]) } },
  ]);

  const down = await checkout.steward(["down"]);
  expect(down.code, down.output).toBe(0);
  expect(checkout.processes()).toEqual([]);
  const again = await checkout.pulumi(deploy);
  expect(again.code, again.output).toBe(0);
  expect(await listRuns()).toEqual(runs);
});

it("shows its runs, and restores them into a database that has lost all", async () => {
  const listed = await checkout.steward(["runs", "spending", "--json"]);
  expect(listed.code, listed.output).toBe(0);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ status: "FINISHED", params: { weight: "0.3" } }]);
  const full = await checkout.steward(["rebuild"]);
  expect(full).toMatchObject({ code: 1, output: expect.stringContaining("[database-not-empty]") });
  const { databasePort, databasePassword } = findTracking();
  const sql = postgres(locateDatabase({ port: databasePort, password: databasePassword }), {
    onnotice: () => undefined,
  });
  try {
    await expect.poll(() => sql`SELECT run_id FROM tracking.runs WHERE seal_due`, { timeout: 20_000 }).toEqual([]);
    await sql`DROP SCHEMA tracking CASCADE`;
  } finally {
    await sql.end();
  }
  const rebuilt = await checkout.steward(["rebuild", "--json"]);
  expect(rebuilt.code, rebuilt.output).toBe(0);
  expect(JSON.parse(rebuilt.stdout)).toMatchObject({ restored: 1, present: 0, records: { experiment: 2 } });
  const again = await checkout.steward(["runs", "spending", "--json"]);
  expect(JSON.parse(again.stdout)).toEqual(JSON.parse(listed.stdout));
});

it("keeps what whoever asks must show out of Pulumi's state and out of the logs", () => {
  const { token, workerToken, databasePassword } = findTracking();
  const [path = ""] = globSync(".steward/state/.pulumi/stacks/*/local.json", { cwd: checkout.folder });
  const state = readFileSync(join(checkout.folder, path), "utf8");
  expect(state).toContain("steward:index:TrackingServer");
  const logs = ["tracking", "database", "worker"].map((name) =>
    readFileSync(join(checkout.folder, `.steward/stacks/local/logs/${name}.log`), "utf8"),
  );
  for (const text of [state, ...logs])
    for (const secret of [token, workerToken, databasePassword]) expect(text).not.toContain(secret);
});

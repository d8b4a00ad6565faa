/**
 * A new version on its way to an endpoint's callers step by step, as a person sees it and decides on it; beside it a dataset that is
 * scored, and the requests that are logged.
 * @module
 */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { type StackView, viewStack } from "../../support/deployed.ts";
import { placeTinyProject } from "../../support/tiny-project.ts";

let checkout: Checkout;
let view: StackView;

beforeAll(async () => {
  checkout = copyCheckout();
  placeTinyProject(checkout);
  const canary = 'canary({ steps: [50, 75, 100], hold: "1 hour", atLeast: 5, abortOn: [errorRate.above(0.5)] })';
  checkout.edit("tiny/project.ts", (text) =>
    text.replace("rollout: allAtOnce()", `rollout: ${canary}`).replace("{ allAtOnce,", "{ canary, errorRate,"),
  );
  view = viewStack({ folder: join(checkout.folder, ".steward/stacks/local"), project: "tiny" });
  await deploy();
});
afterAll(() => checkout.end());

async function deploy(): Promise<string> {
  const { code, output } = await checkout.pulumi(["up", "-s", "local", "--yes", "--skip-preview"]);
  expect(code, output).toBe(0);
  return output;
}

async function run(...words: readonly string[]): Promise<string> {
  const { code, output } = await checkout.steward([...words]);
  expect(code, output).toBe(0);
  return output;
}

async function ask(count: number): Promise<readonly (string | null)[]> {
  const { address } = await view.liveEndpoint("desk");
  const variants: (string | null)[] = [];
  for (let i = 0; i < count; i++) {
    const body = JSON.stringify({ inputs: [{ name: "hour", datatype: "FP64", shape: [1], data: [i % 24] }] });
    const headers = { "steward-unit": `customer-${i}` };
    const answer = await fetch(`${address}/v2/models/spender/infer`, { method: "POST", body, headers });
    expect(answer.status, await answer.text()).toBe(200);
    variants.push(answer.headers.get("steward-variant"));
  }
  return variants;
}

it("goes on and back as a person decides, with all of it in the endpoint's history", async () => {
  expect(new Set(await ask(10))).toEqual(new Set([null]));
  checkout.edit("tiny/project.ts", (text) => text.replace("default(0.2)", "default(0.3)"));
  expect(await run("plan")).toContain("if spender is released: serve desk: in steps of 50, 75 and 100 %");
  await deploy();
  const some = await ask(60);
  expect(some).toContain("champion");
  expect(some).toContain("canary");
  expect(await run("status")).toMatch(/canary: version 2 has 50 %/);

  expect(await run("rollout", "desk", "advance", "--reason", "a quiet night")).toContain(
    "version 2 goes to 75 % of callers",
  );
  const count = (variants: readonly unknown[]) => variants.filter((variant) => variant === "canary").length;
  await expect.poll(async () => count(await ask(60)), { timeout: 20_000 }).toBeGreaterThan(count(some));
  const more = await ask(60);
  expect(more.filter((variant, i) => some[i] === "canary" && variant !== "canary")).toEqual([]);

  await run("rollout", "desk", "abort", "--reason", "wrong for shop-1");
  // The server looks for a new routing twice a second.
  await expect.poll(async () => new Set(await ask(20)), { timeout: 20_000 }).toEqual(new Set([null]));
  expect(await run("status", "desk")).toMatch(/canary of version 2 was taken back: .*: wrong for shop-1/);
  const history = await view.timeline("endpoint", "desk");
  for (const line of [/version 2 .*50 %/, /75 %.*a quiet night|a quiet night/, /wrong for shop-1/])
    expect(history).toContainEqual(expect.stringMatching(line));
  const refused = await checkout.steward(["rollout", "desk", "abort"]);
  expect(refused.code, refused.output).toBe(1);
  expect(refused.output).toContain("moves to no version step by step");
});

it("what was asked is found, by its variant and by its id", async () => {
  const shown = await run("requests", "desk", "--variant", "canary", "--json");
  const { requests: records }: { readonly requests: readonly { readonly id: string }[] } = JSON.parse(shown);
  expect(records.length).toBeGreaterThan(0);
  expect(records).toEqual(records.map((record) => ({ ...record, variant: "canary", version: "2" })));
  expect(await run("requests", "desk", "--id", records[0]?.id ?? "")).toContain(records[0]?.id);
});

it("a dataset is scored once, and the result is a version with its lineage", async () => {
  const first = await run("score", "spender", "visits");
  expect(first).toMatch(/600 rows/);
  expect(await run("score", "spender", "visits")).toMatch(/600 rows/);
  expect(await run("data", "log", "visits.scored-by.spender")).toMatch(/600/);
  expect(await run("data", "lineage", "visits.scored-by.spender")).toMatch(/spender/);
});

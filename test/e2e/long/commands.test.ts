/**
 * What commands tell of a model that was really trained, released and served.
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { placeTinyProject } from "../../support/tiny-project.ts";

const deploy = ["up", "-s", "local", "--yes", "--skip-preview"];
let checkout: Checkout;
beforeAll(async () => {
  checkout = copyCheckout();
  placeTinyProject(checkout);
  checkout.edit("tiny/project.ts", (text) =>
    text
      .replace("gates: [auc.atLeast(0.6)]", "gates: [auc.atLeast(0.6)], tests: [deterministic(), inRange(0, 1)]")
      .replace("import { allAtOnce,", "import { deterministic, inRange, allAtOnce,"),
  );
  const up = await checkout.pulumi(deploy);
  expect(up.code, up.output).toBe(0);
});
afterAll(() => checkout.end());

async function run(...words: readonly string[]): Promise<string> {
  const { code, stdout, output } = await checkout.steward(words);
  expect(code, output).toBe(0);
  return stdout;
}

it("shows an evaluation as a table, as JSON and as a page", async () => {
  const table = await run("evaluation", "spender");
  expect(table).toMatch(/auc +[01]\.\d+ \[/);
  expect(table).toMatch(/✔ auc [01]\.\d+ .* is at least 0\.6 on 200 rows/);
  const { tests, curves } = z
    .object({ tests: z.array(z.object({ verdict: z.string() })), curves: z.object({ kind: z.string() }) })
    .parse(JSON.parse(await run("evaluation", "spender", "--json")));
  expect(tests.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
  expect(curves.kind).toBe("binary");
  expect(await run("evaluation", "spender", "--html", "report.html")).toContain("report.html");
  const page = readFileSync(join(checkout.folder, "report.html"), "utf8");
  // Of its answers four, and what counts.
  expect(page.match(/<svg /g)).toHaveLength(5);
});

it("makes the tests of the model in production again, by its server too", async () => {
  const { code, stdout, output } = await checkout.steward(["test", "spender"]);
  expect(code, output).toBe(0);
  expect(stdout).toMatch(/✔ .*deterministic/);
  expect(stdout).toMatch(/✔ +served +64 +served: 64 rows are answered within 0\.00001 of the model/);
  expect(stdout).toMatch(/– +framework +0 +not compared/);
  expect(stdout).toMatch(/✔ +features +\d+ +features: a server makes of \d+ rows what training had/);
});

it("records golden rows of the version in production, and passes the test that is made of them", async () => {
  expect(await run("test", "spender", "--record", "golden.json")).toContain("golden.json: answers to 20 rows");
  const { rows } = z
    .object({ rows: z.array(z.object({ answer: z.number() })) })
    .parse(JSON.parse(readFileSync(join(checkout.folder, "tiny/golden.json"), "utf8")));
  expect(rows).toHaveLength(20);
  expect(await run("test", "spender", "--record", "golden.json")).toContain("20 rows that it had");
});

it("writes the card of the model, and the difference of two of its versions", async () => {
  const card = await run("card", "spender");
  for (const part of ["spender", "ml", "auc"]) expect(card).toContain(part);
  checkout.edit("tiny/project.ts", (text) => text.replace("default(0.2)", "default(0.3)"));
  const up = await checkout.pulumi(deploy);
  expect(up.code, up.output).toBe(0);
  const difference = await run("diff", "spender@1", "spender@2");
  expect(difference).toMatch(/≠ +parameters +weight +0\.2 +0\.3/);
  expect(difference).not.toMatch(/≠ +data/);
});

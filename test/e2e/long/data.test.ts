/**
 * The commands `steward data …` on a deployed stack: what is said of two versions of a dataset, and what a collection leaves.
 * @module
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { placeTinyProject } from "../../support/tiny-project.ts";

const deploy = ["up", "-s", "local", "--yes", "--skip-preview"];
const sales = `const Sale = z.object({ at: z.date(), till: z.string(), total: z.number().min(0) });
const sales = dataset("sales", {
  owner: "ops", schema: Sale, eventTime: "at", key: ["till"], source: csv("sales.csv"),
  contract: { violations: "quarantine", tolerance: 0.5 }, retention: { versions: 1 },
});
`;
/** A till that a terminal would show in red, and a total that the schema has none of. */
const first = ["2024-01-01T08:00:00Z,a,5", "2024-01-01T09:00:00Z,\u001b[31mb,7", "2024-01-02T08:00:00Z,b,-1"];
const second = ["2024-01-01T08:00:00Z,a,6", "2024-01-01T09:00:00Z,\u001b[31mb,7", "2024-01-03T08:00:00Z,c,1"];
let checkout: Checkout;

beforeAll(() => {
  // A name that a reader of folders would take for a column.
  checkout = copyCheckout("shop=main");
  placeTinyProject(checkout);
  checkout.edit("tiny/project.ts", (text) =>
    text.replace("const habits", `${sales}const habits`).replace("definitions: [", "definitions: [sales, "),
  );
});

afterAll(() => checkout.end());

it("tells two versions apart, hands them out, and removes what retention does not keep", async () => {
  await deployRows(first);
  await deployRows(second);
  await lookAtVersions();
  await handOut();
  await collect();
  const unchanged = await checkout.pulumi(deploy);
  expect(unchanged.output).toMatch(/Resources:\n\s+\d+ unchanged/);
});

async function lookAtVersions(): Promise<void> {
  const [log, show, diff, quarantine, profile, noDataset, noVersion] = await Promise.all([
    ask("log", "sales"),
    ask("show", "sales@1", "--rows", "2"),
    ask("diff", "sales"),
    ask("quarantine", "sales@1"),
    ask("profile", "sales"),
    refuse("show", "saels"),
    refuse("diff", "sales@3"),
  ]);
  expect(log).toMatch(
    /^ {2}2 live .* {2}3 \(\+1\) {2}0 .*the source changed, by .*\n {2}1 .* {2}2 {2,}1 .*the first, by /m,
  );
  expect(show).toMatch(/^dataset sales, version 1, root [0-9a-f]{64}\n2 rows, .*\nevent time at, key till\n/);
  expect(show).toMatch(/\n +at +till +total\n.*08:00:00 +a +5\n.*09:00:00 +\\u\{001B\}\[31mb +7$/);
  expect(diff).toMatch(/^sales@1 → sales@2\nrows: 1 added, 0 removed, 1 changed, by till, at\n/);
  expect(diff).toContain("\n  2024-01-01 08:00:00 a  total: 5 → 6\n");
  expect(quarantine).toMatch(/^dataset sales: 1 of 3 rows quarantined\n {2}1 row {2}total is below 0\n/);
  expect(profile).toMatch(/\n {2}total .*\n\n3 rows in 1 part$/);
  expect(noDataset).toContain('✖ there is no dataset "saels" (expected one of sales, visits)');
  expect(noVersion).toMatch(
    /✖ dataset "sales" has no version "3" \(expected one of 2 \(.*npx steward data log sales lists/,
  );
}

async function handOut(): Promise<void> {
  expect(await ask("checkout", "sales@1", "--to", "out", "--format", "csv")).toMatch(
    /^✔ 2 rows, \d+ bytes in 1 file: out$/,
  );
  const out = join(checkout.folder, "out");
  expect(readdirSync(out)).toEqual(["00001.csv"]);
  expect(readFileSync(join(out, "00001.csv"), "utf8").split("\n")[0]).toBe("at,till,total");
  expect(await refuse("checkout", "sales", "--to", "out")).toContain("there is something in the folder already");
}

async function collect(): Promise<void> {
  const grace = ["--grace", "0 seconds"];
  const [young, planned] = await Promise.all([ask("gc"), ask("gc", ...grace)]);
  expect(young).toMatch(/\nnothing to remove: .*\nkept though beyond retention: 1 version, /);
  expect(planned).toMatch(
    /\nwith 1 version beyond retention\n\nnothing was removed; npx steward data gc --yes --grace "0 seconds" does$/,
  );
  const removed = await ask("gc", "--yes", ...grace);
  expect(removed).toMatch(/\nremoved: 4 objects, .*\n {2}dataset-version +1 object /);
  expect(removed).toMatch(/\nwith 1 version beyond retention$/);
  const [again, log, lost] = await Promise.all([ask("gc", ...grace), ask("log", "sales"), refuse("show", "sales@1")]);
  expect(again).toMatch(/\nnothing to remove: every object is needed, or too young to say$/);
  expect(log).toMatch(/\n {2}1 .* [0-9a-f]{12} removed /);
  expect(lost).toContain('✖ version 1 of dataset "sales" is in the store no more');
}

async function deployRows(rows: readonly string[]): Promise<void> {
  writeFileSync(join(checkout.folder, "tiny/sales.csv"), ["at,till,total", ...rows, ""].join("\n"));
  const { code, output } = await checkout.pulumi(deploy);
  expect(code, output).toBe(0);
}

/** What a command says that does what it is asked. */
async function ask(...words: readonly string[]): Promise<string> {
  const { code, output } = await checkout.steward(["data", ...words]);
  expect(code, output).toBe(0);
  return output;
}

/** What a command says that does not. */
async function refuse(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await checkout.steward(["data", ...words]);
  expect([code, stdout]).toEqual([1, ""]);
  return stderr;
}

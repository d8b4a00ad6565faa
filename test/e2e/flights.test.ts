/**
 * The life of a model on three million real flights, as a person lives it: through `pulumi` and `steward` in a plain shell.
 * One stack goes through all steps; each begins where the one before ended.
 * @module
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { findFormatProblem, formats } from "../../framework/definitions/format.ts";
import { evaluationSchema } from "../../framework/evaluation/evaluation.ts";
import { trainingSetSchema } from "../../framework/features/training-set.ts";
import { modelPackageSchema } from "../../framework/models/model-package.ts";
import { artefactNames } from "../../framework/store/artefacts.ts";
import { type Checkout, copyCheckout, killProcess } from "../support/checkout.ts";
import { askOne, listHistoryFiles, type StackView, viewStack } from "../support/deployed.ts";
import { expectServedAsTrained } from "./served-features.ts";

const projectFile = "examples/flights/project.ts";
const model = "late-arrival";
const deploy = ["up", "-s", "local", "--yes", "--skip-preview"];
const destroy = ["destroy", "-s", "local", "--yes", "--skip-preview"];

/** Real features of a flight; any values in their ranges do. */
const flight = {
  hour: 7,
  weekday: 5,
  distance: 954,
  origin: "SEA",
  destination: "LAX",
  originDelay7d: 4.5,
  routeDelay7d: 11.25,
};

let checkout: Checkout;
let view: StackView;
/** The packages of versions 1 and 2. */
const packages: string[] = [];

beforeAll(() => {
  checkout = copyCheckout();
  view = viewStack({ folder: join(checkout.folder, ".steward/stacks/local"), project: "flights" });
  // Fewer trees than the example has: what is tested is the way, and it is the same way.
  checkout.edit(projectFile, (text) => text.replace("trees: z.int().default(200)", "trees: z.int().default(40)"));
});

afterAll(() => checkout.end());

/** Changes the project file. */
function edit(from: string, to: string): void {
  checkout.edit(projectFile, (text) => text.replace(from, to));
}

/** Every step that was run so far: the work, without the entities that ask for it. */
function listSteps(): Promise<readonly string[]> {
  return view.listSteps();
}

/** The engine lists what ran a moment later, on a busy machine much later. */
async function expectSteps(before: readonly string[], steps: readonly string[]): Promise<void> {
  await vi.waitFor(async () => expect(await view.newSteps(before)).toEqual(steps), { timeout: 120_000, interval: 500 });
}

/** Kills what matches at once, as a crash would. @returns how many processes that were */
function kill(matches: (command: string) => boolean): number {
  const hit = checkout.processes().filter(({ command }) => matches(command));
  for (const { pid } of hit) killProcess(pid);
  return hit.length;
}

describe("the life of a model", () => {
  it("is brought up by one command in a plain shell", async () => {
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    expect(up.output).toContain("2,999,989 rows, 11 quarantined");
    expect(up.output).toMatch(/\+ \d+ created/);
    expect(await view.live("dataset", "flights")).toMatchObject({ rows: 2_999_989, quarantined: 11 });

    const live = await view.liveModel(model);
    expect(live.version).toBe(1);
    packages.push(live.package);
    const evaluation = await view.store(({ getJson }) => getJson(live.evaluation, evaluationSchema));
    const [auc, guessed] = [evaluation.metrics, evaluation.baseline].map((all) =>
      all.find(({ metric }) => metric === "auc"),
    );
    expect(auc?.low).toBeGreaterThan(guessed?.high ?? 1);
    expect(evaluation.rows).toBeGreaterThan(200_000);
    const trained = await view.store(({ getJson }) => getJson(live.package, modelPackageSchema));
    const rows = await view.store(({ getJson }) => getJson(trained.trainingSet, trainingSetSchema));
    expect(rows.splits.train.rows).toBeGreaterThan(1_000_000);
  });

  it("answers a request of the Open Inference Protocol", async () => {
    const { address } = await view.liveEndpoint(model);
    const answer = await askOne({ address, model, features: flight });
    expect(answer).toMatchObject({ model_name: model, model_version: "1" });
    const { probability, label } = answer.values;
    expect(probability).toBeGreaterThan(0);
    expect(probability).toBeLessThan(1);
    expect(typeof label).toBe("boolean");
  });

  it("has left nothing in its store that does not say its format", async () => {
    const said = await view.formats();
    for (const [key, format] of said) expect(findFormatProblem(format, { at: key })).toBeUndefined();
    // In folders, in other stores, and of what the example has none.
    const elsewhere =
      /^(entity-|resource|stack-folder|supervisor|job$|step$|online-table|dataset-page|pushed-|readmissions|golden-rows|attempts|trial|study|sealed-record|sealed-run|uncommitted-code|routing|scoring|scored-part|experiment-|log-)/;
    const stored = Object.entries(formats).filter(([name]) => !elsewhere.test(name));
    // The log of requests comes into the store in its own time.
    const found = [...new Set(said.values())].filter((format) => !/^log-/.test(String(format)));
    expect(found.sort()).toEqual(stored.map(([name, number]) => `${name}/${number}`).sort());
  });

  it("answers with the delays of the week before, as they were when training knew them", async () => {
    await expectServedAsTrained(view);
  });

  it("tells where its data come from and what was made of them, and other tools the same", async () => {
    const source = await checkout.steward(["data", "lineage", "flights"]);
    expect(source.code, source.output).toBe(0);
    expect(source.stdout).toContain("from npm:vega-datasets/data/flights-3m.parquet, ");
    expect(source.stdout).toMatch(/→ flights, version 1, root \w{12}: 2,999,989 rows, 11 quarantined\n/);
    expect(source.stdout).toMatch(/ {2}→ dataset trips, version 1, root \w{12}\n?$/);
    const shown = await checkout.steward(["data", "lineage", "trips"]);
    expect(shown.stdout).toMatch(/→ trips, version 1, root \w{12}: 2,999,798 rows\n/);
    expect(shown.stdout).toMatch(/ {2}→ training set \w{12} of late-training\n/);
    expect(shown.stdout).toContain(`→ model ${model}, version 1 in production, package ${packages[0]?.slice(0, 12)}`);
    for (const [format, part] of [
      ["openlineage", { eventType: "COMPLETE", job: { name: "flights.ingest" } }],
      ["croissant", { conformsTo: "http://mlcommons.org/croissant/1.1", name: "flights" }],
    ] as const) {
      const told = await checkout.steward(["data", "lineage", "flights", "--format", format]);
      expect(JSON.parse(told.stdout)).toMatchObject(part);
    }
  });

  it("does nothing when nothing has changed, and says so", async () => {
    const before = await listSteps();
    const demo = await checkout.run("npm", ["run", "demo"]);
    expect(demo.code, demo.output).toBe(0);
    expect(demo.output).toMatch(/Resources:\n\s*\d+ unchanged\n/);
    expect(demo.output).toContain("Nothing changed: nothing was ingested, trained or released.");
    expect(demo.output).toContain(`Model ${model}, version 1  package ${packages[0]}`);
    expect(demo.output).toContain("Try next:");
    expect(await listSteps()).toEqual(before);
    expect((await checkout.steward(["plan", "--check"])).code).toBe(0);
  });

  it("shows before a change of a parameter that it will train again, and nothing else", async () => {
    const before = await listSteps();
    edit("leaves: z.int().default(31)", "leaves: z.int().default(63)");
    const preview = await checkout.pulumi(["preview", "-s", "local"]);
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toContain("will train and evaluate; will release if its gates pass");
    expect(preview.output).not.toMatch(/will ingest|Dataset/);

    const plan = await checkout.steward(["plan"]);
    expect(plan.stdout).toContain("params.leaves: 31 → 63");
    expect(plan.stdout).toMatch(/will: train late-training .*\(about .+\)/);
    const json: unknown = JSON.parse((await checkout.steward(["plan", "--json"])).stdout);
    expect(listPlanned(json)).toEqual([
      "will train",
      "will evaluate",
      "if release",
      "if serve",
      "if materialise-online",
    ]);
    const markdown = await checkout.steward(["plan", "--markdown"]);
    expect(markdown.stdout).toContain("| update | training-job **late-training** | `params.leaves: 31 → 63` |");
    expect((await checkout.steward(["plan", "--check"])).code).toBe(3);
    expect(await listSteps()).toEqual(before);
  });

  it("then trains again and serves the new version", async () => {
    const before = await listSteps();
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    await expectSteps(before, ["evaluate", "materialiseOnline", "release", "serve", "train"]);
    const live = await view.liveModel(model);
    expect(live.version).toBe(2);
    packages.push(live.package);
    expect(await askOne({ ...(await view.liveEndpoint(model)), model, features: flight })).toMatchObject({
      model_version: "2",
    });
  });

  it("keeps the old version when a gate fails, and says why", async () => {
    edit("auc.atLeast(0.67)", "auc.atLeast(0.99)");
    const up = await checkout.pulumi(deploy);
    expect(up.code).not.toBe(0);
    expect(up.output).toMatch(/\* auc 0\.\d+ \[0\.\d+, 0\.\d+\] is below 0\.99 on [\d,]+ rows/);
    expect(up.output).toContain("errored");
    const { address } = await view.liveEndpoint(model);
    expect(await askOne({ address, model, features: flight })).toMatchObject({ model_version: "2" });

    const status = await checkout.steward(["status"]);
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/● failed {2}model late-arrival {2}auc .* is below 0\.99/);
    expect(status.stdout).toContain("version 2 stays in production");
    const preview = await checkout.pulumi(["preview", "-s", "local"]);
    expect(preview.output).toMatch(/model "late-arrival" failed: auc .* is below 0\.99/);
  });

  it("is ready again without training once the gate is mended", async () => {
    edit("auc.atLeast(0.99)", "auc.atLeast(0.67)");
    const before = await listSteps();
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    expect(await view.newSteps(before)).toEqual([]);
    expect(await view.status("model", model)).toMatchObject({ state: "ready", live: { version: 2 } });
  });

  it("rolls back to the version before, which stays", async () => {
    const before = await listSteps();
    const back = await checkout.steward(["rollback", model, "--reason", "wrong answers for SEA"]);
    expect(back.code, back.output).toBe(0);
    expect(back.stdout).toMatch(/version 3 in production: rolled back to version 1 by .*: wrong answers for SEA/);
    expect(await view.liveModel(model)).toMatchObject({ version: 3, package: packages[0] });
    const { address } = await view.liveEndpoint(model, { version: 3 });
    expect(await askOne({ address, model, features: flight })).toMatchObject({ model_version: "3" });
    await expectSteps(before, ["materialiseOnline", "release", "serve"]);

    expect((await checkout.steward(["plan"])).stdout).toContain("no changes");
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    const again = await checkout.pulumi(deploy);
    expect(again.output).toMatch(/Resources:\n\s*\d+ unchanged/);
    await expectSteps(before, ["materialiseOnline", "release", "serve"]);
    expect(await view.liveModel(model)).toMatchObject({ version: 3, package: packages[0] });
  });

  it("trains once although the worker is killed while it trains", async () => {
    const before = await listSteps();
    edit("rate: z.number().default(0.1)", "rate: z.number().default(0.12)");
    const listTrainers = () => checkout.processes().filter(({ command }) => command.includes("/train.py"));
    const up = checkout.pulumi(deploy);
    const killed = await vi.waitUntil(
      () => {
        const [trainer] = listTrainers();
        return trainer;
      },
      { timeout: 120_000, interval: 100 },
    );
    expect(kill((command) => command.includes("workflows/worker.ts"))).toBe(1);
    // The trainer goes with its worker: nobody would read what it writes.
    const lives = () => listTrainers().some(({ pid }) => pid === killed.pid);
    await vi.waitUntil(() => !lives(), { timeout: 15_000, interval: 100 });
    const { code, output } = await up;
    expect(code, output).toBe(0);

    await expectSteps(before, ["evaluate", "materialiseOnline", "release", "serve", "train"]);
    const { version, run } = await view.liveModel(model);
    expect(version).toBe(4);
    const records = await view.store(async ({ readName }) => [
      await readName(`${artefactNames.run(run)}/1`),
      await readName(`${artefactNames.run(run)}/2`),
    ]);
    expect(records).toEqual([{ format: "artefact/1", digest: expect.any(String) }, undefined]);
    expect(listTrainers()).toEqual([]);
  });

  it("waits for the people who must agree, and for nobody else", async () => {
    edit('local: { approval: "waived", ', "local: { ");
    edit("trees: z.int().default(40)", "trees: z.int().default(30)");
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    expect(up.output).toContain("awaiting approval by ops-lead");
    expect(await view.status("model", model)).toMatchObject({ state: "awaiting-approval", live: { version: 4 } });
    expect((await checkout.steward(["status"])).stdout).toContain(`steward approve ${model} --as ops-lead`);

    const refused = await checkout.steward(["approve", model, "--as", "intern"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('"intern" may not approve model "late-arrival"');
    expect(refused.stderr).toContain("ask ops-lead");

    const agreed = await checkout.steward(["approve", model, "--as", "ops-lead", "--reason", "looked at the slices"]);
    expect(agreed.code, agreed.output).toBe(0);
    const { address } = await view.liveEndpoint(model, { version: 5 });
    expect(await askOne({ address, model, features: flight })).toMatchObject({ model_version: "5" });
    expect((await checkout.pulumi(deploy)).code).toBe(0);
  });

  it("comes back when every process was killed", async () => {
    const before = await listSteps();
    expect(kill(() => true)).toBeGreaterThanOrEqual(6);
    await vi.waitUntil(() => checkout.processes().length === 0, { timeout: 10_000, interval: 100 });
    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    const { address, version } = await view.liveEndpoint(model);
    expect(version).toBe(5);
    expect(await askOne({ address, model, features: flight })).toMatchObject({ model_version: "5" });
    expect(await view.newSteps(before)).toEqual([]);
  });

  it("goes down without a process left and comes up with everything still there", async () => {
    const before = await listSteps();
    const down = await checkout.run("npm", ["run", "demo", "--", "down"]);
    expect(down.code, down.output).toBe(0);
    expect(down.stdout).toMatch(/stopped .*worker.*Nothing is lost/);
    expect(checkout.processes()).toEqual([]);
    const status = await checkout.steward(["status"]);
    expect(status.code).toBe(1);
    expect(status.stderr).toContain("npx pulumi up");

    const up = await checkout.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    expect(await view.newSteps(before)).toEqual([]);
    const { address } = await view.liveEndpoint(model);
    expect(await askOne({ address, model, features: flight })).toMatchObject({ model_version: "5" });
  });

  it("is not destroyed while it serves, even when every process was killed", async () => {
    const refused = await checkout.pulumi(destroy);
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain(`nothing was destroyed: an endpoint still serves (${model})`);
    expect(refused.output).toContain("steward destroy --abandon");
    expect(refused.output).not.toMatch(/\d+ deleted/);
    expect(kill(() => true)).toBeGreaterThanOrEqual(6);
    const again = await checkout.pulumi(destroy);
    expect(again.code).not.toBe(0);
    expect(again.output).toContain(`nothing was destroyed: an endpoint still serves (${model})`);
    expect(again.output).not.toMatch(/\d+ deleted/);
    const { address } = await view.liveEndpoint(model);
    await vi.waitFor(
      async () => expect(await askOne({ address, model, features: flight })).toMatchObject({ model_version: "5" }),
      { timeout: 20_000 },
    );
  });

  it("is abandoned on demand, with its data and the histories of all it did kept", async () => {
    // The sweeper looks every ten seconds.
    await vi.waitFor(async () => expect(await view.unexportedRuns()).toEqual([]), { timeout: 30_000, interval: 1_000 });
    const abandoned = await checkout.steward(["destroy", "--abandon", "--yes"]);
    expect(abandoned.code, abandoned.output).toBe(0);
    await vi.waitUntil(() => checkout.processes().length === 0, { timeout: 10_000, interval: 100 });
    const kinds = new Set(
      listHistoryFiles(join(checkout.folder, ".steward/stacks/local/store/flights-local-locked")).map(
        (path) => path.split("/")[2],
      ),
    );
    const steps = ["evaluate", "ingest", "materialise", "materialise-online", "release", "serve", "train"];
    expect([...kinds].sort()).toEqual(["dataset", "endpoint", "model", ...steps].sort());
    expect(abandoned.output).toMatch(/exported \d+ closed and 4 open histories/);
  });
});

/** The consequences of a plan, in their order. */
function listPlanned(plan: unknown): readonly string[] {
  const { definitions } = plan as { definitions: { consequences: { step: string; certainty: { kind: string } }[] }[] };
  return definitions
    .flatMap(({ consequences }) => consequences)
    .map(({ step, certainty }) => `${certainty.kind} ${step}`);
}

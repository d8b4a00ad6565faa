/**
 * A look at an experiment, against a real store, a log on disk and a server that counts.
 * @module
 */
import { once } from "node:events";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import type { EndpointSpec } from "../../framework/definitions/spec.ts";
import { experimentLookSchema } from "../../framework/experiments/experiment-look.ts";
import { identifyExperiment } from "../../framework/experiments/experiment-looks.ts";
import { accuracy, endpoint, experiment, model, project } from "../../framework/index.ts";
import { assignVariant } from "../../framework/serving/variants/assignment.ts";
import { createExperimentActivities } from "../../workflows/endpoint/experiment-activities.ts";
import type { LookInput } from "../../workflows/endpoint/messages.ts";
import { createChance } from "../campaigns/experiments/simulation.ts";
import { definitions, late, training } from "../definitions/flight-project.ts";
import { useStore } from "../support/test-store.ts";
import { performAlone } from "./long-work.ts";

const given = useStore();
const hour = 3_600_000;
const bigger = model("late-bigger", {
  training,
  owner: "ops-lead",
  risk: "limited",
  gates: [],
  metrics: [accuracy],
  approval: { from: ["ops-lead"] },
});
const desk = endpoint("desk", {
  model: late,
  feedback: { label: z.boolean(), matures: "6 hours" },
  experiment: experiment("trees", {
    arms: { control: late, treatment: bigger },
    metric: accuracy,
    minimum: 0.06,
    guardrails: [{ metric: "errors", by: 0.01 }],
    window: "1 hour",
    atMost: "10 days",
  }),
});
const other = model("late-other", {
  training,
  owner: "ops-lead",
  risk: "limited",
  gates: [],
  metrics: [accuracy],
  approval: { from: ["ops-lead"] },
});
const three = endpoint("three", {
  model: late,
  feedback: { label: z.boolean(), matures: "6 hours" },
  experiment: experiment("trees", {
    arms: { control: late, treatment: bigger, other },
    metric: accuracy,
    minimum: 0.06,
    guardrails: [{ metric: "errors", by: 0.01 }],
    window: "1 hour",
    atMost: "10 days",
  }),
});
const specs = resolveProject(
  project("flights", { definitions: [...definitions, bigger, other, desk, three] }),
  "local",
).definitions;

/** Everything that a look needs, and the activity. */
async function prepare({ rate = 0.9, units = 3000, name = "desk" } = {}) {
  const { store, folder } = given;
  const find = (kind: string, named: string) => specs.find((one) => one.kind === kind && one.name === named);
  const spec = find("endpoint", name) as EndpointSpec;
  const reference = await store.putJson(spec);
  const job = await store.putJson(find("training-job", "late-training"));
  const trained = { kind: "model", spec: job, training: job, trainer: job, features: {}, datasets: {} } as const;
  const requests = join(folder, "requests");
  await writeLog(join(requests, name), { rate, units });
  const performLong = performAlone({ workFolder: folder });
  const server = await countRequests();
  const identity = identifyExperiment(name, spec.experiment ?? expect.fail("the endpoint has no experiment"));
  const known = { endpoint: name, spec: reference, identity, since: 0, trained };
  const input: LookInput = { ...known, address: server.address, generation: 1 };
  return {
    server,
    input,
    log: join(requests, name),
    store,
    ...createExperimentActivities({ store, performLong, requests }),
  };
}

/** The log of a day: the control is right in eight of ten answers, the treatment as often as is said. */
async function writeLog(folder: string, { rate, units }: { readonly rate: number; readonly units: number }) {
  await mkdir(folder, { recursive: true });
  const begun = Date.now() - 20 * hour;
  const chance = createChance(31);
  const [answers, labels]: [string[], string[]] = [[], []];
  const arm = (name: string) => ({ name, model: name, version: 1, package: name, weight: 5000 });
  const routing = { salt: "desk/trees", variants: [arm("control"), arm("treatment")] };
  for (let i = 0; i < units; i += 1) {
    const unit = `customer-${i}`;
    const variant = assignVariant(routing, unit)?.name;
    const time = new Date(begun + i * 10_000).toISOString();
    const probability = chance();
    const isRight = chance() < (variant === "treatment" ? rate : 0.8);
    const outputs = { probability: [probability], label: [probability >= 0.5] };
    answers.push(
      JSON.stringify({ sequence: i + 1, id: `${i}`, time, version: "1", package: "p", unit, variant, outputs }),
    );
    const label = { id: `${i}`, row: 0, label: probability >= 0.5 === isRight, time, recorded: time };
    labels.push(JSON.stringify({ sequence: i + 1, ...label }));
  }
  for (const [stream, lines] of Object.entries({ requests: answers, feedback: labels }))
    await writeFile(join(folder, `${stream}-0000000000000001.jsonl`), lines.map((line) => `${line}\n`).join(""));
}

/** A server of the endpoint, which says what it has counted. */
async function countRequests() {
  const counts = { treatment: { answered: 0, failed: 0 }, control: { answered: 0, failed: 0 } };
  let generation = 1;
  const server = createServer((_request, response) => {
    const variants = Object.entries(counts).map(([name, { answered, failed }]) => {
      const latency = { bounds: [10], counts: [answered, answered] };
      return { name, model: name, version: 1, package: name, weight: 5000, answered, failed, latency };
    });
    response.end(JSON.stringify({ endpoint: "desk", generation, variants }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const goBy = (next: number) => {
    generation = next;
  };
  return { counts, goBy, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("a look at an experiment", () => {
  it("that decides is the decision, also where its answer was lost and labels were corrected since", async () => {
    const { lookAtExperiment, input, store, log } = await prepare();
    const answer = await lookAtExperiment(input);
    expect(answer).toMatchObject({ verdict: "winner", winner: "treatment", stopped: [] });
    expect(answer.news).toEqual([expect.stringMatching(/^"trees": winner, treatment is better: accuracy \+0\.\d+ \[/)]);
    const look = await store.getJson(answer.look, experimentLookSchema);
    expect(look).toMatchObject({ endpoint: "desk", experiment: "trees", decision: { sentence: answer.sentence } });
    const takenBack = Array.from({ length: 3000 }, (_, i) => {
      const now = new Date().toISOString();
      return `${JSON.stringify({ sequence: i + 1, id: `${i}`, row: 0, label: false, correction: true, time: now, recorded: now })}\n`;
    });
    await appendFile(join(log, "feedback-0000000000000002.jsonl"), takenBack.join(""));
    expect(await lookAtExperiment(input)).toEqual(answer);
    // Whoever knew of it before has no news.
    expect(await lookAtExperiment({ ...input, before: answer.look })).toEqual({ ...answer, news: [] });
  });

  it("goes on from the one before, stops an arm that fails its callers, and reads no log for it", async () => {
    const { lookAtExperiment, input, server, log } = await prepare({ rate: 0.8, units: 400 });
    server.counts.control = { answered: 2000, failed: 4 };
    server.counts.treatment = { answered: 2000, failed: 6 };
    const first = await lookAtExperiment(input);
    expect(first).toMatchObject({ verdict: "continue", stopped: [], news: [] });
    await writeFile(join(log, "requests-0000000000000001.jsonl"), "");
    server.counts.control = { answered: 4000, failed: 8 };
    server.counts.treatment = { answered: 3000, failed: 900 };
    const second = await lookAtExperiment({ ...input, before: first.look });
    expect(second).toMatchObject({ verdict: "no-winner", stopped: ["treatment"] });
    expect(second.news).toEqual([
      expect.stringMatching(/^"trees": treatment is stopped: errors worse by at least 0\.\d+, 0\.01 allowed$/),
      '"trees": no winner',
    ]);
    const { decision, counted } = await given.store.getJson(second.look, experimentLookSchema);
    expect(decision.units["control"]?.exposed).toBeGreaterThan(100);
    expect(counted["treatment"]).toMatchObject({ answered: 3000, failed: 900 });
  });

  it("counts nothing that the server has counted by another routing", async () => {
    const { lookAtExperiment, input, server } = await prepare({ rate: 0.8, units: 400 });
    server.counts.control = { answered: 2000, failed: 4 };
    server.counts.treatment = { answered: 2000, failed: 6 };
    const first = await lookAtExperiment(input);
    server.counts.control = { answered: 4000, failed: 8 };
    server.counts.treatment = { answered: 3000, failed: 900 };
    server.goBy(2);
    const second = await lookAtExperiment({ ...input, before: first.look });
    expect(second).toMatchObject({ verdict: "continue", stopped: [] });
    const third = await lookAtExperiment({ ...input, generation: 2, before: second.look });
    expect(third).toMatchObject({ verdict: "no-winner", stopped: ["treatment"] });
  });

  it("is not kept where nothing is new: the one before stands", async () => {
    const { lookAtExperiment, input, server } = await prepare({ rate: 0.8, units: 400 });
    const first = await lookAtExperiment(input);
    const second = await lookAtExperiment({ ...input, before: first.look });
    expect(second).toEqual(first);
    server.counts.control = { answered: 10, failed: 0 };
    expect((await lookAtExperiment({ ...input, before: second.look })).look).not.toBe(first.look);
  });

  it("stops no arm less where the experiment is taken out, and put back", async () => {
    const { lookAtExperiment, input, server } = await prepare({ units: 1, name: "three" });
    const first = await lookAtExperiment(input);
    expect(first).toMatchObject({ verdict: "continue", stopped: [] });
    server.counts.control = { answered: 2000, failed: 4 };
    server.counts.treatment = { answered: 1000, failed: 900 };
    const second = await lookAtExperiment({ ...input, before: first.look });
    expect(second).toMatchObject({ verdict: "continue", stopped: ["treatment"] });
    const again = await lookAtExperiment({ ...input, since: Date.now() });
    expect(again).toMatchObject({ verdict: "continue", stopped: ["treatment"] });
    expect(again.news).toEqual([expect.stringContaining("treatment is stopped")]);
    expect(await lookAtExperiment({ ...input, since: Date.now(), before: again.look })).toMatchObject({
      stopped: ["treatment"],
    });
  });

  it("counts nothing of an experiment before it, whose arms had the same names", async () => {
    const { lookAtExperiment, input, store, server } = await prepare();
    server.counts.control = { answered: 9000, failed: 0 };
    server.counts.treatment = { answered: 5000, failed: 4000 };
    const since = Date.now() - hour;
    const first = await lookAtExperiment({ ...input, since });
    expect(first).toMatchObject({ verdict: "continue", stopped: [] });
    server.counts.control = { answered: 9100, failed: 0 };
    const second = await lookAtExperiment({ ...input, since, before: first.look });
    expect(second).toMatchObject({ verdict: "continue", stopped: [] });
    const { summary, open } = await store.getJson(second.look, experimentLookSchema);
    expect(summary).toMatchObject({ cohorts: [] });
    expect(open["control"]?.["errors"]).toMatchObject({ units: 100 });
  });

  it("begins anew where the one before is in the store no more, and says nothing of a server that is silent", async () => {
    const { lookAtExperiment, input } = await prepare({ rate: 0.8, units: 400 });
    const answer = await lookAtExperiment({ ...input, address: "http://127.0.0.1:1", before: "0".repeat(64) });
    expect(answer).toMatchObject({ verdict: "continue", news: [] });
    expect((await given.store.getJson(answer.look, experimentLookSchema)).counted).toEqual({});
  });

  it("is refused by name where the endpoint has none", async () => {
    const { lookAtExperiment, input, store } = await prepare({ units: 1 });
    const bare = specs.find((one) => one.kind === "endpoint" && one.name !== "desk");
    const spec = await store.putJson(bare);
    await expect(lookAtExperiment({ ...input, spec })).rejects.toThrow("declares no experiment");
  });
});

/**
 * What a release that won an experiment is as a candidate of another model, against a real store.
 * @module
 */
import { expect, it } from "vitest";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import type { ModelSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { ProposeMessage } from "../../framework/engine/messages.ts";
import { auc, model, project } from "../../framework/index.ts";
import { findPackage } from "../../framework/models/find-package.ts";
import { modelPackageSchema } from "../../framework/models/model-package.ts";
import { candidateDigest, packageIdentity } from "../../framework/plan/identity.ts";
import { weighProposal } from "../../workflows/model/weigh-proposal.ts";
import { definitions, late, training } from "../definitions/flight-project.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();
const bigger = model("late-bigger", {
  training,
  owner: "ops-lead",
  risk: "limited",
  gates: [],
  metrics: [auc],
  approval: { from: ["ops-lead"] },
});

it("is the same package in the model's name, which a definition of that training finds made; approvals bind the look", async () => {
  const { store } = given;
  const specs = resolveProject(project("flights", { definitions: [...definitions, bigger] }), "local").definitions;
  const find = (kind: string, name: string) => specs.find((one) => one.kind === kind && one.name === name);
  const [spec, job, routes, weather, trainer, other] = await Promise.all(
    [
      find("model", late.name),
      find("training-job", "late-training"),
      find("features", "routes"),
      find("features", "weather"),
      { any: "trainer" },
      { any: "other" },
    ].map((one) => store.putJson(one)),
  );
  if (!spec || !job || !routes || !weather || !trainer || !other) throw new Error("nothing was stored");
  const datasets = (root: string) => ({ flights: { spec: trainer, root }, reports: { spec: trainer, root } });
  const features = { routes, weather };
  const lost: DesiredModel = { kind: "model", spec, training: job, trainer, features, datasets: datasets("1") };
  const newer = { ...lost, datasets: datasets("2") };
  const made = modelPackageSchema.parse({
    format: "model-package/3",
    model: "late-bigger",
    onnx: await store.putBytes(Buffer.from("model")),
    task: "binary",
    inputs: [{ name: "hour", type: "number" }],
    output: "probability",
    categories: {},
    run: "run-1",
    trainingSet: "set-1",
    example: { hour: 3 },
  });
  const proposed: ProposeMessage = {
    endpoint: "desk",
    experiment: "trees",
    from: { model: "late-bigger", version: 3 },
    package: (await store.putJson(made)).sha256,
    evaluation: "e".repeat(64),
    run: "run-1",
    desired: { ...lost, trainer: other },
    over: lost,
    look: "a".repeat(64),
    sentence: "So.",
  };
  const input = { model: late.name, desired: newer, proposed, live: newer, waiting: { ...newer, trainer: other } };
  const weighed = await weighProposal(store, input);
  expect(await weighProposal(store, input)).toEqual(weighed);
  expect(await store.getJson(weighed.package, modelPackageSchema)).toEqual({ ...made, model: late.name });
  // Other rows are no other recipe, another trainer is.
  expect(weighed.recipes.live).toBe(weighed.recipes.over);
  expect(weighed.recipes.waiting).not.toBe(weighed.recipes.over);
  expect(weighed.recipes.won).toBe(weighed.recipes.waiting);
  const { approval: policy } = find("model", late.name) as ModelSpec;
  expect(weighed.policy).toEqual(policy);
  const bound = { package: weighed.package, evaluation: proposed.evaluation, policy };
  expect(weighed.candidate).toBe(candidateDigest({ ...bound, look: proposed.look }));
  expect(weighed.candidate).not.toBe(candidateDigest(bound));
  const identity = packageIdentity(find("model", late.name) as ModelSpec, "run-1");
  expect(await findPackage(store, identity)).toEqual({ digest: weighed.package });
});

/**
 * `steward:index:Endpoint`: where a model answers.
 * @module
 */
import { z } from "zod";
import type { DealtExperiment } from "../../definitions/experiment-spec.ts";
import { sayRollout } from "../../definitions/rollout-text.ts";
import { endpointSpec } from "../../definitions/spec.ts";
import type { EntityStatus } from "../../engine/entity-status.ts";
import { describeLooks } from "../../experiments/experiment-looks.ts";
import { saltExperiment } from "../../experiments/experiment-routing.ts";
import { referTo } from "../../plan/desired.ts";
import { digestOf } from "../../plan/digest.ts";
import { type Properties, propertiesOf, unknown, type Value } from "../values.ts";
import { createEntityResource, type EntityPlan, entityInputs } from "./entity.ts";

const inputsSchema = z.strictObject({
  ...entityInputs,
  spec: endpointSpec,
  /** Where its model server answers. */
  address: z.url(),
  /** What its model has in production: the endpoint follows it. */
  model: z.strictObject({ package: z.string().optional(), version: z.int().optional() }),
  /** The root of the version of each dataset that the server looks features up of, by name. @default it looks none up */
  datasets: z.record(z.string(), z.string()).optional(),
});

type Inputs = z.output<typeof inputsSchema>;

export const endpointResource = createEntityResource<Inputs>({
  token: "steward:index:Endpoint",
  kind: "endpoint",
  schema: inputsSchema,
  desire: desireEndpoint,
  describe: describeEndpoint,
  isComplete: followsModel,
  plan: planEndpoint,
});

function desireEndpoint({ spec, address, datasets }: Pick<Inputs, "spec" | "address" | "datasets">) {
  const { refresh, asOf } = spec.online ?? {};
  return {
    kind: "endpoint",
    spec: referTo(spec),
    model: spec.model,
    address,
    ...(datasets && { datasets }),
    ...(refresh !== undefined && { refresh }),
    ...(asOf !== undefined && { asOf }),
    ...(spec.rollout.kind === "canary" && { rollout: spec.rollout }),
    ...(spec.shadow && { shadow: spec.shadow }),
    ...(spec.experiment && { experiment: describeArms(spec, spec.experiment) }),
  } as const;
}

function describeArms(
  { name: endpoint, feedback }: Inputs["spec"],
  experiment: NonNullable<Inputs["spec"]["experiment"]>,
): DealtExperiment {
  const { name, arms, control } = experiment;
  return {
    name,
    arms,
    control,
    salt: saltExperiment(endpoint, name),
    ...(feedback && { looks: describeLooks(endpoint, experiment, feedback) }),
  };
}

/** The outputs that a status stands for. */
function describeEndpoint(status: EntityStatus, { spec, address }: Pick<Inputs, "spec" | "address">): Properties {
  const { live } = status;
  return {
    ...(live?.kind === "endpoint" ? { package: live.package, version: live.version } : {}),
    generation: status.generation,
    state: status.state,
    status: status.summary,
    url: locateModel(address, spec.model),
  };
}

/**
 * Whether the endpoint has caught up with its model, of whose releases it hears a moment later. A version that reaches callers step by
 * step is on its way by itself: nobody waits for its last step. Pure.
 */
export function followsModel({ live, canary }: EntityStatus, { model }: Pick<Inputs, "model">): boolean {
  const served = Math.max(live?.kind === "endpoint" ? live.version : 0, canary?.since ? canary.version : 0);
  return model.version === undefined || served >= model.version;
}

/** Where the model's metadata and predictions are, in the Open Inference Protocol. */
function locateModel(address: string, model: string): string {
  return `${address}/v2/models/${model}`;
}

/** What it will serve is known unless its model is still to be trained. Pure. */
export function planEndpoint({ inputs, live }: EntityPlan): Properties {
  const { package: digest, version } = propertiesOf(inputs["model"]);
  const parsed = inputsSchema
    .pick({ spec: true, address: true, datasets: true })
    .safeParse({ spec: inputs["spec"], address: inputs["address"], datasets: inputs["datasets"] });
  const url: Value = parsed.success ? locateModel(parsed.data.address, parsed.data.spec.model) : unknown;
  const serves: Properties = {
    ...(digest === undefined ? {} : { package: digest }),
    ...(version === undefined ? {} : { version }),
  };
  const undecided: Properties = { ...serves, generation: unknown, state: unknown, url };
  if (inputs["model"] === unknown || digest === unknown)
    return { ...undecided, status: "will serve the next version if it is released" };
  if (!parsed.success || !live) return { ...undecided, status: "will begin to serve" };
  const same = live.state === "ready" && live.digest === digestOf(desireEndpoint(parsed.data));
  const served = live.live?.kind === "endpoint" ? live.live.package : undefined;
  // One on its way goes on by itself.
  if (same && (served === digest || live.canary?.package === digest)) return describeEndpoint(live, parsed.data);
  if (served === digest) return { ...undecided, status: "will change how it serves" };
  const { rollout } = parsed.data.spec;
  // Which one answers then, what is seen of the new one decides.
  return rollout.kind === "canary"
    ? {
        ...undecided,
        package: unknown,
        version: unknown,
        status: `will shift to another version ${sayRollout(rollout)}`,
      }
    : { ...undecided, status: "will serve another version" };
}

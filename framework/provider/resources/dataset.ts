/**
 * `steward:index:Dataset`: a source under a contract, ingested into immutable versions.
 * @module
 */
import { z } from "zod";
import { datasetSpec } from "../../definitions/spec.ts";
import type { EntityStatus } from "../../engine/messages.ts";
import { referTo } from "../../plan/desired.ts";
import { ingestIdentity } from "../../plan/identity.ts";
import { type Properties, unknown } from "../values.ts";
import { createEntityResource, type EntityPlan, entityInputs } from "./entity.ts";

const inputsSchema = z.strictObject({
  ...entityInputs,
  spec: datasetSpec,
  /** Where the worker finds the source. */
  location: z.string().min(1),
  /** The source's content, as a digest. */
  fingerprint: z.string().min(1),
});

type Inputs = z.output<typeof inputsSchema>;

export const datasetResource = createEntityResource<Inputs>({
  token: "steward:index:Dataset",
  kind: "dataset",
  schema: inputsSchema,
  desire: ({ spec, location, fingerprint }) => ({ kind: "dataset", spec: referTo(spec), location, fingerprint }),
  describe: describeDataset,
  plan: planDataset,
});

/** The outputs that a status stands for. */
function describeDataset(status: EntityStatus, { spec }: Pick<Inputs, "spec">): Properties {
  const { live } = status;
  return {
    reference: { ...referTo(spec) },
    ...(live?.kind === "dataset" ? { root: live.root, rows: live.rows, quarantined: live.quarantined } : {}),
    generation: status.generation,
    state: status.state,
    status: status.summary,
  };
}

/** The root is known unless an ingest will run: when neither the source nor what is read of it has changed. Pure. */
export function planDataset({ inputs, live }: EntityPlan): Properties {
  const parsed = inputsSchema.safeParse(inputs);
  const undecided: Properties = {
    root: unknown,
    rows: unknown,
    quarantined: unknown,
    generation: unknown,
    state: unknown,
  };
  if (!parsed.success) return { reference: unknown, ...undecided, status: "unknown until its inputs are known" };
  const { spec, fingerprint } = parsed.data;
  const version = live?.live;
  if (live && version?.kind === "dataset" && version.identity === ingestIdentity(spec, fingerprint)) {
    return {
      ...describeDataset(live, parsed.data),
      generation: unknown,
      state: "ready",
      status: "will keep its version: the source is unchanged",
    };
  }
  return { reference: { ...referTo(spec) }, ...undecided, status: `will ingest ${spec.source.path}` };
}

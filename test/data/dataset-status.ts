/**
 * The status of a dataset's entity that is ready.
 * @module
 */
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import type { EntityStatus, LiveDataset } from "../../framework/engine/entity-status.ts";
import type { Store } from "../../framework/store/store.ts";

/** The status of an entity that has this spec, which is stored, and this live. */
export async function datasetStatus(
  store: Pick<Store, "putJson">,
  spec: DatasetSpec,
  live: Omit<LiveDataset, "kind">,
): Promise<EntityStatus> {
  return {
    format: "entity-status/1",
    kind: "dataset",
    name: spec.name,
    owner: "shop/local",
    generation: 1,
    settled: 1,
    state: "ready",
    summary: "",
    reasons: [],
    digest: "",
    desired: { kind: "dataset", spec: await store.putJson(spec), location: "", fingerprint: "" },
    durations: {},
    live: { kind: "dataset", ...live },
  };
}

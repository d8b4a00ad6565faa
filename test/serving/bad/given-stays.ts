/**
 * A model of stays in an inn, whose requests have a column of each type.
 * @module
 */
import { nameServingPlan } from "../../../framework/features/online/serving-plan.ts";
import type { Store } from "../../../framework/store/store.ts";
import { column, dataset, features, trainingJob } from "../../features/given.ts";
import { type PackageWriter, putPackage, release } from "../storm-model.ts";

const own = { nullable: false } as const;
const stays = dataset("stays", {
  time: { type: "timestamp", ...own },
  nights: { type: "integer", ...own, min: 1, max: 30 },
  rate: { type: "number", min: 0 },
  breakfast: { type: "boolean", ...own },
  room: { type: "string", ...own, values: ["garden", "street"] },
  guest: { type: "string", ...own, minLength: 1, maxLength: 3, patterns: ["/^\\p{L}+$/u"] },
  booked: { type: "timestamp", ...own },
  taste: { type: "vector", ...own, length: 2, min: -1, max: 1 },
  spent: { type: "number", known: "1 day" },
});

const set = features("asked", "stays", {
  nights: column("nights"),
  breakfast: ["boolean", column("breakfast")],
  room: ["category", { op: "category", of: column("room") }],
  rate: column("rate"),
  guest: ["category", { op: "category", of: column("guest") }],
  booked: { op: "hour", of: column("booked") },
  taste: { op: "norm", of: column("taste") },
});

/** Where the model is released. */
export interface StaysStore {
  readonly store: PackageWriter & Pick<Store, "readName" | "writeOnce">;
  /** Puts the release into production. */
  readonly move: (name: string, value: ReturnType<typeof release>["value"]) => unknown;
}

/** Releases the model: its value is two for each night, one for breakfast, and a half for a room to the street. */
export async function releaseStays({ store, move }: StaysStore): Promise<void> {
  const digest = await putPackage(store, 0, {
    task: "regression",
    output: "value",
    inputs: [
      { name: "nights", type: "number" },
      { name: "breakfast", type: "boolean" },
      { name: "room", type: "category" },
    ],
    categories: { room: ["garden", "street"] },
    example: { nights: 1, breakfast: true, room: "street" },
  });
  const reference = await store.putJson(set);
  const spec = await store.putJson(stays);
  await nameServingPlan(store, {
    package: digest,
    desired: {
      kind: "model",
      spec,
      training: await store.putJson(trainingJob({ features: [{ set: "asked", by: {} }], label: column("spent") })),
      trainer: spec,
      features: { asked: reference },
      datasets: { stays: { spec, root: spec.sha256 } },
    },
  });
  const { name, value } = release(1, digest);
  await move(name, value);
}

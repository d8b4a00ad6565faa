/**
 * Serving plans: from which specs a server computes and looks up the features of a package. A plan is stored by digest,
 * and named for the package at its first release, so that whoever fills the online store and whoever reads it go by the
 * same specs whatever has been defined since.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import {
  type DatasetSpec,
  datasetSpec,
  type FeaturesSpec,
  featuresSpec,
  type TrainingJobSpec,
  trainingJobSpec,
} from "../../definitions/spec.ts";
import { versioned } from "../../definitions/versioned.ts";
import type { DesiredModel } from "../../engine/desired.ts";
import type { Digest } from "../../plan/digest.ts";
import { nameArtefact, readArtefact } from "../../store/artefacts.ts";
import { type Reference, referenceSchema } from "../../store/reference.ts";
import type { Store } from "../../store/store.ts";

const servingPlanSchema = versioned("serving-plan", {
  /** The stored `TrainingJobSpec`. */
  training: referenceSchema,
  /** The stored `FeaturesSpec` of each set, by name. */
  features: z.record(z.string(), referenceSchema),
  /** The stored `DatasetSpec` of each dataset, by name. */
  datasets: z.record(z.string(), referenceSchema),
});

type ServingPlan = z.output<typeof servingPlanSchema>;

/** The specs that a plan names. */
export interface ServingSpecs {
  readonly training: Pick<TrainingJobSpec, "name" | "features">;
  /** By the set's name. */
  readonly features: Readonly<Record<string, FeaturesSpec>>;
  /** By the dataset's name. */
  readonly datasets: Readonly<Record<string, DatasetSpec>>;
}

/** Names the plan of a package, unless it has one. */
export async function nameServingPlan(
  store: Pick<Store, "putJson" | "readName" | "writeOnce">,
  { package: digest, desired }: { readonly package: Digest; readonly desired: DesiredModel },
): Promise<void> {
  const name = servingPlanName(digest);
  if ((await readArtefact(store, name)) !== undefined) return;
  const { training, features, datasets } = desired;
  const plan: ServingPlan = {
    format: formatOf("serving-plan"),
    training,
    features,
    datasets: Object.fromEntries(Object.entries(datasets).map(([dataset, { spec }]) => [dataset, spec])),
  };
  await nameArtefact(store, name, (await store.putJson(plan)).sha256);
}

/** What reading a plan needs of a store. */
export interface PlanStore extends Pick<Store, "readName"> {
  getJson<T>(object: Reference | Digest, schema: z.ZodType<T>): Promise<T>;
}

/** Reads the specs of the plan of a package. @returns nothing for a package that an older Steward released */
export async function readServingSpecs(store: PlanStore, packageDigest: Digest): Promise<ServingSpecs | undefined> {
  const name = servingPlanName(packageDigest);
  const digest = await readArtefact({ readName: (one) => store.readName(one), writeOnce: refuseToWrite }, name);
  if (digest === undefined) return undefined;
  const plan = await store.getJson(digest, servingPlanSchema);
  const [training, features, datasets] = await Promise.all([
    store.getJson(plan.training, trainingJobSpec),
    readAll(store, plan.features, featuresSpec),
    readAll(store, plan.datasets, datasetSpec),
  ]);
  return { training, features, datasets };
}

function servingPlanName(packageDigest: Digest): string {
  return `serving-plans/${packageDigest}`;
}

async function readAll<T>(
  store: PlanStore,
  references: Readonly<Record<string, Reference>>,
  schema: z.ZodType<T>,
): Promise<Record<string, T>> {
  const read = Object.entries(references).map(
    async ([name, reference]) => [name, await store.getJson(reference, schema)] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

function refuseToWrite(): never {
  throw new TypeError("a plan is read here");
}

/**
 * What an entity is asked to become, as its wish is sent: references into the store, and what is no part of a definition.
 * @module
 */
import type { DealtExperiment } from "../definitions/experiment-spec.ts";
import type { CanarySpec, ShadowSpec } from "../definitions/rollout-spec.ts";
import type { Reference } from "../store/reference.ts";

/** Of a dataset: where it comes from, and what it is made of. */
export interface DesiredDataset {
  readonly kind: "dataset";
  /** The stored `DatasetSpec`. */
  readonly spec: Reference;
  /**
   * Where the worker finds the source: on the local platform the absolute path of a file, or a pattern of files. Of a source
   * elsewhere, what people are told of it.
   */
  readonly location: string;
  /** The source's content at the time of asking, as a digest; "" where the worker is to look at it. */
  readonly fingerprint: string;
  /** How often the worker looks whether there is something new. @default when it is asked to */
  readonly every?: string;
  /** The root of the version of each dataset that this one is derived from, by name. @default it is derived from none */
  readonly upstream?: { readonly [dataset: string]: string };
  /** The stored closures of the programs of its steps, in their order: `TrainerClosure`. @default it has none */
  readonly programs?: readonly Reference[];
}

/** The code that a wish was made from, as git had it. */
export interface CodeState {
  /** The commit of the checkout; "" where there was none yet. */
  readonly commit: string;
  /** How many files differed from it, and the stored document that names them and has the patch. @default none did */
  readonly uncommitted?: { readonly files: number; readonly patch: Reference } | undefined;
}

/** Of a model: everything that it is trained from. */
export interface DesiredModel {
  readonly kind: "model";
  /** The stored `ModelSpec`. */
  readonly spec: Reference;
  /** The stored `TrainingJobSpec`. */
  readonly training: Reference;
  /** The stored closure of the trainer: `TrainerClosure`. */
  readonly trainer: Reference;
  /** The stored `FeaturesSpec` of each set, by name. */
  readonly features: { readonly [set: string]: Reference };
  /** The root of the version of each dataset to train on, by the dataset's name. */
  readonly datasets: { readonly [dataset: string]: { readonly spec: Reference; readonly root: string } };
  /**
   * The code of who asked, for the record. It is in no digest: the same definitions from another commit ask for the same thing.
   * @default it was not under version control, or the wish is older than this record
   */
  readonly code?: CodeState;
}

/** Of an endpoint: which model it serves, where, and how. */
export interface DesiredEndpoint {
  readonly kind: "endpoint";
  /** The stored `EndpointSpec`. */
  readonly spec: Reference;
  /** The model's name. */
  readonly model: string;
  /** Where the model server answers: `http://127.0.0.1:8080`. */
  readonly address: string;
  /** The root of the version of each dataset that its server looks features up of, by name. @default it looks none up */
  readonly datasets?: { readonly [dataset: string]: string };
  /** How long after features were put into the online store they are put there again: `"1 hour"`. @default never */
  readonly refresh?: string;
  /** The moment as of which they are put there. @default that at which they are */
  readonly asOf?: "latest-event";
  /** How traffic moves to a new version, where it does step by step. @default at once */
  readonly rollout?: CanarySpec;
  /** The models that are asked beside its own, unseen. @default there are none */
  readonly shadow?: readonly ShadowSpec[];
  /** The models that answer its callers, each its share. @default its own alone does, and where there is one its canary */
  readonly experiment?: DealtExperiment;
}

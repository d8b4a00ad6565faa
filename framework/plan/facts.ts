/**
 * Facts: one snapshot of what lies outside the definitions, taken before a plan is made and named by its digest.
 * @module
 */
import type { DefinitionSpec } from "../definitions/spec.ts";
import type { EntityStatus } from "../engine/entity-status.ts";
import type { Reference } from "../store/reference.ts";
import type { ProductionRecipe } from "./comparison.ts";
import type { Digest } from "./digest.ts";

interface SourceFacts {
  readonly location: string;
  /** The digest of its bytes; "" where that is known to nobody but a worker. */
  readonly fingerprint: Digest | "";
  /** The closures of a derived dataset's programs, in the order of its steps. @default it has none */
  readonly programs?: readonly Reference[];
}

export interface Facts {
  /** Each dataset's source as it is now, by the dataset's name. */
  readonly sources: Readonly<Record<string, SourceFacts>>;
  /** Each training job's trainer closure, by the job's name. */
  readonly trainers: Readonly<Record<string, Reference>>;
  /** The entities that exist. */
  readonly entities: readonly EntityStatus[];
  /** The specs that the entities were last told, by `kind/name`; training jobs and feature sets come with their model. */
  readonly deployed: Readonly<Record<string, DefinitionSpec>>;
  /** What the version in production was made from, by the model's name. @default nothing is in production */
  readonly production: Readonly<Record<string, ProductionRecipe>>;
  /** How many cores the machine has on which jobs run. @default no job of the project is tuned, or it is not known */
  readonly cores?: number;
  /** The names of the GPUs of the machine on which jobs run. @default no job of the project asks for one, or it is not known */
  readonly gpus?: readonly string[];
  /**
   * The digests of what is in the store, whole, by kind and identity: `version/…`, `training-set/…`, `package/…`,
   * `evaluation/…`, and `spec/…` by the spec's own digest.
   */
  readonly artefacts: ReadonlyMap<string, Digest>;
  /** What is no longer whole of those that were made and are not in `artefacts`, by the same keys. @default nothing is lost */
  readonly lost?: ReadonlyMap<string, string>;
}

/**
 * Consequences: what a change will set going, each with how certain that is.
 * @module
 */
import type { Step } from "../engine/entity-names.ts";
import type { Difference } from "./difference.ts";

export type Certainty =
  | { readonly kind: "will" }
  /** It runs when the condition holds: `"the gates pass"`. */
  | { readonly kind: "if"; readonly condition: string }
  /** Whether it runs is known after the step: `"ingest of flights"`. */
  | { readonly kind: "unknown"; readonly until: string };

export interface Consequence {
  readonly step: Step | "approve" | "retire";
  /** What the step is about: a definition's name. */
  readonly subject: string;
  readonly certainty: Certainty;
  /** Why, for people: `"params.leaves changed"`. */
  readonly why: string;
  /** How much it is, for people: `"30 trials, 2 at a time"`. @default one piece of work */
  readonly extent?: string;
  /** Seconds that the step took last. @default it has not run yet */
  readonly seconds?: number;
}

/** What happens to one definition. */
export interface DefinitionPlan {
  readonly kind: "dataset" | "features" | "training-job" | "model" | "endpoint";
  readonly name: string;
  readonly change: "create" | "update" | "retry" | "remove" | "none";
  /** What of its spec differs from what is deployed: paths in the spec. */
  readonly differences: readonly Difference[];
  /** In the order they would happen. */
  readonly consequences: readonly Consequence[];
}

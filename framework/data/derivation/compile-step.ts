/**
 * One step of a derivation as a query. Pure.
 * @module
 */
import type { DerivationStep, StepOf } from "../../definitions/derivation-step.ts";
import { listReads } from "../../definitions/expression-kind.ts";
import { compileAugment, compileOversample, compileSample, compileStratify } from "./compile-chance-step.ts";
import { compileDeduplicate, compileJoin, type JoinedRows } from "./compile-join-step.ts";
import {
  type CompiledStep,
  compileCast,
  compileClip,
  compileDerive,
  compileFilter,
  compileImpute,
} from "./compile-row-step.ts";
import type { FittedValue } from "./fitted-value.ts";
import type { Flow } from "./flow.ts";

/** A step that is a query; what a program makes is not. */
export type QueryStep = Exclude<DerivationStep, { readonly step: "python" }>;

export interface StepContext {
  /** What was fitted for the step. */
  readonly fitted: readonly FittedValue[];
  /** How many steps of chance came before. */
  readonly turn: number;
  /** The rows of a dataset that is joined. */
  readonly joined: (dataset: string) => JoinedRows;
}

/** Compiles a step over the rows of a flow. Each gives the same rows for the same rows, in no order. */
export function compileStep(step: QueryStep, flow: Flow, { fitted, turn, joined }: StepContext): CompiledStep {
  switch (step.step) {
    case "filter":
      return compileFilter(step, flow);
    case "derive":
      return compileDerive(step, flow);
    case "cast":
      return compileCast(step, flow);
    case "clip":
      return compileClip(step, flow, fitted);
    case "impute":
      return compileImpute(step, flow, fitted);
    case "deduplicate":
      return compileDeduplicate(step, flow);
    case "join":
      return compileJoin(step, flow, joined(step.dataset));
    case "sample":
      return compileSample(step, flow, turn);
    case "stratify":
      return compileStratify(step, flow, turn);
    case "oversample":
      return compileOversample(step, flow, turn);
    case "augment":
      return compileAugment(step, flow, turn);
  }
}

const chances: readonly DerivationStep["step"][] = ["sample", "stratify", "oversample", "augment"];

/** Whether chance decides in a step. */
export function isChance({ step }: DerivationStep): boolean {
  return chances.includes(step);
}

/** The columns of the flow that a step reads by their names. */
export function listStepReads(step: DerivationStep): string[] {
  switch (step.step) {
    case "filter":
      return listReads(step.condition).map(({ column }) => column);
    case "derive":
      return step.columns.flatMap(({ expression }) => listReads(expression)).map(({ column }) => column);
    case "join":
      return step.by.flatMap(({ expression }) => listReads(expression)).map(({ column }) => column);
    case "cast":
    case "clip":
    case "impute":
      return step.columns.map(({ name }) => name);
    case "augment":
      return step.noise.map(({ name }) => name);
    case "deduplicate":
      return step.by ?? [];
    case "stratify":
    case "oversample":
      return step.by;
    case "sample":
    case "python":
      return [];
  }
}

/** The columns of the dataset that is joined that a step reads by their names. */
export function listJoinReads({ by, take }: StepOf<"join">): string[] {
  const taken = take.flatMap(({ expression }) => listReads(expression)).map(({ column }) => column);
  return [...by.map(({ name }) => name), ...taken];
}

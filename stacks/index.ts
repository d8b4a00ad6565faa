/**
 * The program of every stack: `export { default } from "steward/stack"`. Importing it declares the stack that Pulumi runs.
 *
 * The default has those outputs alone that the stack has. Each has a name of its own too, for programs with further resources: Pulumi
 * warns of those that a program exports and that are undefined.
 * @module
 */
import { RunError } from "@pulumi/pulumi";
import { findProjectRoot } from "../framework/connection/project-root.ts";
import { StewardError } from "../framework/definitions/problem.ts";
import { toReadable } from "../framework/toolchain/system-failure.ts";
import { declareStack } from "./stack.ts";

// Pulumi runs a program in its own folder, which is the project's or below it.
const stack = await declareStack(findProjectRoot(process.cwd())).catch((thrown: unknown) => {
  const error = toReadable(thrown);
  // Pulumi prints the message of its own kind of error without a stack trace.
  throw error instanceof StewardError ? new RunError(`\n${error.message}`) : error;
});

export default stack;

/** Where each endpoint answers. */
export const endpoints = stack.endpoints;
/** How far each dataset, model and endpoint is. */
export const status = stack.status;
/** Where people follow the workflows. */
export const temporalUi = stack.temporalUi;
/** Where rows are pushed, by the names of datasets. */
export const intake = stack.intake;
/** What whoever pushes rows must show. */
export const intakeToken = stack.intakeToken;
/** Where experiments are tracked, as MLflow's clients are told. */
export const tracking = stack.tracking;
/** What MLflow's clients show. */
export const trackingToken = stack.trackingToken;

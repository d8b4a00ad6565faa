/**
 * The program of every stack.
 * @module
 */
import { fileURLToPath } from "node:url";
import { RunError } from "@pulumi/pulumi";
import { StewardError } from "../framework/definitions/problem.ts";
import { declareStack } from "./stack.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const stack = await declareStack(root).catch((error: unknown) => {
  // Pulumi prints the message of its own kind of error without a stack trace.
  throw error instanceof StewardError ? new RunError(`\n${error.message}`) : error;
});

/** Where each endpoint answers. */
export const endpoints = stack.endpoints;
/** How far each dataset, model and endpoint is. */
export const status = stack.status;
/** Where people follow the workflows. */
export const temporalUi = stack.temporalUi;

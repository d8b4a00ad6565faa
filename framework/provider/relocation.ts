/**
 * The state of a checkout that was copied, restored or moved. Until an update has written it anew it names the place that it
 * comes from, whose engine and services are not this checkout's to ask, to start or to end.
 * @module
 */
import { findProjectRoot } from "../connection/project-root.ts";
import { locateStackFolder, readStack } from "../connection/stack-folder.ts";
import { StewardError } from "../definitions/problem.ts";
import { locateStack } from "../supervisor/stack-layout.ts";
import { type Properties, propertiesOf } from "./values.ts";

/** The stack that a state is of. */
export interface StackOfState {
  readonly stack: string;
  /** The folder of the project or one below it, absolute. */
  readonly folder: string;
}

/**
 * Recorded inputs with the folder and the connection that the stack has in this checkout.
 *
 * @throws StewardError `stack-not-up` where they are another checkout's and the stack has not been brought up in this one
 */
export function relocateInputs(inputs: Properties, { stack, folder }: StackOfState): Properties {
  const recorded = inputs["stackFolder"] ?? propertiesOf(inputs["connection"])["stackFolder"];
  if (typeof recorded !== "string" || !recorded.endsWith(locateStackFolder("/", stack))) return inputs;
  const here = locateStackFolder(findProjectRoot(folder), stack);
  if (locateStack(recorded).folder === locateStack(here).folder) return inputs;
  const present = readStack(here);
  if (!present) {
    throw new StewardError({
      code: "stack-not-up",
      at: "",
      file: here,
      what: `the state is that of another folder, "${recorded}", and the stack has not been brought up here`,
      fix: "run npx pulumi up once: until then the state leads to where it was, which is left alone",
    });
  }
  const connection = { ...present.connection, stackFolder: here };
  return "connection" in inputs ? { ...inputs, connection } : { ...inputs, stackFolder: here };
}

/**
 * A release as a fixture: a project that its packed package deployed, with its state, and what was true of it then.
 * @module
 */
import { join } from "node:path";
import { locateStackFolder } from "../../framework/connection/stack-folder.ts";
import type { LiveModel } from "../../framework/engine/entity-status.ts";
import type { Checkout } from "../support/checkout.ts";
import { viewStack } from "../support/deployed.ts";

export interface Release {
  /** The project's folder without its packages, as a compressed tar. */
  readonly archive: string;
  /** What was deployed: `Deployed` as JSON. */
  readonly deployed: string;
}

/** What a takeover must leave as it is. */
export interface Deployed {
  readonly model: LiveModel;
  /** What the endpoint answers to the model's example. */
  readonly outputs: unknown;
  /** Every step that ran. */
  readonly steps: readonly string[];
}

/** The files of a release, by its version. */
export function locateRelease(version: string): Release {
  const stem = join(import.meta.dirname, version);
  return { archive: `${stem}.tar.gz`, deployed: `${stem}.json` };
}

/** Looks at the tiny project of a checkout. */
export async function describeDeployed(checkout: Checkout): Promise<Deployed> {
  const stack = viewStack({ folder: locateStackFolder(checkout.folder, "local"), project: "tiny" });
  const model = await stack.liveModel("spender");
  await stack.liveEndpoint("desk", { version: model.version });
  const asked = await checkout.steward(["predict", "desk", "--json"]);
  if (asked.code !== 0) throw new Error(asked.output);
  return { model, outputs: JSON.parse(asked.stdout).answer.outputs, steps: await stack.listSteps() };
}

/**
 * Which version a request is for.
 * @module
 */
import { Refusal } from "../http/refusal.ts";
import type { LiveModel } from "./live-model.ts";
import type { ProductionFollower } from "./production-follower.ts";

/** The model and version that a request names. */
export interface NamedModel {
  /** @default none is named */
  readonly model?: string | undefined;
  /** @default whatever is live */
  readonly version?: string | undefined;
}

/** @throws Refusal 404 for a model or version that is not the live one, 503 while none is loaded. */
export function findModel(named: NamedModel, model: string, { live, problem }: ProductionFollower): LiveModel {
  if (named.model !== model) throw new Refusal(404, `there is no such model; this server has "${model}"`);
  if (live === undefined) throw new Refusal(503, `model "${model}" is not loaded: ${problem ?? "it is being loaded"}`);
  if (named.version !== undefined && named.version !== live.version) {
    throw new Refusal(404, `there is no such version of model "${model}"; version ${live.version} is live`);
  }
  return live;
}

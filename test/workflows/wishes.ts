/**
 * Wishes as plain data: what tests ask entities to become.
 * @module
 */

import type { DesiredEndpoint } from "../../framework/engine/desired.ts";
import type { ApplyMessage, DecisionMessage } from "../../framework/engine/messages.ts";
import type { Reference } from "../../framework/store/reference.ts";

export const owner = "shop/local";

type Options = Partial<Pick<ApplyMessage, "owner" | "adopt">> & { readonly by?: string };

/** A wish for a dataset whose source has this content. */
export function wishDataset(fingerprint: string, options: Options = {}): ApplyMessage {
  return wish({ kind: "dataset", spec: reference("visits"), location: "visits.csv", fingerprint }, options);
}

/** A wish for a dataset whose source a worker looks at. */
export function wishSource(
  location: string,
  { every, spec = "visits", ...options }: Options & { readonly every?: string; readonly spec?: string } = {},
): ApplyMessage {
  const source = { kind: "dataset", spec: reference(spec), location, fingerprint: "" } as const;
  return wish({ ...source, ...(every !== undefined && { every }) }, options);
}

/** A wish for a dataset that is derived from others, whose versions had these roots when it was made. */
export function wishDerived(upstream: Readonly<Record<string, string>>, options: Options = {}): ApplyMessage {
  const location = Object.keys(upstream).join(", ");
  return wish({ kind: "dataset", spec: reference("derived"), location, fingerprint: "", upstream }, options);
}

/** A wish for a model of a spec, trained by a job. */
export function wishModel(
  { spec, training }: { readonly spec: string; readonly training: string },
  options: Options = {},
): ApplyMessage {
  const trainer = reference("train.py");
  return wish(
    { kind: "model", spec: reference(spec), training: reference(training), trainer, features: {}, datasets: {} },
    options,
  );
}

/** A wish for an endpoint that serves a model; `online` says what its server looks up, and how often that is filled. */
export function wishEndpoint(
  model: string,
  {
    online = {},
    ...options
  }: Options & {
    readonly online?: Pick<DesiredEndpoint, "datasets" | "refresh" | "rollout" | "shadow" | "experiment">;
  } = {},
): ApplyMessage {
  return wish(
    { kind: "endpoint", spec: reference(`endpoint-of-${model}`), model, address: "http://127.0.0.1:8080", ...online },
    options,
  );
}

export function decision(by: string, candidate: string, reason = ""): DecisionMessage {
  return { actor: { id: by, via: "test" }, candidate, reason };
}

function wish(
  desired: ApplyMessage["desired"],
  { by = "ann", adopt = false, owner: stack = owner }: Options,
): ApplyMessage {
  return { actor: { id: by, via: "test" }, owner: stack, adopt, digest: `wish-${JSON.stringify(desired)}`, desired };
}

function reference(sha256: string): Reference {
  return { sha256, size: 1 };
}

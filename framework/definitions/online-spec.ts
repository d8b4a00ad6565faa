/**
 * What an endpoint declares of features that are looked up, held against the features that its model has.
 * @module
 */
import type { Endpoint } from "./endpoint.ts";
import { holdsWindow } from "./expression-kind.ts";
import { specifyFeatures } from "./features.ts";
import { type Report, silently } from "./report.ts";
import type { EndpointSpec, FeaturesSpec } from "./spec.ts";
import { findNearest } from "./suggestion.ts";
import type { TrainingJob } from "./training-job.ts";
import { listFeatures } from "./training-job-spec.ts";
import { describeValue } from "./value-text.ts";

/** The spec of `online`. Reports defaults that name no feature that is looked up, and what is said where none is. */
export function specifyOnline({ name, model, online }: Endpoint, report: Report): EndpointSpec["online"] {
  if (online === undefined) return undefined;
  const { maxAge, refresh, asOf = "now" } = online;
  const lookedUp = listLookedUp(model.training);
  if (lookedUp.length === 0) {
    const what = `"online" says how features are served that are looked up, and model "${model.name}" has none`;
    report({ code: "online-unused", at: `${name}.online`, what });
  }
  if (asOf === "latest-event") {
    for (const [option, given] of Object.entries({ maxAge, refresh })) {
      if (given === undefined) continue;
      const what = `"${option}" has no effect where "asOf" is "latest-event": what is put there is of the past`;
      report({ code: "online-unused", at: `${name}.online.${option}`, what, got: given });
    }
  }
  const otherwise = readOtherwise(online.otherwise);
  if (typeof otherwise === "object" && lookedUp.length > 0) {
    for (const [feature, value] of Object.entries(otherwise))
      reportDefault({ name, model, feature, value }, lookedUp, report);
  }
  return {
    ...(maxAge !== undefined && { maxAge }),
    ...(otherwise !== undefined && { otherwise }),
    ...(refresh !== undefined && { refresh }),
    ...(asOf !== "now" && { asOf }),
  };
}

type Otherwise = NonNullable<EndpointSpec["online"]>["otherwise"];

/** The check of the shape has seen to it that it is one of these. */
function readOtherwise(given: unknown): Otherwise {
  return typeof given === "object" && given !== null
    ? { ...(given as Exclude<Otherwise, string>) }
    : (given as Otherwise);
}

/** The features that a server looks up: those with windows, and those of joined sets. */
function listLookedUp(job: TrainingJob): FeaturesSpec["columns"] {
  const { spine, joined } = job;
  const sets = joined.filter(({ set, by }) => set.from.name !== spine.from.name || Object.keys(by).length > 0);
  const ofJoined = new Set(sets.flatMap(({ set }) => specifyFeatures(set, silently).columns.map(({ name }) => name)));
  return listFeatures(job).filter((feature) => ofJoined.has(feature.name) || holdsWindow(feature.expression));
}

interface Default {
  readonly name: string;
  readonly model: Endpoint["model"];
  readonly feature: string;
  readonly value: unknown;
}

function reportDefault(
  { name, model, feature, value }: Default,
  lookedUp: FeaturesSpec["columns"],
  report: Report,
): void {
  const at = `${name}.online.otherwise.${feature}`;
  const found = lookedUp.find((one) => one.name === feature);
  if (found === undefined) {
    const isOther = listFeatures(model.training).some((one) => one.name === feature);
    const nearest = isOther
      ? undefined
      : findNearest(
          feature,
          lookedUp.map((one) => one.name),
        );
    const what = isOther
      ? `feature "${feature}" is computed from the request alone and never looked up`
      : `model "${model.name}" has no feature "${feature}"`;
    const expected = `one of ${lookedUp.map((one) => one.name).join(", ")}`;
    report({
      code: "online-default-invalid",
      at,
      what,
      expected,
      ...(nearest && { fix: `did you mean "${nearest}"?` }),
    });
    return;
  }
  const type = { number: "number", boolean: "boolean", category: "string" }[found.type];
  if (value === null || typeof value === type) return;
  const what = `the default of feature "${feature}" is of another type`;
  report({ code: "online-default-invalid", at, what, got: describeValue(value), expected: `a ${found.type} or null` });
}

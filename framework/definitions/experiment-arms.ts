/**
 * What the arms of an experiment must have in common: label, request, and with its endpoint the model of the control.
 * @module
 */
import type { Endpoint } from "./endpoint.ts";
import type { Experiment } from "./experiment.ts";
import { findClasses } from "./label-classes.ts";
import type { Model } from "./model.ts";
import { findNameFault } from "./name.ts";
import type { Report } from "./report.ts";
import { listRequestColumns } from "./request-columns.ts";
import { findNearest } from "./suggestion.ts";
import { findTask } from "./training-job-spec.ts";
import { describeValue, quote } from "./value-text.ts";

/** What an endpoint's server calls other versions that it answers with. */
const taken: readonly string[] = ["champion", "canary", "shadow"];

/** Reports names that no arm can have, a control that there is not, and models that do not answer alike. */
export function reportArms(
  { name, model }: Endpoint,
  { arms }: Experiment,
  { control, report }: { readonly control: string; readonly report: Report },
): void {
  const at = `${name}.experiment`;
  const code = "experiment-unfit";
  for (const arm of Object.keys(arms)) {
    const fault = taken.includes(arm) ? `a name that is none of ${taken.join(", ")}` : findNameFault(arm);
    if (fault === undefined) continue;
    const what = `the arm has no valid name`;
    report({ code: "name-invalid", at: `${at}.arms.${arm}`, what, got: describeValue(arm), expected: fault });
  }
  const base = Object.hasOwn(arms, control) ? arms[control] : undefined;
  if (base === undefined) {
    const expected = `one of ${Object.keys(arms).join(", ")}`;
    const nearest = findNearest(control, Object.keys(arms));
    const fix = nearest ? `did you mean "${nearest}"?` : 'name the arm that is compared with: control: "…"';
    report({ code, at: `${at}.control`, what: "the control is none of the arms", got: quote(control), expected, fix });
    return;
  }
  if (base.name !== model.name) {
    const what = `the control's model is not the endpoint's, whose answers the others are to better`;
    const seen = { got: `model ${quote(base.name)}`, expected: `model ${quote(model.name)}` };
    report({ code, at: `${at}.arms.${control}`, what, ...seen, fix: "give the endpoint's own model to the control" });
    return;
  }
  for (const [arm, other] of Object.entries(arms)) {
    const difference = arm === control ? undefined : findDifference(base, other);
    if (difference) report({ code, at: `${at}.arms.${arm}`, ...difference });
  }
}

function findDifference(base: Model, other: Model) {
  const [label, otherLabel] = [describeLabel(base), describeLabel(other)];
  if (label !== otherLabel)
    return {
      what: `model ${quote(other.name)} answers another label than the control`,
      got: otherLabel,
      expected: label,
    };
  const [request, otherRequest] = [describeRequest(base), describeRequest(other)];
  if (request === otherRequest) return undefined;
  const what = `model ${quote(other.name)} is asked with another request than the control`;
  const fix = "let the features of both read the same columns at the event";
  return { what, got: otherRequest, expected: request, fix };
}

function describeLabel({ training }: Model): string {
  const task = findTask(training);
  if (task === "multiclass")
    return `one of ${[...(findClasses(training.label, training.spine.from) ?? [])].join(", ")}`;
  return task === "regression" ? "a number" : "true or false";
}

function describeRequest({ training }: Model): string {
  return listRequestColumns(training)
    .map(({ name, type, nullable }) => `${name}: ${type}${nullable ? " or null" : ""}`)
    .sort()
    .join(", ");
}

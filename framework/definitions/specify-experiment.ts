/**
 * The spec of an endpoint's experiment, and what its arms, shares, unit and metrics must fit.
 * @module
 */
import { listColumns } from "./column.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Experiment } from "./experiment.ts";
import { reportArms } from "./experiment-arms.ts";
import type { ArmSpec, ExperimentSpec, GuardrailSpec } from "./experiment-spec.ts";
import { describeMetric, type Metric, type Task } from "./metric.ts";
import { readMetricName } from "./metric-name.ts";
import { findNameFault } from "./name.ts";
import { placeAt, type Report, type UnplacedReport } from "./report.ts";
import { listRequestColumns } from "./request-columns.ts";
import { isMinimized } from "./specify-tuning.ts";
import { findNearest } from "./suggestion.ts";
import { findTask } from "./training-job-spec.ts";
import { durationPattern, toSeconds } from "./units.ts";
import { describeValue, quote } from "./value-text.ts";

const allPoints = 10_000;

/** The spec of `experiment`. Reports everything that its parts, or its endpoint's, do not fit. */
export function specifyExperiment(endpoint: Endpoint, report: Report): ExperimentSpec | undefined {
  const { experiment } = endpoint;
  if (experiment === undefined) return undefined;
  const at = `${endpoint.name}.experiment`;
  const { control = "control", window = "1 day", atMost = "60 days" } = experiment;
  const fault = findNameFault(experiment.name);
  if (fault !== undefined) {
    const [what, got] = ["the experiment has no valid name", describeValue(experiment.name)];
    report({ code: "name-invalid", at: `${at}.name`, what, got, expected: fault });
  }
  reportArms(endpoint, experiment, { control, report });
  reportLabels(endpoint, report);
  reportRollout(endpoint, report);
  reportTimes({ at, window, atMost, matures: endpoint.feedback?.matures }, report);
  reportPromotion(endpoint, report);
  const { unit } = experiment;
  if (unit !== undefined) reportUnit(unit, endpoint, placeAt(report, `${at}.unit`));
  const task = findTask(endpoint.model.training);
  const metric = readMeasure(experiment, { at, task, report });
  const isRatio = ratios.has(metric.metric);
  if (isRatio && experiment.per === "unit") {
    const what = `metric "${metric.metric}" is a ratio of counts over rows, of which a single unit may have none`;
    report({ code: "experiment-unfit", at: `${at}.per`, what, got: "unit", fix: 'say per: "row", or leave it out' });
  }
  return {
    name: experiment.name,
    arms: specifyArms(experiment, { at, control, report }),
    control,
    ...(unit !== undefined && { unit }),
    ...metric,
    per: experiment.per ?? (isRatio ? "row" : "unit"),
    minimum: experiment.minimum,
    guardrails: (experiment.guardrails ?? []).map((one, i) => {
      const place = `${at}.guardrails[${i}]`;
      reportSlow(one, placeAt(report, `${place}.over`));
      return {
        ...readMeasure(one, { at: place, task, report }),
        ...(one.over !== undefined && { over: one.over }),
        by: one.by,
      };
    }),
    alpha: experiment.alpha ?? 0.05,
    power: experiment.power ?? 0.8,
    window,
    atMost,
    decide: experiment.decide ?? "recommend",
  };
}

/** The arms with their shares in basis points; what the same share for each leaves over is the control's. */
function specifyArms(
  { arms, allocation }: Experiment,
  { at, control, report }: { readonly at: string; readonly control: string; readonly report: Report },
): readonly ArmSpec[] & ArmSpec[] {
  const names = Object.keys(arms);
  const modelOf = (name: string) => arms[name]?.name ?? "";
  if (allocation === undefined) {
    const each = Math.floor(allPoints / names.length);
    const rest = allPoints - each * names.length;
    return names.map((name) => ({ name, model: modelOf(name), weight: each + (name === control ? rest : 0) }));
  }
  const refuse = (place: string, what: string, seen: { readonly got: string; readonly expected: string }) =>
    report({ code: "experiment-unfit", at: `${at}.allocation${place}`, what, ...seen });
  for (const name of Object.keys(allocation).filter((one) => !names.includes(one)))
    refuse(`.${name}`, `"allocation" gives a share to an arm that there is not`, {
      got: quote(name),
      expected: names.join(", "),
    });
  for (const name of names.filter((one) => allocation[one] === undefined))
    refuse(`.${name}`, `"allocation" gives no share to arm ${quote(name)}`, {
      got: "nothing",
      expected: "more than 0",
    });
  const weights = names.map((name) => (allocation[name] ?? 0) * allPoints);
  const sum = weights.reduce((total, weight) => total + weight, 0) / allPoints;
  if (Math.abs(sum - 1) > 1e-9)
    refuse("", '"allocation" does not give all units to the arms', {
      got: `${Number(sum.toFixed(6))} together`,
      expected: "1 together",
    });
  return names.map((name, i) => {
    const weight = Math.round(weights[i] ?? 0);
    if (allocation[name] !== undefined && Math.abs(weight - (weights[i] ?? 0)) > 1e-6)
      refuse(`.${name}`, `the share of arm ${quote(name)} is finer than units are dealt`, {
        got: String(allocation[name]),
        expected: "steps of 0.0001",
      });
    return { name, model: modelOf(name), weight: Math.max(1, weight) };
  });
}

/** Reports an endpoint whose labels never come, or come by the arms' own decisions, and one that keeps no record of its answers. */
function reportLabels({ name, log, feedback }: Endpoint, report: Report): void {
  const [code, at] = ["experiment-unfit", `${name}.experiment`] as const;
  if (log.requests === "none") {
    const what = "an experiment counts answers that are logged, and the endpoint logs none of them";
    report({ code, at, what, fix: 'leave "requests" of "log" out' });
  }
  if (feedback === undefined) {
    const what = "the arms are compared on labels, and the endpoint takes none";
    report({ code, at, what, fix: 'say in "feedback" of the endpoint how labels come to be known' });
  } else if (feedback.observed !== undefined && feedback.observed !== "always") {
    const what =
      "labels are known only of answers that say what lets them happen: each arm would be judged on rows that it chose";
    report({ code, at, what, fix: 'compare arms where labels are "observed" always' });
  }
}

/** Reports an endpoint whose own versions reach callers step by step: who has which version would say nothing of the arms. */
function reportRollout({ name, rollout }: Endpoint, report: Report): void {
  if (rollout.kind !== "canary") return;
  report({
    code: "experiment-unfit",
    at: `${name}.rollout`,
    what: "a canary divides the callers whom the experiment has dealt to its arms: an endpoint has one of the two at a time",
    got: "canary(…)",
    expected: "allAtOnce()",
    fix: "leave the rollout out while the experiment runs",
  });
}

/** Reports an experiment that promotes and has nothing to promote: every arm answers with what is in production already. */
function reportPromotion({ name, model, experiment }: Endpoint, report: Report): void {
  if (experiment?.decide !== "promote") return;
  if (Object.values(experiment.arms).some((arm) => arm.name !== model.name)) return;
  report({
    code: "experiment-unfit",
    at: `${name}.experiment.decide`,
    what: `no arm has another model than the endpoint's: there is nothing that "promote" could release`,
    got: "promote",
    fix: 'use "recommend", or leave it out',
  });
}

interface Times {
  readonly at: string;
  readonly window: string;
  readonly atMost: string;
  /** @default the endpoint takes no labels, which is reported by itself */
  readonly matures: string | undefined;
}

/** Reports an experiment that is over before its first unit counts. */
function reportTimes({ at, window, atMost, matures = "0 seconds" }: Times, report: Report): void {
  // What is no duration is reported where it stands.
  if (![window, atMost, matures].every((one) => durationPattern.test(one))) return;
  if (toSeconds(window) + toSeconds(matures) < toSeconds(atMost)) return;
  report({
    code: "experiment-unfit",
    at: `${at}.atMost`,
    what: "the experiment is over before the first unit counts: its requests and then its labels are waited for",
    got: quote(atMost),
    expected: `more than "window" and "matures" of the feedback together, ${quote(window)} and ${quote(matures)}`,
  });
}

const unitTypes: readonly string[] = ["string", "integer", "boolean"];

/** Reports a unit that no request names. */
function reportUnit(unit: string, { model }: Endpoint, report: UnplacedReport): void {
  const { from } = model.training.spine;
  const columns = listRequestColumns(model.training).filter(({ type }) => unitTypes.includes(type));
  if (columns.some(({ name }) => name === unit)) return;
  const column = listColumns(from.schema).find(({ name }) => name === unit);
  const names = columns.map(({ name }) => name);
  const nearest = column ? undefined : findNearest(unit, names);
  report({
    code: column ? "experiment-unfit" : "column-unknown",
    what: !column
      ? `dataset "${from.name}" has no column ${quote(unit)}`
      : listRequestColumns(model.training).some(({ name }) => name === unit)
        ? `column ${quote(unit)} names no unit: it is a ${column.type}`
        : `column ${quote(unit)} is no part of a request of model "${model.name}"`,
    expected: names.length > 0 ? `one of ${names.join(", ")}` : "the header steward-unit",
    fix: nearest ? `did you mean "${nearest}"?` : 'leave "unit" out, and send the header steward-unit',
  });
}

interface Measured {
  readonly metric: Metric | string;
  readonly better?: "higher" | "lower" | undefined;
}

interface MeasureScope {
  readonly at: string;
  readonly task: Task | undefined;
  readonly report: Report;
}

/** The name of a measure, and which way it is better. Reports one that is not of single rows, or of another label. */
function readMeasure(given: Measured, { at, task, report }: MeasureScope): Pick<GuardrailSpec, "metric" | "better"> {
  const name = typeof given.metric === "string" ? given.metric : given.metric.name;
  if (name === "label") {
    if (task === "multiclass") {
      const what = '"label" is the mean of labels, and the classes of this one have none';
      report({ code: "metric-unfit", at: `${at}.metric`, what, fix: "compare by accuracy or logLoss" });
    }
    if (given.better === undefined) {
      const what = '"better" is missing: of "label" nobody else knows which values are better';
      report({ code: "experiment-unfit", at: `${at}.better`, what, expected: '"higher" or "lower"' });
    }
    return { metric: name, better: given.better ?? "higher" };
  }
  if (given.better !== undefined) {
    const what = `"better" is said of "label" alone: of "${name}" it is known`;
    report({ code: "experiment-unfit", at: `${at}.better`, what, got: given.better, fix: "leave it out" });
  }
  if (name === "errors" || name === "slow") return { metric: name, better: "lower" };
  const { tasks = [] } = describeMetric(name) ?? {};
  if (!isOfRows(name)) {
    const what = `metric "${name}" is of many rows together, and arms are compared by what each unit shows`;
    const expected = [...means, ...ratios].join(", ");
    report({ code: "metric-unfit", at: `${at}.metric`, what, expected, fix: "compare by a mean over rows" });
  } else if (task !== undefined && !tasks.includes(task)) {
    const what = `metric "${name}" is for ${tasks.join(" and ")} labels, but the arms answer a ${task} label`;
    report({ code: "metric-unfit", at: `${at}.metric`, what, fix: "name a metric of the label's task" });
  }
  return { metric: name, better: isMinimized(name) ? "lower" : "higher" };
}

/** The metrics that are means over rows, and those that are ratios of two sums over rows. */
const means: ReadonlySet<string> = new Set(["accuracy", "log-loss", "brier", "mae", "mape", "smape"]);
const ratios: ReadonlySet<string> = new Set(["precision", "recall", "weighted-percentage-error"]);

function isOfRows(name: string): boolean {
  return means.has(name) || ratios.has(name) || readMetricName(name)?.kind === "top-accuracy";
}

function reportSlow(
  { metric, over }: { readonly metric: unknown; readonly over?: number },
  report: UnplacedReport,
): void {
  if (metric === "slow" && over === undefined) {
    const what = '"over" is missing: nobody else knows from when on an answer is slow';
    report({ code: "experiment-unfit", what, expected: "milliseconds, such as 50" });
  } else if (metric !== "slow" && over !== undefined) {
    report({
      code: "experiment-unfit",
      what: '"over" is said of "slow" alone',
      got: String(over),
      fix: "leave it out",
    });
  }
}

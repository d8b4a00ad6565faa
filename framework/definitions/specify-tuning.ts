/**
 * The spec of a tuning, and what its space, its objectives and its pruner must fit.
 * @module
 */
import type { z } from "zod";
import type { Task } from "./metric.ts";
import { readMetricName } from "./metric-name.ts";
import { reportMetricGroups, reportMetricRanks } from "./metric-report.ts";
import { placeAt, type Report, type UnplacedReport } from "./report.ts";
import { findNearest } from "./suggestion.ts";
import type { TrainingJob } from "./training-job.ts";
import type { WrittenDistribution, WrittenPruner, WrittenTuning } from "./tuning-shape.ts";
import type { DistributionSpec, ObjectiveSpec, PrunerSpec, SearchedSpec, TuningSpec } from "./tuning-spec.ts";
import { toSeconds } from "./units.ts";
import { describeValue, quote } from "./value-text.ts";

/** The metrics of which a lower value is better. */
const minimized: ReadonlySet<string> = new Set([
  "log-loss",
  "brier",
  "calibration-error",
  "rmse",
  "mae",
  "median-absolute-error",
  "weighted-percentage-error",
  "mape",
  "smape",
]);

/** Whether a lower value of a metric is better. */
export function isMinimized(metric: string): boolean {
  return minimized.has(metric) || readMetricName(metric)?.kind === "mase";
}

/**
 * The spec of a job's tuning.
 *
 * @param task what the job's label asks. @default the label is none, which is reported where it is declared
 */
export function specifyTuning(job: TrainingJob, task: Task | undefined, report: Report): TuningSpec | undefined {
  const { tune: written } = job as TrainingJob & { readonly tune?: WrittenTuning };
  if (written === undefined) return undefined;
  const at = `${job.name}.tune`;
  const { sampler = "tpe", pruner = "none", trials, parallel = 1, budget = {}, failures = 0.5 } = written;
  reportRows(job, placeAt(report, at));
  const objectives = specifyObjectives(written, { job, task }, { at: `${at}.objective`, report });
  const prunerSpec = specifyPruner(pruner);
  reportPruner(prunerSpec, objectives, placeAt(report, `${at}.pruner`));
  if (sampler === "cma-es" && objectives.length > 1) {
    const what = '"cma-es" seeks one objective alone';
    report({
      code: "tuning-invalid",
      at: `${at}.sampler`,
      what,
      got: `${objectives.length} objectives`,
      expected: '"tpe", "gp", "random" or "grid"',
    });
  }
  if (budget.gpuHours !== undefined && job.resources.gpu === undefined) {
    const what = '"gpuHours" limits GPUs, and the job uses none: nothing would ever end by it';
    report({ code: "tuning-invalid", at: `${at}.budget.gpuHours`, what, fix: 'leave it out, or limit "time"' });
  }
  const space = specifySpace(written, job, { at: `${at}.space`, report });
  return {
    sampler,
    pruner: prunerSpec,
    objectives,
    space,
    trials,
    parallel,
    budget: {
      ...(budget.time !== undefined && { time: budget.time }),
      ...(budget.gpuHours !== undefined && { gpuHours: budget.gpuHours }),
    },
    failures,
    warmStart: written.warmStart ?? false,
  };
}

function reportRows({ split }: TrainingJob, report: UnplacedReport): void {
  if (split.validation !== undefined && toSeconds(split.validation) > 0) return;
  report({
    code: "tuning-invalid",
    what: '"tune" has no rows to choose by: trials are judged on the validation rows, never on the test rows',
    fix: 'give the split a validation, such as validation: "7 days"',
  });
}

interface Place {
  readonly at: string;
  readonly report: Report;
}

function specifyObjectives(
  { objective }: WrittenTuning,
  { job, task }: { readonly job: TrainingJob; readonly task: Task | undefined },
  { at, report }: Place,
): ObjectiveSpec[] {
  const metrics = Array.isArray(objective) ? objective : [objective];
  for (const [i, metric] of metrics.entries()) {
    const place = Array.isArray(objective) ? `${at}[${i}]` : at;
    if (task !== undefined && !metric.tasks.includes(task)) {
      const what = `metric "${metric.name}" is for ${metric.tasks.join(" and ")} labels, but the job has a ${task} label`;
      report({ code: "metric-unfit", at: place, what, fix: "name a metric of the label's task" });
    }
    reportMetricGroups(metric.name, job.spine.from, placeAt(report, place));
    reportMetricRanks(metric.name, job, placeAt(report, place));
    if (metrics.findIndex(({ name }) => name === metric.name) < i) {
      report({
        code: "metric-unfit",
        at: place,
        what: `metric "${metric.name}" is named twice`,
        fix: "leave one out",
      });
    }
  }
  return metrics.map(({ name }) => ({ metric: name, direction: isMinimized(name) ? "minimize" : "maximize" }));
}

function specifyPruner(pruner: WrittenPruner): PrunerSpec {
  const written: Exclude<WrittenPruner, string> | { readonly kind: "none" } =
    typeof pruner === "string" ? { kind: pruner } : pruner;
  switch (written.kind) {
    case "none":
      return { kind: "none" };
    case "median": {
      const { startup = 5, warmup = 0 } = written;
      return { kind: "median", startup, warmup };
    }
    case "asha": {
      const { minSteps = 1, factor = 4 } = written;
      return { kind: "asha", minSteps, factor };
    }
    case "hyperband": {
      const { minSteps = 1, maxSteps, factor = 3 } = written;
      return { kind: "hyperband", minSteps, maxSteps, factor };
    }
  }
}

function reportPruner(pruner: PrunerSpec, objectives: readonly ObjectiveSpec[], report: UnplacedReport): void {
  if (pruner.kind !== "none" && objectives.length > 1) {
    report({
      code: "tuning-invalid",
      what: "a trial can be given up by one objective alone",
      got: `${objectives.length} objectives`,
      fix: 'leave "pruner" out, or name one objective',
    });
  }
  if (pruner.kind === "hyperband" && pruner.maxSteps < pruner.minSteps) {
    report({
      code: "tuning-invalid",
      what: '"maxSteps" comes before "minSteps"',
      got: String(pruner.maxSteps),
      expected: `${pruner.minSteps} or more`,
    });
  }
}

function specifySpace(
  { space, sampler }: WrittenTuning,
  { params }: Pick<TrainingJob, "params">,
  { at, report }: Place,
): SearchedSpec[] {
  const shape: Readonly<Record<string, z.core.$ZodType>> = params?.shape ?? {};
  const known = Object.keys(shape);
  if (Object.keys(space).length === 0)
    report({ code: "space-invalid", at, what: '"space" searches nothing', expected: "one parameter at least" });
  const before = new Map<string, WrittenDistribution>();
  return Object.entries(space).map(([param, written]) => {
    const place = placeAt(report, `${at}.${param}`);
    const schema = Object.hasOwn(shape, param) ? (shape[param] as z.ZodType) : undefined;
    if (!schema) reportUnknown(param, known, place);
    const isSound = reportBounds(written, place);
    if (schema && isSound) reportUnfit(written, schema, place);
    if (sampler === "grid" && written.kind === "float") {
      const what = '"grid" tries every value, and a float(…) has no end of them';
      place({ code: "space-invalid", what, fix: "name the values: choice(0.01, 0.03, 0.1)" });
    }
    reportCondition(written, before, place);
    before.set(param, written);
    const { condition } = written;
    return { param, distribution: specifyDistribution(written), ...(condition && { when: { ...condition } }) };
  });
}

function reportUnknown(param: string, known: readonly string[], report: UnplacedReport): void {
  const nearest = findNearest(param, known);
  report({
    code: "space-invalid",
    what: `"space" searches ${quote(param)}, which is no parameter of the job`,
    expected: known.length > 0 ? `one of ${known.join(", ")}` : 'a parameter in "params", which has none',
    ...(nearest !== undefined && { fix: `did you mean "${nearest}"?` }),
  });
}

/** Reports bounds that leave nothing between them, or that cannot be drawn from as is said. */
function reportBounds(written: WrittenDistribution, report: UnplacedReport): boolean {
  if (written.kind === "choice") {
    const twice = written.values.find((value, i) => written.values.indexOf(value) < i);
    if (twice === undefined) return true;
    report({ code: "space-invalid", what: "choice(…) names a value twice", got: describeValue(twice) });
    return false;
  }
  const { kind, low, high, scale } = written;
  if (low > high) {
    report({ code: "space-invalid", what: `${kind}(…) ends below its beginning`, got: `${low} to ${high}` });
    return false;
  }
  if (scale === "log" && low <= 0) {
    const what = `${kind}(…) is drawn by its logarithm, which no number of 0 or less has`;
    report({ code: "space-invalid", what, got: `from ${low}`, expected: "a first bound above 0" });
    return false;
  }
  const step = written.kind === "int" ? (written.step ?? 1) : 1;
  if (kind === "int" && (high - low) % step !== 0) {
    const what = '"step" of int(…) does not lead from its first bound to its last';
    report({ code: "space-invalid", what, got: String(step), expected: `a divisor of ${high - low}` });
    return false;
  }
  if (kind === "int" && step > 1 && scale === "log") {
    report({ code: "space-invalid", what: "int(…) is drawn by steps or by its logarithm, not by both" });
    return false;
  }
  return true;
}

/** Reports the first value that a parameter's own schema refuses. */
function reportUnfit(written: WrittenDistribution, schema: z.ZodType, report: UnplacedReport): void {
  const values = written.kind === "choice" ? written.values : sampleOf(written);
  const unfit = values.find((value) => !schema.safeParse(value).success);
  if (unfit === undefined) return;
  const fix =
    written.kind === "float" && Number.isInteger(written.low) && schema.safeParse(written.low).success
      ? "draw whole numbers with int(…)"
      : "search within what the parameter's schema allows, or widen it";
  report({
    code: "space-invalid",
    what: "the space has a value that the parameter's schema refuses",
    got: describeValue(unfit),
    fix,
  });
}

/** The bounds, and of a float(…) a value between them that is no round one. */
function sampleOf({ kind, low, high }: Extract<WrittenDistribution, { readonly kind: "int" | "float" }>): number[] {
  return kind === "int" || low === high ? [low, high] : [low, high, low + (high - low) * 0.618_033_988_7];
}

function reportCondition(
  { condition }: WrittenDistribution,
  before: ReadonlyMap<string, WrittenDistribution>,
  report: UnplacedReport,
): void {
  if (!condition) return;
  const other = before.get(condition.param);
  if (other?.kind === "choice" && other.values.includes(condition.is)) return;
  report({
    code: "space-invalid",
    what: `the condition ${quote(condition.param)} is ${describeValue(condition.is)} never holds`,
    expected: "a parameter that stands before it in the space as a choice(…), with one of its values",
  });
}

function specifyDistribution(written: WrittenDistribution): DistributionSpec {
  switch (written.kind) {
    case "int": {
      const { kind, low, high, scale, step = 1 } = written;
      return { kind, low, high, scale, step };
    }
    case "float": {
      const { kind, low, high, scale } = written;
      return { kind, low, high, scale };
    }
    case "choice":
      return { kind: "choice", values: [...written.values] };
  }
}

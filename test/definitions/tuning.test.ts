import { describe, expect, it } from "vitest";
import { z } from "zod";
import { metrics } from "../../framework/definitions/metric.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { metrics as computed } from "../../framework/evaluation/metrics.ts";
import { auc, choice, float, int, logLoss, rmse } from "../../framework/index.ts";
import { findProblems, relist } from "./flight-project.ts";

const params = z.object({
  leaves: z.int().min(2).max(512).default(31),
  rate: z.number().positive().default(0.1),
  boosting: z.enum(["gbdt", "dart"]).default("gbdt"),
});
const split = { test: "14 days", validation: "7 days" };
const few = { trials: 4, objective: auc, space: { leaves: int(8, 256, "log") } };

/** The flights' project with a job that is tuned so. */
const tuned = (tune: object, changes: object = {}) => relist({ training: { params, split, tune, ...changes } });

function specify(tune: object) {
  const { definitions } = resolveProject(tuned(tune), "local");
  return definitions.find((spec) => spec.kind === "training-job")?.tuning;
}

describe("a tuning", () => {
  it("has its defaults filled in", () => {
    expect(specify(few)).toEqual({
      sampler: "tpe",
      pruner: { kind: "none" },
      objectives: [{ metric: "auc", direction: "maximize" }],
      space: [{ param: "leaves", distribution: { kind: "int", low: 8, high: 256, scale: "log", step: 1 } }],
      trials: 4,
      parallel: 1,
      budget: {},
      failures: 0.5,
      warmStart: false,
    });
  });

  it("keeps everything that is said of it, the space in the order in which it is written", () => {
    const written = {
      sampler: "random",
      pruner: { kind: "hyperband", maxSteps: 200 },
      objective: [logLoss],
      space: {
        rate: float(0.01, 0.3),
        boosting: choice("gbdt", "dart"),
        leaves: int(8, 64, { step: 8 }).when("boosting", "dart"),
      },
      trials: 30,
      parallel: 2,
      budget: { time: "2 hours" },
      failures: 0.1,
      warmStart: true,
    };
    expect(specify(written)).toEqual({
      ...written,
      objective: undefined,
      objectives: [{ metric: "log-loss", direction: "minimize" }],
      pruner: { kind: "hyperband", minSteps: 1, maxSteps: 200, factor: 3 },
      space: [
        { param: "rate", distribution: { kind: "float", low: 0.01, high: 0.3, scale: "linear" } },
        { param: "boosting", distribution: { kind: "choice", values: ["gbdt", "dart"] } },
        {
          param: "leaves",
          distribution: { kind: "int", low: 8, high: 64, scale: "linear", step: 8 },
          when: { param: "boosting", is: "dart" },
        },
      ],
    });
  });

  it("leaves the spec of a job that is not tuned as it was", () => {
    const { definitions } = resolveProject(relist({}), "local");
    expect(definitions.find((spec) => spec.kind === "training-job")).not.toHaveProperty("tuning");
  });

  const said = (value: string | number) => ({ op: "literal", value }) as const;
  const isLate = { op: "gt", left: { op: "column", name: "delay" }, right: said(15) } as const;

  it.each(metrics)("seeks the better values of $name", (metric) => {
    const { name, tasks } = metric;
    const [task = "binary"] = tasks;
    const labels = {
      binary: {},
      multiclass: { label: { op: "when", condition: isLate, value: said("late"), otherwise: said("on time") } },
      regression: { label: { op: "column", name: "delay" } },
    };
    const label = labels[task];
    const judged = { gates: [], metrics: [{ binary: auc, multiclass: logLoss, regression: rmse }[task]] };
    const wrong = relist({
      training: { params, split, ...label, tune: { ...few, objective: metric } },
      late: judged,
    });
    const { definitions } = resolveProject(wrong, "local");
    const objective = definitions.find((spec) => spec.kind === "training-job")?.tuning?.objectives[0];
    const direction = computed[name]?.direction === "higher" ? "maximize" : "minimize";
    expect(objective).toEqual({ metric: name, direction });
  });

  const at = "late-training.tune";
  it.each<[what: string, tune: object, problems: readonly (readonly [string, string])[]]>([
    ["an unknown parameter", { space: { leafs: int(1, 2) } }, [["space-invalid", `${at}.space.leafs`]]],
    ["nothing to search", { space: {} }, [["space-invalid", `${at}.space`]]],
    ["bounds the wrong way round", { space: { leaves: int(9, 8) } }, [["space-invalid", `${at}.space.leaves`]]],
    ["a logarithm of nothing", { space: { rate: float(0, 1, "log") } }, [["space-invalid", `${at}.space.rate`]]],
    [
      "a step that leads past the end",
      { space: { leaves: int(8, 63, { step: 8 }) } },
      [["space-invalid", `${at}.space.leaves`]],
    ],
    ["a value that the schema refuses", { space: { leaves: int(8, 1024) } }, [["space-invalid", `${at}.space.leaves`]]],
    ["fractions for whole numbers", { space: { leaves: float(8, 64) } }, [["space-invalid", `${at}.space.leaves`]]],
    ["a value twice", { space: { boosting: choice("dart", "dart") } }, [["space-invalid", `${at}.space.boosting`]]],
    ["a value that is none", { space: { boosting: choice("goss") } }, [["space-invalid", `${at}.space.boosting`]]],
    ["what is no distribution", { space: { leaves: [8, 16] } }, [["definition-invalid", `${at}.space.leaves`]]],
    [
      "a condition on what comes later",
      { space: { leaves: int(8, 9).when("boosting", "dart"), boosting: choice("gbdt", "dart") } },
      [["space-invalid", `${at}.space.leaves`]],
    ],
    [
      "a condition that never holds",
      { space: { boosting: choice("gbdt"), leaves: int(8, 9).when("boosting", "dart") } },
      [["space-invalid", `${at}.space.leaves`]],
    ],
    ["an endless grid", { sampler: "grid", space: { rate: float(0.1, 1) } }, [["space-invalid", `${at}.space.rate`]]],
    [
      "evolution towards two ends",
      { sampler: "cma-es", objective: [auc, logLoss] },
      [["tuning-invalid", `${at}.sampler`]],
    ],
    [
      "pruning by two objectives",
      { pruner: "median", objective: [auc, logLoss] },
      [["tuning-invalid", `${at}.pruner`]],
    ],
    [
      "a last step before the first",
      { pruner: { kind: "hyperband", minSteps: 9, maxSteps: 8 } },
      [["tuning-invalid", `${at}.pruner`]],
    ],
    ["an objective of another task", { objective: rmse }, [["metric-unfit", `${at}.objective`]]],
    ["an objective twice", { objective: [auc, auc] }, [["metric-unfit", `${at}.objective[1]`]]],
    ["an objective that is none", { objective: "auc" }, [["definition-invalid", `${at}.objective`]]],
    ["no trials", { trials: 0 }, [["definition-invalid", `${at}.trials`]]],
    ["a budget of no time", { budget: { time: "0 seconds" } }, [["definition-invalid", `${at}.budget.time`]]],
    ["hours of GPUs that it does not use", { budget: { gpuHours: 3 } }, [["tuning-invalid", `${at}.budget.gpuHours`]]],
    ["more failures than trials", { failures: 1.5 }, [["definition-invalid", `${at}.failures`]]],
    ["an unknown option", { seed: 3 }, [["option-unknown", `${at}.seed`]]],
  ])("is refused %s", (_what, tune, problems) => {
    expect(findProblems(tuned({ ...few, ...tune }))).toEqual(problems);
  });

  it("is refused without rows to choose by", () => {
    expect(findProblems(tuned(few, { split: { test: "14 days" } }))).toEqual([["tuning-invalid", at]]);
  });
});

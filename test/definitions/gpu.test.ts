import { describe, expect, it } from "vitest";
import { z } from "zod";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { auc, int, patch, project } from "../../framework/index.ts";
import { definitions, findProblems, relist, training } from "./flight-project.ts";

function specify(resources: object) {
  const { definitions: specs } = resolveProject(relist({ training: { resources } }), "local");
  return specs.find((spec) => spec.kind === "training-job")?.resources;
}

describe("the GPUs that a job asks for", () => {
  it("are in its spec as they are written", () => {
    expect(specify({ gpu: { count: 2 } })).toEqual({ cpu: 1, memory: "2 GiB", gpu: { count: 2 } });
    expect(specify({ cpu: 4, gpu: { count: 1, type: "h100" } })?.gpu).toEqual({ count: 1, type: "h100" });
  });

  it("leave the spec of a job that asks for none as it was", () => {
    expect(JSON.stringify(specify({ cpu: 2 }))).toBe('{"cpu":2,"memory":"2 GiB"}');
  });

  it("are what an environment says, in place of all that the job may use", () => {
    const patched = project("flights", {
      definitions,
      environments: {
        local: { override: [patch(training, { resources: { gpu: { count: 1, type: "nvidia-h200" } } })] },
      },
    });
    const { definitions: specs } = resolveProject(patched, "local");
    const job = specs.find((spec) => spec.kind === "training-job");
    expect(job?.resources).toEqual({ cpu: 1, memory: "2 GiB", gpu: { count: 1, type: "nvidia-h200" } });
  });

  const at = "late-training.resources.gpu";
  it.each<[what: string, gpu: unknown, code: string, place: string]>([
    ["a bare number", 1, "definition-invalid", at],
    ["none of them", { count: 0 }, "definition-invalid", `${at}.count`],
    ["a part of one", { count: 0.5 }, "definition-invalid", `${at}.count`],
    ["no number", { type: "h100" }, "definition-invalid", `${at}.count`],
    ["no type in words", { count: 1, type: "" }, "definition-invalid", `${at}.type`],
    ["a type without a letter", { count: 1, type: " - " }, "definition-invalid", `${at}.type`],
    ["what is no option", { count: 1, memory: "80 GiB" }, "option-unknown", `${at}.memory`],
  ])("are a located problem as %s", (_what, gpu, code, place) => {
    expect(findProblems(relist({ training: { resources: { gpu } } }))).toEqual([[code, place]]);
  });

  const params = z.object({ leaves: z.int().default(31) });
  const tune = { trials: 4, objective: auc, space: { leaves: int(8, 256) }, budget: { gpuHours: 3 } };
  const tuned = { params, split: { test: "14 days", validation: "7 days" }, tune };

  it("can be limited by their hours in a study, and by none where there are none", () => {
    expect(findProblems(relist({ training: { ...tuned, resources: { gpu: { count: 1 } } } }))).toEqual([]);
    expect(findProblems(relist({ training: tuned }))).toEqual([
      ["tuning-invalid", "late-training.tune.budget.gpuHours"],
    ]);
  });
});

import { afterEach, expect, it, vi } from "vitest";
import type { Problem } from "../../framework/definitions/problem.ts";
import * as evaluation from "../../framework/project/evaluate-project.ts";
import * as types from "../../framework/project/type-check.ts";
import { head, ProjectFolder } from "./project-folder.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

it("refuses a project whose types are wrong, also where the evaluation was faster and found nothing", async () => {
  using folder = new ProjectFolder({ "project.ts": `${head}export default make();\n` });
  const evaluate = vi.spyOn(evaluation, "evaluateProject");
  const wrong: Problem = { code: "project-type-error", at: "", what: "wrong" };
  vi.spyOn(types, "checkTypes").mockImplementation(async () => {
    await evaluate.mock.results[0]?.value;
    return [wrong];
  });
  expect(await folder.findProblems("project.ts")).toEqual([wrong]);
});

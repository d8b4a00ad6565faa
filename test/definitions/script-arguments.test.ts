import { describe, expect, it } from "vitest";
import { z } from "zod";
import { StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { fillArguments, listUsualArguments } from "../../framework/definitions/script-arguments.ts";
import { mlflowScript } from "../../framework/index.ts";
import { relist } from "./flight-project.ts";

describe("the arguments of a script", () => {
  it.each([
    ["validation rows", ["alpha"], true, "--train {train} --validation {validation} --alpha {alpha}"],
    ["no validation rows", ["alpha", "depth"], false, "--train {train} --alpha {alpha} --depth {depth}"],
    ["no parameters", [], false, "--train {train}"],
  ])("are those of MLflow projects, with %s", (_, params, hasValidation, expected) => {
    expect(listUsualArguments(params, hasValidation).join(" ")).toBe(expected);
  });

  it.each([
    ["a path", ["--data", "{train}"], ["--data", "rows/train.parquet"]],
    ["numbers, texts and truths", ["{alpha}", "{kind}", "{fast}"], ["0.1", "ridge {alpha}", "true"]],
    ["many in one", ["--alpha={alpha},{alpha}"], ["--alpha=0.1,0.1"]],
    ["what is no name", ['{"alpha": 1}', "{}", "{other}"], ['{"alpha": 1}', "{}", "{other}"]],
    ["what every object has", ["{constructor}"], ["{constructor}"]],
  ])("have values in the places of names: %s", (_, args, expected) => {
    const values = { train: "rows/train.parquet", alpha: 0.1, kind: "ridge {alpha}", fast: true };
    expect(fillArguments(args, values)).toEqual(expected);
  });
});

describe("an MLflow script that does not fit its job", () => {
  type Said = readonly [at: string, what: string];

  function judge(options: object, job: object = {}): Said[] {
    const trainer = mlflowScript("train.py", { lock: "requirements.lock", ...options });
    try {
      resolveProject(relist({ training: { trainer, ...job } }), "local");
      return [];
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      return error.problems.map(({ code, at, what }) => [at, code === "script-invalid" ? what : code] as const);
    }
  }

  const args = ["--train", "{train}", "--leaves", "{leaves}"];
  const at = "late-training.trainer";

  it.each<[string, object, object]>([
    ["nothing more", {}, {}],
    ["arguments", { args: [...args, "--seed={seed}", '{"any": "thing"}'] }, {}],
    ["validation rows", { args: [...args, "{validation}"] }, { split: { test: "14 days", validation: "7 days" } }],
    ["a label", { label: "is late" }, {}],
  ])("is not one that is told %s", (_, options, job) => {
    expect(judge(options, job)).toEqual([]);
  });

  it.each<[string, object, object, Said[]]>([
    [
      "a name that is none",
      { args: [...args, "{leafs}"] },
      {},
      [[`${at}.args[4]`, 'the argument "{leafs}" names what no script is given']],
    ],
    [
      "validation rows that there are not",
      { args: [...args, "{validation}"] },
      {},
      [[`${at}.args[4]`, "the script asks for validation rows, and the split keeps none"]],
    ],
    [
      "everything but its rows and parameters",
      { args: [] },
      {},
      [
        [`${at}.args`, "no argument says where the training rows are"],
        [`${at}.args`, 'no argument gives the script its parameter "leaves"'],
      ],
    ],
    [
      "a label with the name of a feature",
      { label: "hour" },
      {},
      [[`${at}.label`, 'the column of the label has the name of a feature, "hour"']],
    ],
    [
      "a parameter with the name of the rows",
      {},
      { params: z.object({ train: z.string().default("x") }) },
      [["late-training.params.train", 'the parameter "train" has the name of what every script is given']],
    ],
  ])("is told %s", (_, options, job, said) => {
    expect(judge(options, job)).toEqual(said);
  });
});

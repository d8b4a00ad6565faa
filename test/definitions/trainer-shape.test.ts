import { describe, expect, it } from "vitest";
import { trainerShape } from "../../framework/definitions/trainer-shape.ts";
import { container, mlflowScript, python, typescript } from "../../framework/index.ts";

const image = `registry.example/late@sha256:${"0".repeat(64)}`;

/** What is wrong, as `path: what is expected`. */
function judge(trainer: unknown): string[] {
  const { error } = trainerShape.safeParse(trainer);
  return error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
}

describe("a trainer", () => {
  it.each([
    ["a Python file", python("train.py", { lock: "requirements.lock" })],
    ["an MLflow script", mlflowScript("train.py", { lock: "requirements.lock" })],
    ["a script with arguments", mlflowScript("train.py", { lock: "r.lock", args: ["{train}"], label: "rate" })],
    ["a TypeScript file with the project's lock", typescript("train.ts")],
    ["a TypeScript file with a lock of its own", typescript("jobs/train.mts", { lock: "jobs/package-lock.json" })],
    ["a container", container({ image, command: ["Rscript", "train.R"] })],
  ])("may be %s", (_, trainer) => {
    expect(judge(trainer)).toEqual([]);
  });

  it("has the lock of npm beside the project file where none is named", () => {
    expect(typescript("train.ts")).toEqual({ kind: "typescript", file: "train.ts", lock: "package-lock.json" });
  });

  it.each<[string, unknown, string[]]>([
    [
      "a file's name alone",
      "train.py",
      [
        ': python("train.py", { lock: "requirements.lock" }), mlflowScript(…), typescript("train.ts") or container({ … })',
      ],
    ],
    ["of a kind that there is not", { kind: "r", file: "train.R" }, [expect.stringMatching(/^: python/)]],
    ["TypeScript that is none", typescript("train.py"), ["file: a file whose name ends in .ts, .mts, .js or .mjs"]],
    [
      "a script with arguments that no program can have, and a label without a name",
      mlflowScript("train.py", { lock: "requirements.lock", args: ["a\0b"], label: "" }),
      ["args.0: a text without the character NUL", "label: the name of a column"],
    ],
    [
      "an image by its tag, which may become another",
      container({ image: "late:latest", command: ["train"] }),
      ["image: an image with its digest: name@sha256:… of 64 hexadecimal digits"],
    ],
    [
      "a container without a program",
      { kind: "container", image, command: [] },
      [expect.stringMatching(/^command: a program/)],
    ],
    [
      "an address",
      typescript("https://example.com/train.ts"),
      ["file: a path relative to the project file, no address"],
    ],
  ])("is not %s", (_, trainer, said) => {
    expect(judge(trainer)).toEqual(said);
  });
});

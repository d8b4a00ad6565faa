import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import type { FileTrainer } from "../../framework/definitions/trainer.ts";
import { readTrainer } from "../../framework/definitions/trainer-closure.ts";
import { python, typescript } from "../../framework/index.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-trainer-"));
  write({ "requirements.lock": "numpy==2.0.0 --hash=sha256:0\n" });
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function listPaths(file = "train.py"): string[] {
  return readTrainer(folder, python(file, { lock: "requirements.lock" })).files.map(({ path }) => path);
}

function findProblems(file: string, lock = "requirements.lock") {
  try {
    readTrainer(folder, python(file, { lock }));
    return [];
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return error.problems.map(({ code, at, got }) => [code, at, got]);
  }
}

describe("a trainer's closure", () => {
  it("is its entry and its lock, with their bytes, in order of their paths", () => {
    write({ "train.py": "import numpy\n" });
    expect(readTrainer(folder, python("./train.py", { lock: "requirements.lock" }))).toEqual({
      entry: "train.py",
      lock: "requirements.lock",
      files: [
        { path: "requirements.lock", bytes: Buffer.from("numpy==2.0.0 --hash=sha256:0\n") },
        { path: "train.py", bytes: Buffer.from("import numpy\n") },
      ],
    });
  });

  it.each<[string, string, string[]]>([
    ["import a", "import a\n", ["a.py"]],
    ["import a, b as c", "import a, b as c  # and no more\n", ["a.py", "b.py"]],
    ["from a import x", "from a import x\n", ["a.py"]],
    ["an indented import", "def f():\n    import a\n", ["a.py"]],
    ["an import after a backslash", "from \\\n  a import x\n", ["a.py"]],
    ["a package", "import pkg\n", ["pkg/__init__.py"]],
    ["a module of a package, with the packages above it", "import pkg.one\n", ["pkg/__init__.py", "pkg/one.py"]],
    [
      "modules named by from",
      "from pkg import (\n  one,  # first\n  two as second,\n)\n",
      ["pkg/__init__.py", "pkg/one.py", "pkg/two.py"],
    ],
    ["what modules import in turn, once", "import chain\n", ["a.py", "b.py", "chain.py"]],
    [
      "relative imports",
      "import pkg.deep.leaf\n",
      ["pkg/__init__.py", "pkg/deep/__init__.py", "pkg/deep/leaf.py", "pkg/deep/twig.py", "pkg/one.py"],
    ],
    ["nothing that is installed, commented out or elsewhere", "import numpy\n# import a\nfrom .. import b\n", []],
  ])("follows %s", (_, text, expected) => {
    write({
      "train.py": text,
      "a.py": "",
      "b.py": "",
      "chain.py": "import a\nimport b\nimport chain\n",
      "pkg/__init__.py": "",
      "pkg/one.py": "",
      "pkg/two.py": "",
      "pkg/deep/__init__.py": "",
      "pkg/deep/leaf.py": "from . import twig\nfrom ..one import x\n",
      "pkg/deep/twig.py": "",
    });
    expect(listPaths()).toEqual([...expected, "requirements.lock", "train.py"].sort());
  });

  it("takes absolute imports from the entry's own folder", () => {
    write({ "jobs/train.py": "import near\nimport far\n", "jobs/near.py": "", "far.py": "" });
    expect(listPaths("jobs/train.py")).toEqual(["jobs/near.py", "jobs/train.py", "requirements.lock"]);
  });
});

describe("a trainer's files", () => {
  it("exist, all problems told at once", () => {
    expect(findProblems("train.py", "other.lock")).toEqual([
      ["trainer-file-missing", "trainer.file", "train.py"],
      ["trainer-file-missing", "trainer.lock", "other.lock"],
    ]);
    write({ "jobs/train.py": "" });
    expect(findProblems("jobs")).toEqual([["trainer-file-missing", "trainer.file", "jobs"]]);
  });

  it("lie within the project's folder", () => {
    write({ "train.py": "" });
    expect(findProblems("../train.py", join(folder, "requirements.lock"))).toEqual([
      ["trainer-file-refused", "trainer.file", "../train.py"],
      ["trainer-file-refused", "trainer.lock", join(folder, "requirements.lock")],
    ]);
    expect(findProblems("jobs/../../train.py")).toEqual([["trainer-file-refused", "trainer.file", "../train.py"]]);
  });

  it("are reached through no link, nor are the folders above them", () => {
    write({ "real.py": "", "elsewhere/module.py": "", "train.py": "import linked\nimport pkg.module\n" });
    symlinkSync(join(folder, "real.py"), join(folder, "linked.py"));
    symlinkSync(join(folder, "elsewhere"), join(folder, "pkg"));
    expect(findProblems("train.py")).toEqual([
      ["trainer-file-refused", "trainer.file", "linked.py"],
      ["trainer-file-refused", "trainer.file", "pkg/module.py"],
    ]);
  });
});

describe("the closure of a TypeScript trainer", () => {
  const read = (file = "train.ts") => readTrainer(folder, typescript(file) as FileTrainer);
  const lock = (packages: object) => JSON.stringify({ lockfileVersion: 3, packages: { "": {}, ...packages } });

  it("is its entry, the files that it imports, and the lock of npm", () => {
    write({
      "package-lock.json": lock({ "node_modules/forest": { version: "1.0.0", integrity: "sha512-x" } }),
      "train.ts": 'import { grow } from "./forest/grow.ts";\nimport "./absent.ts";\nimport "../outside.ts";',
      "forest/grow.ts": 'import forest from "forest";\nimport depth from "./depth.json" with { type: "json" };',
      "forest/depth.json": "3",
      "unused.ts": "",
    });
    expect(read().files.map(({ path }) => path)).toEqual([
      "forest/depth.json",
      "forest/grow.ts",
      "package-lock.json",
      "train.ts",
    ]);
  });

  it("needs each package in the lock, at whatever file it is imported", () => {
    write({
      "package-lock.json": lock({}),
      "train.ts": 'import "./more.ts";\nimport a from "a";',
      "more.ts": 'import b from "b";',
    });
    const problem = { code: "packages-unlocked", at: "trainer.lock" };
    expect(() => read()).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({ ...problem, got: "a" }),
          expect.objectContaining({ ...problem, got: "b" }),
        ],
      }),
    );
  });

  it("needs a lock that npm wrote", () => {
    write({ "package-lock.json": "lockfileVersion: 9", "train.ts": "" });
    expect(() => read()).toThrow("is no package-lock.json of npm 7 or newer");
  });
});

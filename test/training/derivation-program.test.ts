import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DerivationStep } from "../../framework/definitions/derivation-step.ts";
import { StewardError } from "../../framework/definitions/problem.ts";
import { digestBytes } from "../../framework/plan/digest.ts";
import type { Reference } from "../../framework/store/reference.ts";
import { prepareProgram } from "../../framework/training/derivation-program.ts";
import { describePrograms } from "../../framework/training/trainer-closure.ts";
import { findTrainingTools, type TrainingTools } from "../../framework/training/training-tools.ts";
import { columns, useDerivation } from "../data/derivation/deriving.ts";

const given = useDerivation();
const locked = join(import.meta.dirname, "../data/reader/arrow/arrow.lock");

let root: string;
let tools: TrainingTools | undefined;
let missing = "";
let turn = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "steward-program-"));
  await mkdir(join(root, "objects"));
  try {
    tools = await findTrainingTools();
  } catch (error) {
    missing = `no Python here: ${error instanceof Error ? error.message : String(error)}`;
  }
}, 300_000);
afterAll(() => rm(root, { recursive: true, force: true }));

const store = { fetchFile: async ({ sha256 }: Reference) => join(root, "objects", sha256) };

/** A program with a module beside it, as the worker gets it. */
async function prepare(body: string, given: TrainingTools) {
  const folder = join(root, `project-${++turn}`);
  await mkdir(folder);
  const module =
    'import json, os\nstep = json.load(open("step.json"))\nassert step == json.load(open(os.environ["STEWARD_STEP"]))\n';
  const files = {
    "clean.py": `from folder import step\n${body}`,
    "folder.py": module,
    "requirements.lock": await readFile(locked),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content);
    await writeFile(join(root, "objects", digestBytes(Buffer.from(content))), content);
  }
  const [closure] = describePrograms(folder, { source: { kind: "derived", from: ["rows"], steps: [step] } });
  if (!closure) throw new TypeError("a step with a program has none");
  return prepareProgram({ at: "things.source.steps[0].python", closure, store, tools: given });
}

const rows = [3, 1, 2].map((n) => ({ t: n, n, i: n, s: "é", b: n > 1 }));
const step = { step: "python", file: "clean.py", lock: "requirements.lock" } as const satisfies DerivationStep;

const doubled = `
import pyarrow.parquet as pq, pyarrow.compute as pc
table = pq.read_table(step["input"])
table = table.set_column(table.schema.get_field_index("n"), "n", pc.multiply(table["n"], 2))
pq.write_table(table.slice(0, 2), step["output"])
`;

describe("a program", () => {
  it("is given the rows in order of event time, and what it writes goes on", async ({ skip }) => {
    if (!tools) return skip(missing);
    const programs = [await prepare(doubled, tools)];
    const { rows: found } = await given.derive({ columns, rows }, [step, { step: "sample", fraction: 1, seed: 0 }], {
      programs,
    });
    expect(found).toEqual([
      { t: 1, n: 2, i: 1, s: "é", b: false },
      { t: 2, n: 4, i: 2, s: "é", b: true },
    ]);
    expect(await given.leftovers()).toEqual([]);
  });

  it("gives the columns that it says", async ({ skip }) => {
    if (!tools) return skip(missing);
    const body = `
import pyarrow as pa, pyarrow.parquet as pq
table = pq.read_table(step["input"])
pq.write_table(pa.table({"t": table["t"], "score": pa.array([7, None, 9], pa.int32())}), step["output"])
`;
    const gives = [
      { name: "score", kind: "number" as const },
      { name: "t", kind: "timestamp" as const },
    ];
    const options = { programs: [await prepare(body, tools)], gives: [{ name: "score", type: "number" } as const] };
    const { rows: found } = await given.derive({ columns, rows }, [{ ...step, gives }], options);
    expect(found.map(({ score }) => score)).toEqual([7, null, 9]);
  });

  it("is another when one of its files is", async ({ skip }) => {
    if (!tools) return skip(missing);
    const all = [await prepare(doubled, tools), await prepare(doubled, tools), await prepare(`${doubled}\n`, tools)];
    const [first, second, third] = all.map(({ digest }) => digest);
    expect([first === second, first === third]).toEqual([true, false]);
  });

  it("has no file of a name that the step's own have", async () => {
    const object = { sha256: digestBytes(Buffer.from("")), size: 0 };
    const files = ["clean.py", "requirements.lock", "tmp/clean.py"].map((path) => ({ path, object }));
    await writeFile(join(root, "objects", object.sha256), "");
    const closure = {
      format: "trainer/1",
      kind: "python",
      entry: "clean.py",
      lock: "requirements.lock",
      files,
    } as const;
    const folder = join(root, `reserved-${++turn}`);
    await mkdir(folder);
    const tools = { python: "none", uv: "none" } as unknown as TrainingTools;
    const program = prepareProgram({ at: "things.source.steps[0].python", closure, store, tools });
    const work = { folder, input: join(root, "input.parquet"), output: join(root, "output.parquet") };
    await expect(program.run(work)).rejects.toThrow(/"tmp\/clean.py" is kept/);
  });

  const failures: readonly (readonly [string, string, string, RegExp])[] = [
    ["that fails", 'raise ValueError("no such gate")', "derivation-failed", /exit code 1.*no such gate/s],
    ["that leaves nothing", "", "derivation-failed", /left no file/],
    [
      "that leaves out a column",
      'import pyarrow as pa, pyarrow.parquet as pq\npq.write_table(pa.table({"t": [1]}), step["output"])',
      "source-columns-missing",
      /lack "n", "i", "s", "b"/,
    ],
    [
      "that gives a column as what it is not",
      `${doubled}\nimport pyarrow as pa\ntable = table.set_column(0, "t", pa.array([True, True, True]))\npq.write_table(table, step["output"])`,
      "source-column-type",
      /"t"/,
    ],
  ];
  for (const [title, body, code, said] of failures) {
    it(`${title} is told, with what it said`, async ({ skip }) => {
      if (!tools) return skip(missing);
      const failure = await given
        .derive({ columns, rows }, [step], { programs: [await prepare(body, tools)] })
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(StewardError);
      const [problem] = (failure as StewardError).problems;
      expect(problem).toMatchObject({ code, at: expect.stringContaining("things.source.steps[0].python") });
      expect(problem?.what).toMatch(said);
    });
  }
});

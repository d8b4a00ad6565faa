/**
 * The files of golden rows that a project's models name: read when the project is, so that what is in them stands in the specs, and
 * what is wrong with them is said before anything is planned.
 * @module
 */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { z } from "zod";
import { findFormatProblem } from "../definitions/format.ts";
import {
  findGoldenProblems,
  findMissingFeatures,
  type GoldenFeature,
  type GoldenRowSpec,
  goldenRow,
  mostGoldenRows,
} from "../definitions/golden-rows.ts";
import type { ModelTestSpec } from "../definitions/model-test-spec.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { DefinitionSpec, ModelSpec, ProjectSpec } from "../definitions/spec.ts";
import { reportTexts } from "../definitions/text-problem.ts";

/** A file of golden rows. Who recorded what is for people. */
const goldenFile = z.strictObject({
  /** @default the file was written by hand */
  format: z.string().optional(),
  /** The package whose answers they are. @default it is not said */
  package: z.string().optional(),
  rows: z.array(goldenRow).min(1, "one row at least").max(mostGoldenRows, `at most ${mostGoldenRows} rows`),
});

/** The largest file that is read, in bytes. */
const largestBytes = 16 * 2 ** 20;

/**
 * Fills in the rows of every golden test that names a file.
 *
 * @param folder the absolute path of the project file's folder
 * @throws StewardError `golden-file-invalid` with everything that is wrong with any of them
 */
export function fillGoldenFiles(spec: ProjectSpec, folder: string): ProjectSpec {
  const problems: Problem[] = [];
  const definitions = spec.definitions.map((definition) => {
    if (definition.kind !== "model" || !definition.tests) return definition;
    const tests = definition.tests.map((test, i) => {
      if (test.kind !== "golden" || test.file === undefined) return test;
      const report = (problem: Omit<Problem, "code" | "at">) =>
        void problems.push({ code: "golden-file-invalid", at: `${definition.name}.tests[${i}]`, ...problem });
      return fill({ ...test, file: test.file }, { folder, report, ...listFeatures(definition, spec.definitions) });
    });
    return { ...definition, tests };
  });
  if (problems.length > 0) throw new StewardError(problems);
  return { ...spec, definitions };
}

type GoldenTest = Extract<ModelTestSpec, { readonly kind: "golden" }>;

interface FillOptions {
  readonly folder: string;
  readonly report: (problem: Omit<Problem, "code" | "at">) => void;
  /** The name of the training job, and its features. */
  readonly training: string;
  readonly features: readonly GoldenFeature[];
}

function fill(test: GoldenTest & { readonly file: string }, options: FillOptions): GoldenTest {
  const { folder, report, training, features } = options;
  const path = posix.normalize(test.file);
  const read = readRows(folder, path);
  const file = relative(process.cwd(), join(folder, path));
  if ("problem" in read) {
    report({ ...read.problem, ...(read.isThere && { file }) });
    return test;
  }
  reportTexts(read.rows, { at: "rows", report: ({ what, at }) => report({ what: `${what}, in ${at}`, file }) });
  const missing = findMissingFeatures(read.rows, features);
  for (const finding of [...findGoldenProblems(read.rows, features, training), ...(missing ? [missing] : [])])
    report({ ...finding, file });
  return { ...test, rows: [...read.rows] };
}

type ReadRows =
  | { readonly rows: readonly GoldenRowSpec[] }
  | { readonly problem: Pick<Problem, "what" | "got" | "expected" | "fix">; readonly isThere?: boolean };

function readRows(folder: string, path: string): ReadRows {
  const root = realpathSync(folder);
  const refuse = (what: string, more: Partial<Problem> = {}): ReadRows => {
    return { problem: { what: `the file of golden rows ${what}`, got: path, ...more } };
  };
  if (posix.isAbsolute(path) || path.split("/")[0] === "..")
    return refuse("lies outside the project's folder", { fix: "move it under the folder of the project file" });
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (!found?.isFile()) return refuse("is not there", { expected: "a path relative to the project file" });
  if (!realpathSync(join(root, path)).startsWith(root + sep))
    return refuse("is reached through a link out of the project's folder", { fix: "put the file itself there" });
  if (found.size > largestBytes)
    return refuse("is too large", { got: `${found.size} bytes`, expected: `at most ${largestBytes}` });
  const damaged = (got: string, expected: string): ReadRows => {
    return { problem: { what: "the file of golden rows is none", got, expected }, isThere: true };
  };
  try {
    const document: unknown = JSON.parse(readFileSync(join(root, path), "utf8"));
    const read = goldenFile.safeParse(document);
    if (!read.success) {
      const [issue] = read.error.issues;
      return damaged(`${issue?.message ?? "something else"} at ${issue?.path.join(".") || "its root"}`, example);
    }
    const { format, rows } = read.data;
    const newer = format === undefined ? undefined : findFormatProblem(format, { at: path, name: "golden-rows" });
    return newer ? damaged(newer.got ?? "another format", newer.expected ?? example) : { rows };
  } catch (error) {
    return damaged(error instanceof SyntaxError ? "no JSON" : String(error), example);
  }
}

const example = '{"rows": [{"features": {"hour": 7}, "answer": 0.27}]}';

/** The features of the model's training job, with its name. */
function listFeatures(
  model: ModelSpec,
  definitions: readonly DefinitionSpec[],
): { readonly training: string; readonly features: readonly GoldenFeature[] } {
  const job = definitions.find((one) => one.kind === "training-job" && one.name === model.training);
  const used = job?.kind === "training-job" ? job.features.map(({ set }) => set) : [];
  const sets = used.map((name) => definitions.find((one) => one.kind === "features" && one.name === name));
  return {
    training: model.training,
    features: sets.flatMap((set) => (set?.kind === "features" ? set.columns : [])),
  };
}

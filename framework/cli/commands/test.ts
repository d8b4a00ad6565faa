/**
 * `steward test`: runs the tests of a model again.
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { type Problem, StewardError } from "../../definitions/problem.ts";
import type { ModelSpec } from "../../definitions/spec.ts";
import type { Candidate, LiveModel } from "../../engine/entity-status.ts";
import type { ModelTestVerdict, ServedCheck } from "../../evaluation/evaluation.ts";
import type { Subject } from "../../evaluation/predict-test-rows.ts";
import { trainingSetSchema } from "../../features/training-set.ts";
import type { Store } from "../../store/store.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { findModelVersion, readModelVersion } from "../model-version.ts";
import { readCallStack, withStack } from "../stack.ts";
import { formatTable } from "../table.ts";

/** What a test or a comparison came to, with how it is called. */
interface ShownVerdict {
  readonly test: string;
  readonly verdict: (ModelTestVerdict | ServedCheck)["verdict"];
  /** One sentence with the numbers. */
  readonly reason: string;
  readonly rows: number;
  readonly exceeding: number;
}

export const testCommand: Command = {
  summary: "Test a model: the tests of its definition, and whether a server answers as it was trained and judged.",
  arguments: "<model>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    candidate: {
      type: "boolean",
      help: "test the candidate that waits for a decision (default: what is in production)",
    },
    record: {
      type: "string",
      help: 'write what it answers to rows to this file, for golden("…"), and test nothing (default: nothing is written)',
    },
  },
  help: `
The tests are those of the project file as it is, whether or not it is deployed: a new test can be tried on the version that serves.
Nothing is released or held back by it. That test rows were read is counted, as when a candidate is evaluated.

--record names a file relative to the project file. Rows that the file has are answered anew; without a file, or with one that has other
features, 20 validation rows are taken.

  npx steward test late-arrival
  npx steward test late-arrival --candidate --json
  npx steward test late-arrival --record golden.json`,
  exits: ["1 also when a test fails or decides nothing"],
  run: async (call) => {
    const [name = ""] = call.arguments;
    const record = call.text("record");
    if (record !== undefined && relative(".", record).startsWith("..")) throw new StewardError(describeOutside(record));
    const stack = await readCallStack(call, { leavesGoldenFiles: record !== undefined });
    const found = await withStack(stack, async ({ engine, openStore }) => {
      const status = await engine.status({ project: stack.project.name, kind: "model", name });
      const chosen = findModelVersion(name, status, call.has("candidate") ? "candidate" : "production");
      const store = await openStore();
      const version = await readModelVersion(store, chosen);
      const candidate = await openSubject(store, version.packageDigest);
      const fetchFile: Store["fetchFile"] = (reference) => store.fetchFile(reference);
      if (record !== undefined) {
        const { recordGolden } = await import("../golden-recording.ts");
        const recorded = await recordGolden(candidate, { path: resolve(stack.loaded.folder, record), fetchFile });
        return { package: version.packageDigest, recorded: { file: record, ...recorded } };
      }
      const definition = stack.project.definitions.find((one) => one.kind === "model" && one.name === name);
      const { tests = [] } = definition?.kind === "model" ? definition : version.spec;
      return { package: version.packageDigest, tests: await runTests(store, { candidate, tests, chosen }) };
    });
    if ("recorded" in found) {
      const { file, rows, from } = found.recorded;
      const rowsOf = from === "file" ? "that it had" : `of the ${from === "train" ? "training" : "validation"} split`;
      const text = `${file}: answers to ${rows} rows ${rowsOf}. A test compares with them: golden(${JSON.stringify(file)})`;
      call.print(call.has("json") ? JSON.stringify({ model: name, ...found }, null, 2) : text);
      return exitCodes.done;
    }
    call.print(call.has("json") ? JSON.stringify({ model: name, ...found }, null, 2) : formatVerdicts(found.tests));
    return found.tests.every(({ verdict }) => isGood(verdict)) ? exitCodes.done : exitCodes.failed;
  },
};

/** A file that no test could name. */
function describeOutside(record: string): Problem {
  return {
    code: "golden-file-invalid",
    at: "--record",
    what: `the file "${record}" lies outside the project's folder`,
    fix: "name one under the folder of the project file",
  };
}

interface TestRun {
  readonly candidate: Subject;
  readonly tests: NonNullable<ModelSpec["tests"]>;
  readonly chosen: LiveModel | Candidate;
}

/** Serves the version by itself, as an evaluation does, and tests it. */
async function runTests(store: Store, { candidate, tests, chosen }: TestRun): Promise<readonly ShownVerdict[]> {
  const [{ runModelTests }, { checkServed }, { serveCandidate }, { findExampleRoot, readOrigin }, reads] =
    await Promise.all([
      import("../../evaluation/model-tests/run-model-tests.ts"),
      import("../../evaluation/served/check-served.ts"),
      import("../../evaluation/served/limited-server.ts"),
      import("../../evaluation/candidate-origin.ts"),
      import("../../evaluation/test-reads.ts"),
    ]);
  const fetchFile: Store["fetchFile"] = (reference) => store.fetchFile(reference);
  const origin = await readOrigin(store, chosen.desired);
  const rows = reads.identifyTestRows(candidate.trainingSet, findExampleRoot(origin.specs, chosen.desired));
  await reads.recordTestRead(store, rows, { package: candidate.packageDigest, by: `steward test ${randomUUID()}` });
  const workFolder = await mkdtemp(join(tmpdir(), "steward-test-"));
  try {
    await using server = await serveCandidate(candidate, { fetchFile });
    const verdicts = await runModelTests({ tests, candidate, server, fetchFile });
    const served = await checkServed({ ...candidate, server, objects: store, origin, workFolder });
    return [...verdicts.map(showTest), ...served.map(({ check, ...rest }) => ({ test: check, ...rest }))];
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

async function openSubject(store: Store, packageDigest: string): Promise<Subject> {
  const { modelPackageSchema } = await import("../../models/model-package.ts");
  const made = await store.getJson(packageDigest, modelPackageSchema);
  return { package: made, packageDigest, trainingSet: await store.getJson(made.trainingSet, trainingSetSchema) };
}

function showTest({ test, ...rest }: ModelTestVerdict): ShownVerdict {
  return { test: "feature" in test ? `${test.kind} ${test.feature}` : test.kind, ...rest };
}

/** Verdicts as a table for a terminal. */
export function formatVerdicts(verdicts: readonly ShownVerdict[]): string {
  const rows = verdicts.map(({ test, verdict, rows: asked, reason }) => [
    mark(verdict),
    test,
    asked.toLocaleString("en"),
    reason,
  ]);
  return formatTable([["", "test", "rows", "what was found"], ...rows]).join("\n");
}

function mark(verdict: ShownVerdict["verdict"]): string {
  if (verdict === "not-compared") return "–";
  return isGood(verdict) ? "✔" : verdict === "fail" ? "✖" : "?";
}

/** What cannot be compared is shown, and no failure. */
function isGood(verdict: ShownVerdict["verdict"]): boolean {
  return verdict === "pass" || verdict === "first-version" || verdict === "not-compared";
}

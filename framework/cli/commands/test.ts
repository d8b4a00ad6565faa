/**
 * `steward test`: runs the tests of a model again.
 * @module
 */
import type { ModelTestVerdict } from "../../evaluation/evaluation.ts";
import type { Subject } from "../../evaluation/predict-test-rows.ts";
import { trainingSetSchema } from "../../features/training-set.ts";
import type { Store } from "../../store/store.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { findModelVersion, readModelVersion } from "../model-version.ts";
import type { ServedVerdict } from "../served-answers.ts";
import { readCallStack, withStack } from "../stack.ts";
import { formatTable } from "../table.ts";

/** What a test came to, with how it is called. */
interface ShownVerdict extends ServedVerdict {
  readonly test: string;
}

export const testCommand: Command = {
  summary: "Test a model: the tests of its definition, and whether a server answers as the model does.",
  arguments: "<model>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    candidate: {
      type: "boolean",
      help: "test the candidate that waits for a decision (default: what is in production)",
    },
  },
  help: `
The tests are those of the project file as it is, whether or not it is deployed: a new test can be tried on the version that serves.
Nothing is released or held back by it.

  npx steward test late-arrival
  npx steward test late-arrival --candidate --json`,
  exits: ["1 also when a test fails or decides nothing"],
  run: async (call) => {
    const [name = ""] = call.arguments;
    const stack = await readCallStack(call);
    const found = await withStack(stack, async ({ engine, openStore }) => {
      const status = await engine.status({ project: stack.project.name, kind: "model", name });
      const chosen = findModelVersion(name, status, call.has("candidate") ? "candidate" : "production");
      const store = await openStore();
      const version = await readModelVersion(store, chosen);
      const candidate = await openSubject(store, version.packageDigest);
      const live = status?.live?.kind === "model" ? status.live : undefined;
      const production =
        live && live.package !== version.packageDigest ? await openSubject(store, live.package) : undefined;
      const definition = stack.project.definitions.find((one) => one.kind === "model" && one.name === name);
      const tests = (definition?.kind === "model" ? definition : version.spec).tests ?? [];
      const [{ runModelTests }, { compareServed }] = await Promise.all([
        import("../../evaluation/model-tests/run-model-tests.ts"),
        import("../served-answers.ts"),
      ]);
      const fetchFile: Store["fetchFile"] = (reference) => store.fetchFile(reference);
      const verdicts = await runModelTests({ tests, candidate, ...(production && { production }), fetchFile });
      const served = await compareServed(candidate, store);
      return { package: version.packageDigest, tests: [...verdicts.map(showTest), { test: "served", ...served }] };
    });
    call.print(call.has("json") ? JSON.stringify({ model: name, ...found }, null, 2) : formatVerdicts(found.tests));
    return found.tests.every(({ verdict }) => isGood(verdict)) ? exitCodes.done : exitCodes.failed;
  },
};

async function openSubject(store: Store, packageDigest: string): Promise<Subject> {
  const { modelPackageSchema } = await import("../../models/model-package.ts");
  const made = await store.getJson(packageDigest, modelPackageSchema);
  return { package: made, packageDigest, trainingSet: await store.getJson(made.trainingSet, trainingSetSchema) };
}

function showTest({
  test,
  ...rest
}: ModelTestVerdict): Omit<ShownVerdict, "verdict"> & Pick<ModelTestVerdict, "verdict"> {
  return { test: "feature" in test ? `${test.kind} ${test.feature}` : test.kind, ...rest };
}

/** Verdicts as a table for a terminal. */
export function formatVerdicts(
  verdicts: readonly (Omit<ShownVerdict, "verdict"> & Pick<ModelTestVerdict, "verdict">)[],
): string {
  const rows = verdicts.map(({ test, verdict, rows: asked, reason }) => [
    isGood(verdict) ? "✔" : verdict === "fail" ? "✖" : "?",
    test,
    asked.toLocaleString("en"),
    reason,
  ]);
  return formatTable([["", "test", "rows", "what was found"], ...rows]).join("\n");
}

function isGood(verdict: ModelTestVerdict["verdict"]): boolean {
  return verdict === "pass" || verdict === "first-version";
}

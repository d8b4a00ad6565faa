/**
 * `steward diff`: two versions of models side by side.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Candidate, LiveModel } from "../../engine/entity-status.ts";
import { evaluationSchema } from "../../evaluation/evaluation.ts";
import { modelPackageSchema } from "../../models/model-package.ts";
import { artefactNames, readArtefact } from "../../store/artefacts.ts";
import type { Store } from "../../store/store.ts";
import { runSchema, trainerClosureSchema } from "../../training/run.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { type ComparedVersion, compareVersions, formatDifference } from "../model-difference.ts";
import { findModelVersion } from "../model-version.ts";
import { readCallStack, withStack } from "../stack.ts";

export const diffCommand: Command = {
  summary: "Show two versions of a model side by side: code, data, parameters and metrics.",
  arguments: "<model>@<version> <model>@<version>",
  count: [2, 2],
  options: { ...stackOption, ...jsonOption },
  help: `
A version is a number of the last twenty releases, "production" or "candidate". What differs is marked with ≠.

  npx steward diff late-arrival@3 late-arrival@production
  npx steward diff late-arrival@production late-arrival@candidate`,
  run: async (call) => {
    const [first = "", second = ""] = call.arguments;
    const named = [readName(first), readName(second)] as const;
    const stack = await readCallStack(call);
    const [before, after] = await withStack(stack, async ({ engine, openStore }) => {
      const store = await openStore();
      const read = async (name: VersionName): Promise<ComparedVersion> =>
        readVersion(store, name, await findVersion(engine, stack.project.name, name));
      return Promise.all([read(named[0]), read(named[1])]);
    });
    const rows = compareVersions(before, after);
    const labels = [before.label, after.label] as const;
    call.print(call.has("json") ? JSON.stringify(rows, null, 2) : formatDifference(rows, labels).join("\n"));
    return exitCodes.done;
  },
};

/** A version as it is named on the command line. */
export interface VersionName {
  readonly label: string;
  readonly model: string;
  readonly version: "production" | "candidate" | number;
}

/** Reads `late-arrival@3`. @throws StewardError `model-version-unknown` for what is no name of a version */
export function readName(text: string): VersionName {
  const [, model, version] = /^([^@]+)@(production|candidate|[1-9]\d*)$/.exec(text) ?? [];
  if (model && version) {
    const isNumber = /^\d/.test(version);
    return { label: text, model, version: isNumber ? Number(version) : (version as "production" | "candidate") };
  }
  throw new StewardError({
    code: "model-version-unknown",
    at: "",
    what: "this names no version of a model",
    got: text,
    expected: "<model>@<number>, <model>@production or <model>@candidate",
  });
}

/**
 * Finds a version.
 *
 * @throws StewardError `entity-unknown` or `model-not-live`, or `model-version-unknown` for a number that is none of the last releases
 */
export async function findVersion(
  engine: Pick<Engine, "status" | "releases">,
  project: string,
  { label, model, version }: VersionName,
): Promise<LiveModel | Candidate> {
  const entity = { project, kind: "model", name: model } as const;
  if (typeof version !== "number") return findModelVersion(model, await engine.status(entity), version);
  const releases = await engine.releases(entity);
  const found = releases.find((release) => release.version === version);
  if (found) return found;
  throw new StewardError({
    code: "model-version-unknown",
    at: `model/${model}`,
    what: "there is no such release among the last twenty",
    got: label,
    expected:
      releases.map((release) => `${model}@${release.version}`).join(", ") || "a release, of which there is none",
  });
}

async function readVersion(
  store: Store,
  { label }: VersionName,
  found: LiveModel | Candidate,
): Promise<ComparedVersion> {
  const { desired } = found;
  const [made, evaluation, trainer] = await Promise.all([
    store.getJson(found.package, modelPackageSchema),
    store.getJson(found.evaluation, evaluationSchema),
    store.getJson(desired.trainer, trainerClosureSchema),
  ]);
  const run = await readArtefact(store, artefactNames.run(made.run));
  if (run === undefined)
    throw new StewardError({
      code: "model-version-unknown",
      at: label,
      what: "the record of its run is not in the store any more",
    });
  return { label, desired, trainer, run: await store.getJson(run, runSchema), evaluation };
}

/**
 * Two versions of a model side by side: code, data, parameters and metrics. Pure.
 * @module
 */
import type { DesiredModel } from "../engine/desired.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { formatMeasurement } from "../evaluation/number-text.ts";
import { shortDigest } from "../plan/digest.ts";
import { describeCode } from "../project/code-record.ts";
import type { Run, TrainerClosure } from "../training/run.ts";
import { formatTable } from "./table.ts";

/** What is compared of a version. */
export interface ComparedVersion {
  /** How people name it: `late-arrival@3`. */
  readonly label: string;
  readonly desired: Pick<DesiredModel, "datasets" | "features" | "code">;
  readonly trainer: Pick<TrainerClosure, "files" | "script">;
  readonly run: Pick<Run, "params" | "seed" | "code">;
  readonly evaluation: Pick<Evaluation, "metrics">;
}

/** One thing that both versions have, or one of them. */
export interface DifferenceRow {
  readonly part: "code" | "data" | "parameters" | "metrics";
  readonly name: string;
  /** As each version has it. @default "" where it has none */
  readonly before: string;
  readonly after: string;
  readonly differs: boolean;
}

/** Compares two versions: the commit, then each file of the trainer, feature set, dataset, parameter and metric. */
export function compareVersions(before: ComparedVersion, after: ComparedVersion): readonly DifferenceRow[] {
  const [left, right] = [listParts(before), listParts(after)];
  return [...new Map([...left, ...right])].map(([key, { part, name }]) => {
    const [a, b] = [left.get(key)?.text ?? "", right.get(key)?.text ?? ""];
    return { part, name, before: a, after: b, differs: left.get(key)?.exact !== right.get(key)?.exact };
  });
}

interface Part {
  readonly part: DifferenceRow["part"];
  readonly name: string;
  readonly text: string;
  /** What is compared: a text may leave digits out. */
  readonly exact: string;
}

function listParts({ desired, trainer, run, evaluation }: ComparedVersion): ReadonlyMap<string, Part> {
  // The run may be older than the wish, where nothing had to be trained again.
  const made = run.code ?? desired.code;
  const code = { ...toPart("code", "commit", describeCode(made)), exact: JSON.stringify(made) ?? "" };
  const files = trainer.files.map(({ path, object }) => toPart("code", path, shortDigest(object.sha256)));
  const { args, label } = trainer.script ?? {};
  const told = [
    ...(args ? [toPart("code", "arguments", args.join(" "))] : []),
    ...(label === undefined ? [] : [toPart("code", "label column", label)]),
  ];
  const sets = Object.entries(desired.features).map(([name, { sha256 }]) =>
    toPart("code", `features ${name}`, shortDigest(sha256)),
  );
  const datasets = Object.entries(desired.datasets).map(([name, { root }]) => toPart("data", name, shortDigest(root)));
  const params = Object.entries({ ...run.params, seed: run.seed }).map(([name, value]) =>
    toPart("parameters", name, JSON.stringify(value)),
  );
  const metrics = evaluation.metrics.map((each) => ({
    ...toPart("metrics", each.metric, formatMeasurement(each)),
    exact: JSON.stringify(each),
  }));
  const parts: readonly Part[] = [code, ...files, ...told, ...sets, ...datasets, ...params, ...metrics];
  return new Map(parts.map((each) => [`${each.part}/${each.name}`, each]));
}

function toPart(part: Part["part"], name: string, text: string): Part {
  return { part, name, text, exact: text };
}

/** The rows as a table for a terminal; `≠` marks what differs. */
export function formatDifference(
  rows: readonly DifferenceRow[],
  [before, after]: readonly [string, string],
): readonly string[] {
  const body = rows.map(({ part, name, before: a, after: b, differs }) => [differs ? "≠" : "", part, name, a, b]);
  return formatTable([["", "", "", before, after], ...body]);
}

/**
 * What `steward compare` is told, as runs with their curves: runs by id or name, versions of models, studies and experiments.
 * @module
 */
import { z } from "zod";
import { type ComparedRun, type Comparison, findCommonMetric } from "../comparison/compared-run.ts";
import { listCurveMetrics } from "../comparison/learning-curves.ts";
import { mapConcurrently } from "../data/concurrency.ts";
import { StewardError } from "../definitions/problem.ts";
import { searchedSpec } from "../definitions/tuning-spec.ts";
import { findMetric } from "../evaluation/metrics.ts";
import {
  type FoundExperiment,
  type FoundRun,
  findExperiment,
  listExperiments,
  quote,
  readHistory,
  readRun,
  searchRuns,
} from "../tracking/client/read-runs.ts";
import type { TrackingClient } from "../tracking/client/tracking-client.ts";
import { sayStatus } from "./run-text.ts";

/** How many runs of an experiment are compared at most: the newest. */
const mostCompared = 1_000;
/** How many histories are asked for at once. */
const askedAtOnce = 8;

/** Finds an experiment by its name, else by its id. @throws StewardError `experiment-unknown` */
export async function requireExperiment(client: TrackingClient, name: string): Promise<FoundExperiment> {
  const found = await findExperiment(client, name);
  if (found) return found;
  const all = await listExperiments(client);
  const byId = all.find(({ id }) => id === name);
  if (byId) return byId;
  throw new StewardError({
    code: "experiment-unknown",
    at: "",
    what: `there is no experiment "${name}"`,
    expected: all.map((one) => one.name).join(", ") || "an experiment, of which there is none",
  });
}

/** A version of a model, and where its run is looked for. */
export interface NamedVersion {
  readonly label: string;
  /** The name of its training job, which its experiment has. */
  readonly experiment: string;
  /** The identity of its run, or of its study. */
  readonly identity: string;
}

export interface ComparedWords {
  readonly words: readonly string[];
  /** Those of the words that are versions of models. */
  readonly versions: ReadonlyMap<string, NamedVersion>;
  /** By which metric runs are judged. @default what the study says, else what most runs have */
  readonly metric?: string | undefined;
}

/** What words mean, before histories are read. */
interface Meant {
  readonly title: string;
  readonly runs: readonly { readonly run: FoundRun; readonly label: string }[];
  /** The studies that they are of. */
  readonly studies: readonly FoundRun[];
}

/** Finds and reads what is to be compared. @throws StewardError `run-unknown` for a word that is nothing that can be */
export async function readComparison(client: TrackingClient, told: ComparedWords): Promise<Comparison> {
  const { title, runs, studies } = await findMeant(client, told);
  const plain = runs.map(
    ({ run, label }): ComparedRun => ({
      id: run.id,
      label,
      status: sayStatus(run),
      seconds: run.start !== undefined && run.end !== undefined ? Math.max(0, run.end - run.start) / 1000 : undefined,
      params: run.params,
      metrics: new Map([...run.metrics].map(([metric, { value }]) => [metric, value])),
      curves: new Map(),
    }),
  );
  const objective = chooseObjective(plain, studies, told.metric);
  // A metric whose latest step is past the first has a history.
  const drawn = runs.map(({ run }) => ({
    curves: new Map([...run.metrics].filter(([, { step }]) => step > 0)),
  }));
  const wanted = listCurveMetrics({ runs: drawn, objective });
  const read = new Map<string, Map<string, Awaited<ReturnType<typeof readHistory>>>>();
  const asked = runs.flatMap(({ run }) =>
    wanted.filter((metric) => (run.metrics.get(metric)?.step ?? 0) > 0).map((metric) => ({ id: run.id, metric })),
  );
  await mapConcurrently(asked, askedAtOnce, async ({ id, metric }) => {
    const curves = read.get(id) ?? new Map();
    read.set(id, curves);
    curves.set(metric, await readHistory(client, id, metric));
  });
  return {
    title,
    runs: plain.map((run) => ({ ...run, curves: read.get(run.id) ?? run.curves })),
    objective,
    logarithmic: findLogarithmic(studies),
  };
}

async function findMeant(client: TrackingClient, told: ComparedWords): Promise<Meant> {
  const [only] = told.words;
  const found = await Promise.all(told.words.map((word) => findWord(client, word, told.versions.get(word))));
  if (told.words.length > 1) {
    const several = found.flatMap((one, index) => {
      if ("run" in one) return [{ run: one.run, label: one.label }];
      throw unknownRun(told.words[index] ?? "", "it is an experiment, which is compared by itself");
    });
    const runs = [...new Map(several.map((one) => [one.run.id, one])).values()];
    return { title: `${runs.length} runs`, runs, studies: [] };
  }
  const [one] = found;
  if (!one) return { title: "", runs: [], studies: [] };
  if ("run" in one) {
    const filter = `tags.\`mlflow.parentRunId\` = ${quote(one.run.id)}`;
    const parts = await searchRuns(client, { experiments: [one.run.experiment], filter, limit: mostCompared });
    if (parts.length === 0) return { title: one.label, runs: [one], studies: [one.run] };
    return { title: one.label, runs: nameRuns(parts), studies: [one.run] };
  }
  const all = await searchRuns(client, { experiments: [one.experiment.id], limit: mostCompared });
  // What has parts, such as a study, is told by its parts.
  const wholes = new Set(all.flatMap(({ parent }) => parent ?? []));
  const runs = all.filter(({ id }) => !wholes.has(id));
  if (runs.length === 0) throw unknownRun(only ?? "", "it is an experiment without runs");
  return { title: one.experiment.name, runs: nameRuns(runs), studies: all.filter(({ id }) => wholes.has(id)) };
}

function nameRuns(runs: readonly FoundRun[]): Meant["runs"] {
  return runs.map((run) => ({ run, label: run.name || run.id }));
}

type Found = { readonly run: FoundRun; readonly label: string } | { readonly experiment: FoundExperiment };

/** What a word means: a version of a model, a run by its id, an experiment, or a run by its name. */
async function findWord(client: TrackingClient, word: string, version: NamedVersion | undefined): Promise<Found> {
  if (version) {
    const experiment = await findExperiment(client, version.experiment);
    const filter = `tags.\`job.identity\` = ${quote(version.identity)}`;
    const [run] = experiment ? await searchRuns(client, { experiments: [experiment.id], filter, limit: 1 }) : [];
    if (run) return { run, label: version.label };
    throw unknownRun(word, "it was trained while nothing was tracked");
  }
  if (/^[0-9a-f]{32}$/.test(word)) {
    const run = await readRun(client, word);
    if (run) return { run, label: run.name || run.id };
  }
  const experiment = await findExperiment(client, word);
  if (experiment) return { experiment };
  const experiments = (await listExperiments(client)).map(({ id }) => id);
  const filter = `attributes.run_name = ${quote(word)}`;
  const [run] = experiments.length > 0 ? await searchRuns(client, { experiments, filter, limit: 1 }) : [];
  if (run) return { run, label: word };
  throw unknownRun(word, "there is neither a run nor an experiment of that name");
}

function unknownRun(word: string, what: string): StewardError {
  return new StewardError({
    code: "run-unknown",
    at: "",
    what: `"${word}" cannot be compared: ${what}`,
    expected: "the ids or names of runs, <model>@<version>, or one experiment or study",
  });
}

function chooseObjective(
  runs: readonly ComparedRun[],
  studies: readonly FoundRun[],
  asked: string | undefined,
): Comparison["objective"] {
  const told = studies.find(({ tags }) => tags.has("study.metric"))?.tags;
  const metric = asked ?? told?.get("study.metric") ?? findCommonMetric(runs);
  if (metric === undefined) return undefined;
  const direction = z.enum(["minimize", "maximize"]).safeParse(told?.get("study.direction")).data;
  if (direction !== undefined && told?.get("study.metric") === metric) return { metric, direction };
  const known = findMetric(metric)?.direction;
  return { metric, direction: known && (known === "lower" ? "minimize" : "maximize") };
}

/** The parameters that studies draw on a scale of logarithms. */
function findLogarithmic(studies: readonly FoundRun[]): ReadonlySet<string> {
  const spaces = studies.flatMap(
    ({ tags }) => z.array(searchedSpec).safeParse(parse(tags.get("study.space"))).data ?? [],
  );
  return new Set(
    spaces.flatMap(({ param, distribution }) =>
      "scale" in distribution && distribution.scale === "log" ? [param] : [],
    ),
  );
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}

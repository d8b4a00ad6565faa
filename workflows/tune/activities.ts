/**
 * The work of a study: which parameters are tried next, a trial, and the package of the best one.
 * @module
 */
import { StewardError } from "../../framework/definitions/problem.ts";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { TuningSpec } from "../../framework/definitions/tuning-spec.ts";
import { packageModel } from "../../framework/models/package-model.ts";
import { packageIdentity, trialIdentity } from "../../framework/plan/identity.ts";
import { countAtOnce } from "../../framework/plan/tuning-extent.ts";
import { artefactNames, nameArtefact, readArtefact } from "../../framework/store/artefacts.ts";
import type { Trial } from "../../framework/training/tuning/study.ts";
import {
  chooseBest,
  decideNext,
  describeStudy,
  readTrial,
  recordTrial,
  summarizeStudy,
} from "../../framework/training/tuning/study-record.ts";
import type { ActivityTools } from "../activity-tools.ts";
import { openTrainingSet } from "../materialise/activities.ts";
import { type Recipe, readRecipe } from "../model/recipe.ts";
import { findOrTrain, formatReport } from "../train/job-run.ts";
import type { AskInput, FinishInput, NextTrial, TrialInput } from "./messages.ts";
import { createStudies } from "./studies.ts";
import { describeFailedStudy } from "./study-failure.ts";
import { carryOut } from "./trial.ts";

export type TuneActivities = ReturnType<typeof createTuneActivities>;

export function createTuneActivities(tools: ActivityTools) {
  const { store, cores, performLong } = tools;
  const studies = createStudies(store);
  return {
    /** Decides by the record what is next, and asks the sampler where that is a trial. A second attempt is answered the same. */
    nextTrial: ({ desired, run: identity, startedAt, open }: AskInput): Promise<NextTrial> =>
      performLong(
        "tune",
        async ({ show }) => {
          const { training } = requireTuned(await readRecipe(store, desired));
          const study = await studies.open({ identity, training });
          const record = await study.record(open);
          const { tuning, resources } = training;
          const atOnce = Math.min(tuning.parallel, countAtOnce(resources.cpu, cores.cores));
          const line = describeStudy(summarizeStudy(tuning, record));
          show(line);
          // A study whose run was chosen is over: another model of the same job takes that, and prolongs nothing.
          const chosen = await readArtefact(store, artefactNames.run(identity));
          const hasBest = record.trials.some(({ state }) => state === "completed");
          if (chosen !== undefined && open.length === 0 && hasBest)
            return { next: { do: "end", because: "trials", outcome: "chosen" }, atOnce, line };
          const clock = { startedAt, now: Date.now(), gpus: countGpus(resources) };
          const next = decideNext({ ...tuning, parallel: atOnce }, record, clock);
          if (next.do !== "begin") return { next, atOnce, line };
          const sampler = await study.sampler((step) => show(`${line}: ${step}`));
          // A number that was left over is asked for as it would have been then.
          const isBefore = ({ number }: { readonly number: number }) => number < next.number;
          const before = { trials: record.trials.filter(isBefore), open: record.open.filter(isBefore) };
          const suggestion = await sampler.ask(before, next.number);
          return { next: { do: "begin", suggestion }, atOnce, line };
        },
        "next",
      ),

    /** Carries a trial out unless that is recorded, and records how it ended. Only what is no fault of the trainer throws. */
    runTrial: ({ identity, desired, run: studyIdentity, suggestion }: TrialInput): Promise<void> =>
      performLong(
        "tune",
        async ({ signal, workFolder, show }) => {
          const { number } = suggestion;
          if (await readTrial(store, studyIdentity, number)) return;
          const { training } = requireTuned(await readRecipe(store, desired));
          const study = await studies.open({ identity: studyIdentity, training });
          const head = sayTrial(number, training.tuning, (await study.record([])).trials);
          show(head);
          try {
            const ended = await carryOut(tools, {
              training,
              desired,
              study,
              suggestion,
              opened: await openTrainingSet(store, identity),
              trainingSet: identity,
              workFolder,
              signal,
              show: (line) => show(`${head}: ${line}`),
            });
            await recordTrial(store, { study: studyIdentity, ...ended });
          } finally {
            study.forget(number);
          }
        },
        `trial ${suggestion.number}`,
      ),

    /** Takes the best trial's run as the study's own, trains it again should it be lost, and makes the package. */
    finishStudy: ({ identity, desired, run: studyIdentity, because, outcome }: FinishInput): Promise<void> =>
      performLong(
        "tune",
        async ({ signal, workFolder, show }) => {
          const { model, training } = requireTuned(await readRecipe(store, desired));
          const study = await studies.open({ identity: studyIdentity, training });
          const { trials } = await study.record([]);
          await studies.close(studyIdentity);
          const choice = outcome === "chosen" ? chooseBest(training.tuning.objectives, trials) : undefined;
          if (!choice) throw new StewardError(describeFailedStudy(training, { trials, because }));
          show(`trial ${choice.best.number + 1} is the best of ${trials.length}`);
          const opened = await openTrainingSet(store, identity);
          const { params } = choice.best;
          const { run, reference } = await findOrTrain(tools, {
            training,
            params: { ...training.params, ...params },
            desired,
            identity: trialIdentity(training, params, { trainingSet: identity, trainer: desired.trainer.sha256 }),
            opened,
            workFolder,
            signal,
            show,
            onReport: (report) => show(formatReport(report)),
          });
          await nameArtefact(store, artefactNames.run(studyIdentity), reference.sha256);
          const { trainingSet, digest } = opened;
          const packaged = await packageModel({
            model: model.name,
            run,
            trainingSet,
            trainingSetDigest: digest,
            store,
          });
          const packageName = artefactNames.package(packageIdentity(model, studyIdentity));
          await nameArtefact(store, packageName, packaged.reference.sha256);
        },
        "finish",
      ),
  };
}

type TunedJob = TrainingJobSpec & { readonly tuning: TuningSpec };

function requireTuned(recipe: Recipe): Recipe & { readonly training: TunedJob } {
  const { training } = recipe;
  if (!training.tuning) throw new Error(`training job "${training.name}" is not tuned`);
  return { ...recipe, training: { ...training, tuning: training.tuning } };
}

/** How many GPUs each trial uses: none where the resources do not speak of them. */
function countGpus(resources: object): number {
  const gpu: unknown = "gpu" in resources ? resources.gpu : undefined;
  return typeof gpu === "object" && gpu !== null && "count" in gpu ? Number(gpu.count) : 0;
}

/** `trial 13 of 30, best auc 0.7123` */
function sayTrial(number: number, tuning: TuningSpec, trials: readonly Trial[]): string {
  const { best, of } = summarizeStudy(tuning, { trials, open: [] });
  const measured = tuning.objectives.map(({ metric }, i) => `${metric} ${best?.values[i]?.toPrecision(4)}`);
  return `trial ${number + 1} of ${of}${best ? `, best ${measured.join(", ")}` : ""}`;
}

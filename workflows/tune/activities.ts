/**
 * The work of a study: which parameters are tried next, a trial, and the package of the best one.
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { StewardError } from "../../framework/definitions/problem.ts";
import type { ModelSpec } from "../../framework/definitions/spec.ts";
import type { TuningSpec } from "../../framework/definitions/tuning-spec.ts";
import { toBytes } from "../../framework/definitions/units.ts";
import { packageModel } from "../../framework/models/package-model.ts";
import { packageIdentity, trialIdentity } from "../../framework/plan/identity.ts";
import { countAtOnce } from "../../framework/plan/tuning-extent.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import { findRun } from "../../framework/training/find-run.ts";
import type { Run } from "../../framework/training/run.ts";
import type { Trial } from "../../framework/training/tuning/study.ts";
import {
  chooseBest,
  decideNext,
  describeStudy,
  isTriedAgain,
  readTrial,
  summarizeStudy,
} from "../../framework/training/tuning/study-record.ts";
import type { ActivityTools, LongWork } from "../activity-tools.ts";
import { openTrainingSet } from "../materialise/activities.ts";
import type { TrainInput } from "../model/messages.ts";
import { findOrTrain, formatReport } from "../train/job-run.ts";
import type { AskInput, FinishInput, NextTrial, TrialInput } from "./messages.ts";
import { createRecipes } from "./recipes.ts";
import { createStudies, type RecordedStudy } from "./studies.ts";
import { describeFailedStudy } from "./study-failure.ts";
import { describeTrialRun, leaveStudyRun, settleStudyRun, settleTrialRun } from "./track-study.ts";
import { carryOut } from "./trial.ts";
import { unlessStopped } from "./unless-stopped.ts";

export type TuneActivities = ReturnType<typeof createTuneActivities>;

/** @param carryOutTrial @default a training of its own for each trial */
export function createTuneActivities(tools: ActivityTools, carryOutTrial: typeof carryOut = carryOut) {
  const { store, cores, perform, performLong, tracking } = tools;
  const studies = createStudies(store, tracking);
  const recipes = createRecipes(store);
  const makePackage = async ({ model, study, run, opened }: PackageParts): Promise<void> => {
    const { trainingSet, digest: trainingSetDigest } = opened;
    const packaged = await packageModel({ model: model.name, run, trainingSet, trainingSetDigest, store });
    await nameArtefact(store, artefactNames.package(packageIdentity(model, study)), packaged.reference.sha256);
  };
  /** The training sets of the studies under way here, by their studies: opened once for the trials that follow each other. */
  const sets = new Map<string, ReturnType<typeof openTrainingSet>>();
  const openSet = ({ identity, run }: TrainInput): ReturnType<typeof openTrainingSet> => {
    const known = sets.get(run);
    if (known) return known;
    const opening = openTrainingSet(store, identity);
    sets.set(run, opening);
    opening.catch(() => sets.delete(run));
    return opening;
  };
  /** Decides by the record what is next, and asks the sampler where that is a trial. */
  const decide = async (
    { desired, identity: set, run: identity, startedAt, open }: AskInput,
    { signal, show }: Pick<LongWork, "signal" | "show">,
    { isUnderWay, known }: { readonly isUnderWay: boolean; readonly known?: RecordedStudy },
  ): Promise<NextTrial> => {
    const { model, training } = await recipes(desired);
    const study = await studies.open({ identity, training });
    const record = known ?? (await study.record(open));
    const { tuning, resources } = training;
    const gpus = tools.cluster ? undefined : resources.gpu && (await tools.gpus.count(resources.gpu, signal));
    // How many there is room for on a cluster is the cluster's to decide.
    const machine = tools.cluster ? {} : { cores: cores.cores, gpus };
    const atOnce = Math.min(tuning.parallel, countAtOnce(resources, machine));
    const line = describeStudy(summarizeStudy(tuning, record));
    show(line);
    // A study whose run was chosen is over: another model of the same job takes that, and prolongs nothing.
    const mayBeOver = !isUnderWay && open.length === 0 && record.trials.some(({ state }) => state === "completed");
    const { found, lost } = mayBeOver ? await findRun(store, identity) : {};
    if (found) {
      await makePackage({ model, study: identity, run: found.run, opened: await openTrainingSet(store, set) });
      return { next: { do: "end", because: "trials", outcome: "packaged" }, atOnce, line };
    }
    if (lost !== undefined) {
      show(`the best trial again: ${lost}`);
      return { next: { do: "end", because: "trials", outcome: "chosen" }, atOnce, line };
    }
    const clock = { startedAt, now: Date.now(), gpus: resources.gpu?.count ?? 0 };
    const next = decideNext({ ...tuning, parallel: atOnce }, record, clock);
    if (next.do !== "begin") return { next, atOnce, line };
    if (atOnce === 1 && open.length === 0) study.expect(next.number);
    await study.trackedRun();
    const again = record.again.find(({ number }) => number === next.number);
    if (again) return { next: { do: "begin", suggestion: again }, atOnce, line };
    const sayStep = (step: string) => (signal.aborted ? undefined : show(`${line}: ${step}`));
    // A number that was left over is asked for as it would have been then.
    const isBefore = ({ number }: { readonly number: number }) => number < next.number;
    const before = { trials: record.trials.filter(isBefore), open: record.open.filter(isBefore) };
    const asked = study.sampler(sayStep).then((sampler) => sampler.ask(before, next.number));
    const suggestion = await unlessStopped(asked, signal);
    return { next: { do: "begin", suggestion }, atOnce, line };
  };
  return {
    /** Decides what is next in a study. A second attempt is answered the same. */
    nextTrial: (input: AskInput): Promise<NextTrial> => {
      // A study that begins anew may have a set that was lost and built again.
      sets.delete(input.run);
      return performLong("tune", (long) => decide(input, long, { isUnderWay: false }), "next");
    },

    /**
     * Carries a trial out unless that is recorded, and records how it ended. Only what is no fault of the trainer throws.
     *
     * @returns what is next, where no other trial is under way
     */
    runTrial: (input: TrialInput): Promise<NextTrial | undefined> =>
      performLong(
        "tune",
        async ({ attempt, signal, workFolder, show }) => {
          const { identity, desired, run: studyIdentity, suggestion, alone } = input;
          const { training } = await recipes(desired);
          const tracked = { identity: studyIdentity, training };
          const decideNow = (known?: RecordedStudy) =>
            alone &&
            decide(
              { ...input, startedAt: alone.startedAt, open: [] },
              { signal, show },
              { isUnderWay: true, ...(known && { known }) },
            );
          const study = await studies.open(tracked);
          // Then it was decided on by the whole record a moment ago, here, and nothing was recorded since.
          const isNew = alone !== undefined && study.isExpected(suggestion.number) && attempt === 1;
          const known = isNew ? undefined : await readTrial(store, studyIdentity, suggestion.number);
          const memoryBytes = toBytes(training.resources.memory);
          // Whoever recorded it may have been killed before its run was ended.
          if (known && !isTriedAgain(known, memoryBytes)) {
            await settleTrialRun(tracking, tracked, { trial: known, parent: undefined });
            return decideNow();
          }
          const [parent, opened] = await Promise.all([study.trackedRun(), openSet(input)]);
          const head = sayTrial(suggestion.number, training.tuning, study.trials);
          show(head);
          try {
            const ended = await carryOutTrial(tools, {
              training,
              desired,
              study,
              suggestion,
              opened,
              trainingSet: identity,
              workFolder,
              signal,
              show: (line) => show(`${head}: ${line}`),
              part: describeTrialRun(tracked, suggestion, parent),
            });
            // What is next is asked while this is written, and counts where just this was written.
            const foreseen = isNew ? decideNow(study.recordWith(ended)) : undefined;
            foreseen?.catch(() => undefined);
            const trial = await study.end(ended);
            const { format: _format, study: _study, ...stands } = trial;
            const asForeseen = isDeepStrictEqual(stands, ended) ? foreseen : undefined;
            const settled = settleTrialRun(tracking, tracked, { trial, parent });
            const [next] = await Promise.all([asForeseen ?? decideNow(), settled]);
            return next;
          } finally {
            study.forget(suggestion.number);
          }
        },
        `trial ${input.suggestion.number}`,
      ),

    /** Takes the best trial's run as the study's own, trains it again should it be lost, and makes the package. */
    finishStudy: ({ identity, desired, run: studyIdentity, because, outcome }: FinishInput): Promise<void> =>
      performLong(
        "tune",
        async ({ signal, workFolder, show }) => {
          const { model, training } = await recipes(desired);
          const study = await studies.open({ identity: studyIdentity, training });
          const { trials } = await study.record([]);
          await studies.close(studyIdentity);
          sets.delete(studyIdentity);
          const tracked = { identity: studyIdentity, training };
          const choice = outcome === "chosen" ? chooseBest(training.tuning.objectives, trials) : undefined;
          if (!choice) await settleStudyRun(tracking, tracked, { trials, because, outcome });
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
            part: describeTrialRun(tracked, choice.best),
          });
          // Where it had to be trained again, its run goes on.
          await settleTrialRun(tracking, tracked, { trial: choice.best, parent: undefined });
          await nameArtefact(store, artefactNames.run(studyIdentity), reference.sha256);
          await makePackage({ model, study: studyIdentity, run, opened });
          await settleStudyRun(tracking, tracked, { trials, because, outcome });
        },
        "finish",
      ),

    /** Ends the sampler of a study that does not go on, and its runs where they are tracked. */
    leaveStudy: ({ desired, run: identity }: TrainInput): Promise<void> =>
      perform(async () => {
        await studies.close(identity);
        sets.delete(identity);
        if (!tracking) return;
        const { training } = await recipes(desired);
        await leaveStudyRun(tracking, { identity, training });
      }),
  };
}

/** What the package of a study's run is made of. */
interface PackageParts {
  readonly model: ModelSpec;
  /** The study's identity. */
  readonly study: string;
  readonly run: Run;
  readonly opened: Awaited<ReturnType<typeof openTrainingSet>>;
}

/** `trial 13 of 30, best auc 0.7123` */
function sayTrial(number: number, tuning: TuningSpec, trials: readonly Trial[]): string {
  const { best, of } = summarizeStudy(tuning, { trials, open: [] });
  const measured = tuning.objectives.map(({ metric }, i) => `${metric} ${best?.values[i]?.toPrecision(4)}`);
  return `trial ${number + 1} of ${of}${best ? `, best ${measured.join(", ")}` : ""}`;
}

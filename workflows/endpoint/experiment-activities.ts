/**
 * A look at an endpoint's experiment: its log, its labels and its server are asked, and what was found is kept in the store.
 * @module
 */
import { join } from "node:path";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import type { ExperimentSpec } from "../../framework/definitions/experiment-spec.ts";
import type { FeedbackSpec } from "../../framework/definitions/feedback-spec.ts";
import { StewardError } from "../../framework/definitions/problem.ts";
import { endpointSpec, trainingJobSpec } from "../../framework/definitions/spec.ts";
import { type ExperimentLook, experimentLookSchema } from "../../framework/experiments/experiment-look.ts";
import type { ExperimentSummary } from "../../framework/experiments/experiment-summary.ts";
import { listLookNews } from "../../framework/experiments/look-news.ts";
import { readExperiment } from "../../framework/experiments/read-experiment.ts";
import { listRequestGuardrails } from "../../framework/experiments/request-evidence.ts";
import { findBegin, hasNewCohort, isFinal, takeLook } from "../../framework/experiments/take-look.ts";
import type { Digest } from "../../framework/plan/digest.ts";
import { artefactNames, nameArtefact, readArtefact } from "../../framework/store/artefacts.ts";
import type { Store } from "../../framework/store/store.ts";
import { unlessLost } from "../../framework/store/unless-lost.ts";
import type { ActivityTools, LongWork } from "../activity-tools.ts";
import { askEvidence } from "./activities.ts";
import type { LookAnswer, LookInput } from "./messages.ts";

export type ExperimentActivities = ReturnType<typeof createExperimentActivities>;

type Tools = Pick<ActivityTools, "store" | "performLong" | "requests" | "logKey">;

export function createExperimentActivities({ store, performLong, requests, logKey }: Tools) {
  return {
    /**
     * Looks at an experiment as of now. The first look that decides is named once: whoever looks later, or again after a worker was
     * lost, is told what that one decided. So are the arms named that were stopped before: an experiment that was taken out and is put
     * back gives them no callers again. A look that finds nothing new is not kept: the one before stands.
     */
    lookAtExperiment: (input: LookInput): Promise<LookAnswer> =>
      performLong(
        "experiment",
        async (long) => {
          const { experiment, feedback } = await readSpec(store, input);
          const before = input.before === undefined ? undefined : await readLook(store, input.before);
          const name = artefactNames.decidedLook(input.identity);
          const decided = await readNamed(store, name);
          if (decided) return answer(experiment, decided, before?.look);
          const stopping = artefactNames.stoppedLook(input.identity);
          const earlier = before ? undefined : await readNamed(store, stopping);
          const folder = requests === undefined ? undefined : join(requests, input.endpoint);
          const known = { before: before?.look, earlier: earlier?.look };
          const look = await lookNow(store, { ...input, ...known, experiment, feedback, folder, logKey }, long);
          if (before && look === before.look) return answer(experiment, before, before.look);
          const { sha256 } = await store.putJson(look);
          if (!isFinal(look.decision)) {
            if (hasStoppedMore(look, before?.look ?? earlier?.look)) await nameArtefact(store, stopping, sha256);
            return answer(experiment, { digest: sha256, look }, before?.look);
          }
          await nameArtefact(store, name, sha256);
          return answer(experiment, (await readNamed(store, name)) ?? { digest: sha256, look }, before?.look);
        },
        "look",
      ),
  };
}

/** A look, and its digest. */
interface KeptLook {
  readonly digest: Digest;
  readonly look: ExperimentLook;
}

/** @returns nothing where it is in the store no more */
async function readLook(store: Store, digest: Digest): Promise<KeptLook | undefined> {
  const look = await unlessLost(store.getJson(digest, experimentLookSchema));
  return look && { digest, look };
}

/** Whether an arm is stopped that was not before. */
function hasStoppedMore({ decision }: ExperimentLook, before: ExperimentLook | undefined): boolean {
  return decision.stopped.some((arm) => !before?.decision.stopped.includes(arm));
}

/** The look that is named, such as the one that decided an experiment. @returns nothing while none is */
async function readNamed(store: Store, name: string): Promise<KeptLook | undefined> {
  const digest = await readArtefact(store, name);
  return digest === undefined ? undefined : readLook(store, digest);
}

async function readSpec(
  store: Store,
  { endpoint, spec }: Pick<LookInput, "endpoint" | "spec">,
): Promise<{ readonly experiment: ExperimentSpec; readonly feedback: FeedbackSpec }> {
  const { experiment, feedback } = await store.getJson(spec, endpointSpec);
  if (experiment && feedback) return { experiment, feedback };
  throw new StewardError({
    code: "experiment-missing",
    at: `endpoint/${endpoint}`,
    what: `endpoint "${endpoint}" declares no experiment whose labels come to be known`,
  });
}

interface LookSubject extends Omit<LookInput, "before"> {
  readonly experiment: ExperimentSpec;
  readonly feedback: FeedbackSpec;
  readonly before: ExperimentLook | undefined;
  /** The look that stopped an arm last, when the endpoint had the experiment before. @default none did, or there is a look before */
  readonly earlier: ExperimentLook | undefined;
  /** The folder with the segments of this machine. @default the store alone is read */
  readonly folder: string | undefined;
  /** @default labels that are hashed or encrypted are not known */
  readonly logKey: string | undefined;
}

async function lookNow(store: Store, subject: LookSubject, long: LongWork): Promise<ExperimentLook> {
  const { endpoint, address, generation, identity, experiment, before, earlier } = subject;
  const asked = listRequestGuardrails(experiment).length > 0;
  const evidence = asked ? await askEvidence(`${address}/${endpoint}/variants`, long.signal) : undefined;
  const at = Date.now();
  // A log of months is not read for nothing: units count cohort by cohort.
  const isRead = hasNewCohort(before, experiment, at);
  const summary = before && !isRead ? before.summary : await readSummary(store, { ...subject, at }, long);
  return takeLook({
    endpoint,
    experiment,
    identity,
    at,
    summary,
    before,
    earlier,
    ...(evidence && evidence.generation === generation && { seen: evidence.variants }),
  });
}

async function readSummary(
  store: Store,
  { endpoint, experiment, feedback, trained, before, since, folder, logKey, at }: LookSubject & { readonly at: number },
  { signal, workFolder, show }: LongWork,
): Promise<ExperimentSummary> {
  show("reading the endpoint's answers and labels");
  const { task } = await store.getJson(trained.training, trainingJobSpec);
  const logs = { endpoint, feedback, task, store, folder, logKey };
  const begun = before && findBegin(before);
  const terms = { experiment, asOf: at, begun, since, signal };
  const read = await withDuckDb(workFolder, (db) => readExperiment(db, logs, terms), { memory: "1GB", signal });
  return read.summary;
}

function answer(
  experiment: ExperimentSpec,
  { digest, look }: KeptLook,
  before: ExperimentLook | undefined,
): LookAnswer {
  const { verdict, winner, stopped, sentence } = look.decision;
  const news = listLookNews(experiment, look.decision, before?.decision);
  return { look: digest, at: look.at, verdict, ...(winner !== undefined && { winner }), stopped, sentence, news };
}

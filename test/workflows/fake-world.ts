/**
 * The world as activities see it, in memory: what is in the store, what gates say, what happens while a step runs.
 * @module
 */
import { Context } from "@temporalio/activity";
import type { ApprovalSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { Step } from "../../framework/engine/entity-names.ts";
import type { Schedules } from "../../framework/engine/schedules.ts";
import type { createActivities } from "../../workflows/activities.ts";
import type {
  EvidenceAnswer,
  EvidenceInput,
  LabelAnswer,
  LabelInput,
  LookAnswer,
  LookInput,
  PublishRoutingInput,
} from "../../workflows/endpoint/messages.ts";
import { failWith } from "../../workflows/entity/reasons.ts";
import type { IngestedVersion } from "../../workflows/ingest/messages.ts";
import type { FoundCandidate, ReleaseInput } from "../../workflows/model/messages.ts";
import type { AskInput, NextTrial } from "../../workflows/tune/messages.ts";

type Activities = ReturnType<typeof createActivities>;

export class FakeWorld {
  /** Every step's activity that ended well, in order: `"train run-of-first"`. */
  readonly ran: string[] = [];
  /** The runs that were left as they do not go on, in order. */
  readonly left: string[] = [];
  /** What was released, in order: the ref's values. */
  readonly published: ReleaseInput[] = [];
  /** The routings that were written, in order. */
  readonly routings: PublishRoutingInput[] = [];
  /** What the server of an endpoint says that it saw, by the endpoint's name. @default it says nothing */
  readonly evidence = new Map<string, (asked: EvidenceInput) => EvidenceAnswer>();
  /** What a look at an endpoint's experiment comes to, by the endpoint's name. @default nothing is certain yet */
  readonly looksAt = new Map<string, (asked: LookInput) => Promise<Partial<LookAnswer>>>();
  /** What labels say of an endpoint's versions, by the endpoint's name. @default nobody can read them */
  readonly labels = new Map<string, (asked: LabelInput) => LabelAnswer>();
  /** The roots that were live, in order, by the dataset's name. */
  readonly logs = new Map<string, string[]>();
  /** What holds a model back, by the digest of its spec. @default its gates pass */
  readonly gates = new Map<string, readonly string[]>();
  /** Who must agree, by the digest of a model's spec. @default `"waived"` */
  readonly policies = new Map<string, ApprovalSpec>();
  /** The packages whose server looks features up. @default none does */
  readonly lookedUp = new Set<string>();
  readonly #during = new Map<string, (signal: AbortSignal) => Promise<unknown>>();
  readonly #judged = new Map<string, (found: FoundCandidate) => Promise<unknown>>();
  readonly #made = new Set<string>();
  readonly #versions = new Map<string, IngestedVersion>();
  /** What sources that a worker looks at have now, by their locations. */
  readonly sources = new Map<string, string>();
  /** How often each source was looked at, by its location. */
  readonly looks = new Map<string, number>();
  /** How often each dataset's schedule runs; a dataset without one is not in it. */
  readonly schedules = new Map<string, string>();
  /** The studies of training jobs that are tuned, by the digest of the job. @default it is trained once */
  readonly studies = new Map<string, FakeStudy>();
  /** What keeps schedules in truth. @default nothing does */
  keeper: Schedules | undefined;

  /** What happens while a step works on a subject; it fails the step by throwing. */
  during(step: Step | "look", subject: string, work: (signal: AbortSignal) => Promise<unknown>): void {
    this.#during.set(`${step} ${subject}`, work);
  }

  /** A step that fails for reasons that a person must mend. */
  fail(step: Step | "look", subject: string, ...reasons: readonly string[]): void {
    this.during(step, subject, () => Promise.reject(failWith(reasons)));
  }

  /** A step that goes on until it is told to: by `release`, or by its cancellation. */
  hold(
    step: Step | "look",
    subject: string,
  ): { readonly begun: Promise<void>; readonly cancelled: Promise<void>; readonly release: () => void } {
    const begun = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.during(step, subject, async (signal) => {
      begun.resolve();
      const beat = setInterval(() => Context.current().heartbeat({ line: "half way" }), 100);
      const aborted = new Promise<void>((_, reject) => {
        signal.addEventListener("abort", () => {
          cancelled.resolve();
          reject(signal.reason);
        });
      });
      await Promise.race([released.promise, aborted]).finally(() => clearInterval(beat));
    });
    return { begun: begun.promise, cancelled: cancelled.promise, release: released.resolve };
  }

  /** What happens, once, while an entity looks up a candidate that has been judged, by the digest of its training job. */
  whileJudged(training: string, work: (found: FoundCandidate) => Promise<unknown>): void {
    this.#judged.set(training, work);
  }

  /** A step works as it does by default again. */
  mend(step: Step | "look", subject: string): void {
    this.#during.delete(`${step} ${subject}`);
  }

  readonly activities: Activities = {
    lookUpVersion: async ({ fingerprint, upstream, readmitted }) => {
      const found = `${fingerprintOf(fingerprint, upstream)}${sayReadmitted(readmitted)}`;
      const version = this.#versions.get(found);
      const known = { fingerprint: fingerprintOf(fingerprint, upstream), source: "here" };
      return { identity: versionOf(found), ...known, ...(version ? { version } : {}) };
    },
    lookAtSource: async ({ location, readmitted }) => {
      await this.#during.get(`look ${location}`)?.(Context.current().cancellationSignal);
      this.looks.set(location, (this.looks.get(location) ?? 0) + 1);
      const seen = `${this.sources.get(location) ?? location}${sayReadmitted(readmitted)}`;
      return { identity: versionOf(seen), source: "here" };
    },
    keepSchedule: async ({ every, ...owner }) => {
      if (every === undefined) this.schedules.delete(owner.dataset);
      else this.schedules.set(owner.dataset, every);
      await (every === undefined ? this.keeper?.drop(owner) : this.keeper?.keep({ ...owner, every }));
    },
    recordVersion: async ({ dataset, live }) => {
      const log = this.logs.get(dataset) ?? [];
      if (log.at(-1) !== live.root) log.push(live.root);
      this.logs.set(dataset, log);
      return log.length;
    },
    ingestSource: ({ fingerprint, upstream, location, again, readmitted }) => {
      const isKnown = upstream !== undefined || fingerprint !== "";
      const found = isKnown ? fingerprintOf(fingerprint, fingerprint === "" ? upstream : undefined) : undefined;
      const source = found ?? this.sources.get(location) ?? location;
      const taken = `${source}${sayReadmitted(readmitted?.rows)}`;
      const note = again ? `${taken} again from ${again.from ?? "the beginning"} to ${again.to ?? "the end"}` : taken;
      return this.#run("ingest", note, () => {
        const version = { root: `root-of-${taken}`, rows: 1200, quarantined: 3 };
        this.#versions.set(taken, version);
        return { ...version, identity: versionOf(taken), fingerprint: source, source: "here" };
      });
    },
    lookUpCandidate: async ({ desired, production }) => {
      const model = desired.spec.sha256;
      const { set, run } = identitiesOf(desired);
      const madePackage = this.#made.has(run) ? packageOf(run) : undefined;
      const evaluationIdentity = `evaluation-of-${run}-against-${production?.package ?? "nothing"}`;
      const judged = madePackage === production?.package && desired.spec.sha256 === production?.desired.spec.sha256;
      const evaluation = judged
        ? production?.evaluation
        : this.#made.has(evaluationIdentity)
          ? evaluationIdentity
          : undefined;
      const policy = this.policies.get(model) ?? "waived";
      const reasons = this.gates.get(model) ?? [];
      const found: FoundCandidate = {
        trainingJob: `job-of-${model}`,
        recipe: recipeOf(desired),
        policy,
        progress: {
          trainingSet: { identity: set, present: this.#made.has(set) },
          run: { identity: run, ...(this.studies.has(desired.training.sha256) && { tuned: true }) },
          ...(madePackage ? { package: madePackage } : {}),
          ...(madePackage && evaluation ? { evaluation } : {}),
        },
        ...(madePackage ? { evaluationIdentity } : {}),
        ...(production ? { comparison: production.desired } : {}),
        ...(madePackage && evaluation
          ? {
              result: {
                evaluation,
                passed: reasons.length === 0,
                reasons,
                candidate: candidateOf(desired, evaluation, policy),
                headline: "auc 0.7120",
              },
            }
          : {}),
      };
      const happens = found.result && this.#judged.get(desired.training.sha256);
      if (happens) this.#judged.delete(desired.training.sha256);
      await happens?.(found);
      return found;
    },
    weighProposal: async ({ desired, proposed, live, waiting }) => {
      const policy = this.policies.get(desired.spec.sha256) ?? "waived";
      return {
        package: `own-${proposed.package}`,
        candidate: `candidate-${proposed.look}-${JSON.stringify(policy)}`,
        policy,
        recipes: {
          won: recipeOf(proposed.desired),
          over: recipeOf(proposed.over),
          live: recipeOf(live),
          ...(waiting && { waiting: recipeOf(waiting) }),
        },
      };
    },
    readProduction: async (model) => {
      const last = this.published.findLast((past) => past.model === model);
      return last ? { fence: last.fence, version: last.version } : { fence: 0, version: 0 };
    },
    buildSet: ({ identity }) => this.#make("materialise", identity),
    scoreRows: async () => ({ root: "root-of-scored", rows: 1200, refused: 0, leftOut: 0 }),
    logScore: async () => 1,
    trainModel: ({ run }) => this.#make("train", run),
    leaveTraining: async ({ run }) => void this.left.push(run),
    nextTrial: async (input) => this.#next(input),
    runTrial: async (input) => {
      const { desired, run, suggestion, alone } = input;
      await this.#run("tune", `trial ${suggestion.number} of ${run}`, () => {
        const { ended } = this.#study(desired);
        if (!ended.includes(suggestion.number)) ended.push(suggestion.number);
      });
      return alone && this.#next({ ...input, ...alone, open: [] });
    },
    finishStudy: async ({ run, outcome }) => {
      if (outcome === "failed") throw failWith([`the study of ${run} failed`]);
      await this.#make("tune", run);
    },
    leaveStudy: async ({ run }) => void this.left.push(run),
    evaluateCandidate: ({ identity }) => this.#make("evaluate", identity),
    publishRelease: (input) =>
      this.#run("release", `${input.model} ${input.package}`, () => {
        const last = this.published.findLast((past) => past.model === input.model);
        if (last && last.fence >= input.fence) throw failWith([`the ref is at fence ${last.fence}`]);
        this.published.push(input);
      }),
    lookUpOnline: async ({ package: digest }) => ({ datasets: this.lookedUp.has(digest) ? ["visits"] : [] }),
    fillOnline: ({ package: digest }) => this.#run("materialise-online", digest, () => undefined),
    awaitServing: ({ model, version, routing }) =>
      this.#run(
        "serve",
        routing ? `${routing.endpoint} by ${routing.generation}` : `${model} ${version}`,
        () => undefined,
      ),
    readRouting: async (name) => this.routings.findLast(({ endpoint }) => endpoint === name)?.generation ?? 0,
    publishRouting: async (input) => {
      const last = this.routings.findLast(({ endpoint }) => endpoint === input.endpoint);
      if (last && last.generation >= input.generation) throw failWith([`the routing is at ${last.generation}`]);
      this.routings.push(input);
    },
    readCanaryLabels: async (asked) => this.labels.get(asked.endpoint)?.(asked) ?? { unread: "there are none" },
    readEvidence: async (asked) => this.evidence.get(asked.endpoint)?.(asked) ?? { silence: "the server says nothing" },
    lookAtExperiment: async (asked) => {
      const nothing = {
        look: `look-at-${asked.endpoint}`,
        verdict: "continue",
        sentence: "Nothing is decided.",
      } as const;
      const found = await this.looksAt.get(asked.endpoint)?.(asked);
      return { ...nothing, at: new Date().toISOString(), stopped: [], news: [], ...found };
    },
  };

  #next({ desired, run, open }: AskInput): NextTrial {
    const { trials, atOnce, ended, outcome = "chosen" } = this.#study(desired);
    const known = open.filter(({ number }) => !ended.includes(number));
    const line = `trial ${ended.length} of ${trials}`;
    const begun = ended.length + known.length;
    this.ran.push(`next ${run} with ${known.length} open`);
    if (begun < trials) {
      const number = Math.max(-1, ...ended, ...open.map((each) => each.number)) + 1;
      return { next: { do: "begin", suggestion: { number, params: { leaves: number } } }, atOnce, line };
    }
    const next = known.length > 0 ? ({ do: "wait" } as const) : ({ do: "end", because: "trials", outcome } as const);
    return { next, atOnce, line };
  }

  #study({ training }: DesiredModel): FakeStudy {
    const study = this.studies.get(training.sha256);
    if (!study) throw failWith([`training job ${training.sha256} is not tuned`]);
    return study;
  }

  #make(step: Step, identity: string): Promise<void> {
    return this.#run(step, identity, () => {
      this.#made.add(identity);
    });
  }

  async #run<T>(step: Step, subject: string, end: () => T): Promise<T> {
    await this.#during.get(`${step} ${subject}`)?.(Context.current().cancellationSignal);
    const result = end();
    this.ran.push(`${step} ${subject}`);
    return result;
  }
}

/** A study, as the store and its sampler would know it. */
export interface FakeStudy {
  readonly trials: number;
  /** How many run at a time. */
  readonly atOnce: number;
  /** The numbers of the trials that ended, in the order in which they did. */
  readonly ended: number[];
  /** @default "chosen" */
  readonly outcome?: "chosen" | "failed";
}

function sayReadmitted(rows: string | undefined): string {
  return rows === undefined ? "" : ` with ${rows}`;
}

/** What a source is: of a derived dataset, what it is made from. */
function fingerprintOf(fingerprint: string, upstream: Readonly<Record<string, string>> | undefined): string {
  return upstream ? Object.values(upstream).join("+") : fingerprint;
}

function versionOf(fingerprint: string): string {
  return `version-of-${fingerprint}`;
}

/** What the candidate of a wish is known by. */
function identitiesOf({ training }: DesiredModel): { readonly set: string; readonly run: string } {
  return { set: `set-of-${training.sha256}`, run: `run-of-${training.sha256}` };
}

export function packageOf(run: string): string {
  return `package-of-${run}`;
}

/** What a wish is made by, whatever its rows: of the training jobs "a@1" and "a@2" the same. */
function recipeOf({ training }: DesiredModel): string {
  return `recipe-of-${training.sha256.split("@")[0]}`;
}

/** What an approval binds. */
function candidateOf({ training }: DesiredModel, evaluation: string, policy: ApprovalSpec | "waived"): string {
  return `candidate-${training.sha256}-${evaluation}-${JSON.stringify(policy)}`;
}

/**
 * Scorings as clients of the engine see them: a workflow for each identity, which is started once, watched by whoever asks for the same,
 * and goes on when nobody does.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Client, WorkflowFailedError, WorkflowNotFoundError } from "@temporalio/client";
import { ApplicationFailure, CancelledFailure, defaultPayloadConverter, TemporalFailure } from "@temporalio/common";
import type { Digest } from "../plan/digest.ts";
import type { ScoreRequest } from "../scoring/scoring.ts";
import { stepId, taskQueue } from "./entity-names.ts";
import type { Heartbeat } from "./messages.ts";
import { searchAttributes } from "./search-attributes.ts";

/** What is scored, as far as its workflow is known by it. */
export interface ScoringAddress {
  readonly project: string;
  readonly model: string;
  readonly identity: Digest;
}

/** Which scorings are meant: all of a model and a dataset, or of them those with what is named beside. */
export interface MeantScorings {
  readonly project: string;
  readonly model: string;
  readonly dataset: string;
  /** The root of the dataset's version. @default of any */
  readonly root?: Digest | undefined;
  /** @default by any */
  readonly package?: Digest | undefined;
  /** What is kept beside the answers. @default whatever is */
  readonly columns?: readonly string[] | undefined;
}

/** What is kept of a scoring's request beside its workflow, so that it is found by more than its identity. */
interface ScoringMemo {
  readonly model: string;
  readonly dataset: string;
  readonly root: Digest;
  readonly package: Digest;
  readonly columns: readonly string[];
}

/** How a scoring ended. */
export type ScoringEnd<Result> =
  | { readonly state: "done"; readonly result: Result }
  | { readonly state: "failed"; readonly reasons: readonly string[] }
  | { readonly state: "cancelled" };

/** What a request says of what it scores. */
type Scored = Pick<ScoreRequest, "dataset" | "datasets" | "package" | "columns">;

const watchMilliseconds = 300;

/** The memo key under which a scoring has what it is found by. */
const scoringMemo = "scoring";

/** The id of a scoring's workflow: `flights/score/late-arrival@1f2e3d4c5b6a`. */
export function scoringId({ project, model, identity }: ScoringAddress): string {
  return stepId(project, "score", `${model}@${identity.slice(0, 12)}`);
}

/** Starts a scoring, unless it is under way. @param request what the workflow is given */
export async function startScoring(client: Client, address: ScoringAddress, request: Scored): Promise<void> {
  const { dataset, datasets, package: digest, columns } = request;
  const memo: ScoringMemo = {
    model: address.model,
    dataset,
    root: datasets[dataset]?.root ?? "",
    package: digest,
    columns,
  };
  await client.workflow.start("score", {
    workflowId: scoringId(address),
    taskQueue,
    args: [request],
    workflowIdConflictPolicy: "USE_EXISTING",
    workflowIdReusePolicy: "ALLOW_DUPLICATE",
    staticSummary: `score by ${address.model}`,
    memo: { [scoringMemo]: memo },
    typedSearchAttributes: [
      { key: searchAttributes.project, value: address.project },
      { key: searchAttributes.definition, value: `model/${address.model}` },
    ],
  });
}

/** Waits until a scoring has ended. @param show shown how far it is, each line once */
export async function awaitScoring<Result>(
  client: Client,
  address: ScoringAddress,
  show: (line: string) => void,
): Promise<ScoringEnd<Result>> {
  const handle = client.workflow.getHandle(scoringId(address));
  const ended = handle.result().then(
    (result): ScoringEnd<Result> => ({ state: "done", result: result as Result }),
    (error: unknown): ScoringEnd<Result> => describeFailure(error),
  );
  let last = "";
  for (;;) {
    const end = await Promise.race([ended, delay(watchMilliseconds)]);
    if (end) return end;
    const { raw } = await handle.describe();
    const [payload] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
    const line = payload && defaultPayloadConverter.fromPayload<Heartbeat>(payload).line;
    if (line === undefined || line === last) continue;
    last = line;
    show(line);
  }
}

/**
 * Cancels scorings: their processes are ended, what is scored stays. They are found by what they score, as by now the same command may
 * mean another version. @returns how many were under way
 */
export async function cancelScorings(client: Client, meant: MeantScorings): Promise<number> {
  const { project } = meant;
  let count = 0;
  for await (const { workflowId, memo } of client.workflow.list({ query: underWay(project) })) {
    if (!isMeant(memo?.[scoringMemo] as ScoringMemo | undefined, meant)) continue;
    try {
      await client.workflow.getHandle(workflowId).cancel();
      count++;
    } catch (error) {
      // One that has just ended.
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  return count;
}

/**
 * The ids of scorings by a model that are under way and do not say what they score, for they were started before that was kept: so
 * nobody can tell whether they are meant, and `cancelScorings` leaves them.
 */
export async function listUnknownScorings(
  client: Client,
  { project, model }: Pick<MeantScorings, "project" | "model">,
): Promise<readonly string[]> {
  const found: string[] = [];
  const own = scoringId({ project, model, identity: "" });
  for await (const { workflowId, memo } of client.workflow.list({ query: underWay(project) }))
    if (workflowId.startsWith(own) && memo?.[scoringMemo] === undefined) found.push(workflowId);
  return found;
}

function underWay(project: string): string {
  return `WorkflowType = "score" AND ExecutionStatus = "Running" AND StewardProject = "${project}"`;
}

function isMeant(memo: ScoringMemo | undefined, meant: MeantScorings): boolean {
  const { model, dataset, root, package: digest, columns } = meant;
  if (memo?.model !== model || memo.dataset !== dataset) return false;
  if (root !== undefined && memo.root !== root) return false;
  if (digest !== undefined && memo.package !== digest) return false;
  return columns === undefined || memo.columns.toSorted().join() === columns.toSorted().join();
}

function describeFailure(error: unknown): Extract<ScoringEnd<never>, { readonly state: "failed" | "cancelled" }> {
  if (!(error instanceof WorkflowFailedError)) throw error;
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CancelledFailure) return { state: "cancelled" };
    if (cause instanceof ApplicationFailure && cause.type === "reasons")
      return { state: "failed", reasons: (cause.details?.[0] ?? [cause.message]) as readonly string[] };
  }
  const { cause } = error;
  const deepest = cause instanceof TemporalFailure && cause.cause instanceof Error ? cause.cause : cause;
  return { state: "failed", reasons: [deepest instanceof Error ? deepest.message : error.message] };
}

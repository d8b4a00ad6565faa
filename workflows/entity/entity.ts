/**
 * What the entity workflows have in common: they hold a status, accept messages under generations, work towards the latest
 * one, and continue as new when the server suggests it.
 * @module
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineUpdate,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from "@temporalio/workflow";
import { type FormatName, findFormatProblem, formatOf, upgradeDocument } from "../../framework/definitions/format.ts";
import type { Problem } from "../../framework/definitions/problem.ts";
import { statusMemo } from "../../framework/engine/entity-names.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import type { ApplyAnswer, ApplyMessage, EntityStart, RetireMessage } from "../../framework/engine/messages.ts";
import { messageNames } from "../../framework/engine/messages.ts";
import { searchAttributes } from "../../framework/engine/search-attributes.ts";
import { reasonsOf } from "./reasons.ts";
import { writeTimeline } from "./timeline.ts";

const statusQuery = defineQuery<EntityStatus>(messageNames.status);
const applyUpdate = defineUpdate<ApplyAnswer, [ApplyMessage]>(messageNames.apply);
const retireUpdate = defineUpdate<void, [RetireMessage]>(messageNames.retire);

type Live = NonNullable<EntityStatus["live"]>;

/** An entity in its workflow. `Memory` is what the flow keeps beside the status, through continue-as-new. */
export class Entity<Desired extends ApplyMessage["desired"], L extends Live, Memory> {
  readonly start: EntityStart;
  memory: Memory;
  #status: EntityStatus;
  /** The generation that is, or was last, worked on. */
  #working: number;
  /** The latest generation that makes the work of an earlier one pointless. */
  #pressing: number;
  /** How often a step was found under way for another definition since the last one of its own. */
  waits = 0;
  /** The state that the search attribute holds. */
  #published: EntityStatus["state"] | undefined;

  constructor(given: EntityStart, memory: Memory) {
    const problem = findProblem(given, "entity-start");
    // Fails the task and not the workflow, which goes on with a worker that knows the format.
    if (problem) throw new Error(`${problem.what} (got ${problem.got}, expected ${problem.expected})`);
    const start = upgradeDocument(given);
    this.start = start;
    const { memory: kept, ...status }: NonNullable<EntityStart["state"]> = start.state ?? freshStatus(start);
    this.#status = status;
    this.memory = (kept as Memory | undefined) ?? memory;
    this.#working = status.generation;
    this.#pressing = status.generation;
    if (!start.state) return;
    // The details do not survive continue-as-new; memo and search attributes were handed on.
    this.#published = status.state;
    setCurrentDetails(describe(status));
  }

  get status(): EntityStatus {
    return this.#status;
  }

  get desired(): Desired {
    return this.#status.desired as Desired;
  }

  get live(): L | undefined {
    return this.#status.live as L | undefined;
  }

  /** Changes the status and publishes it: to the query, to the memo that listings read, to the Temporal UI. */
  set(change: Partial<EntityStatus>): void {
    this.#status = { ...this.#status, ...change };
    upsertMemo({ [statusMemo]: this.#status });
    const { state } = this.#status;
    if (state !== this.#published) upsertSearchAttributes([{ key: searchAttributes.state, value: state }]);
    this.#published = state;
    setCurrentDetails(describe(this.#status));
  }

  /** Whether the work of a generation has been made pointless by a later wish. */
  isOvertaken(generation: number): boolean {
    return this.#pressing > generation;
  }

  /** Begins the work of the latest generation, which is returned. */
  begin(): number {
    this.#working = this.#status.generation;
    return this.#working;
  }

  /** Ends the work that has begun. When a newer wish has come meanwhile, that one is still to be worked on: only what is live now counts. */
  settle(state: EntityStatus["state"], summary: string, change: Partial<EntityStatus> = {}): void {
    const settled = this.#working;
    const { live } = change;
    if (settled < this.#status.generation) this.set({ work: undefined, settled, ...(live ? { live } : {}) });
    else this.set({ reasons: [], work: undefined, ...change, state, summary, settled });
  }

  /** Ends the work that has begun in favour of what came meanwhile. */
  supersede(): void {
    this.set({ work: undefined, summary: "superseded by a newer wish", settled: this.#working });
  }

  /** Goes on in a new run with an empty history. Memo and search attributes are handed on: left to itself, the memo is lost. */
  continueAsNew(): Promise<never> {
    const { project, kind, name } = this.start;
    const again = makeContinueAsNewFunc<(start: EntityStart) => Promise<void>>({
      memo: { [statusMemo]: this.#status },
      typedSearchAttributes: [
        { key: searchAttributes.project, value: project },
        { key: searchAttributes.definition, value: `${kind}/${name}` },
        { key: searchAttributes.state, value: this.#status.state },
      ],
    });
    return again({ ...this.start, state: { ...this.#status, memory: this.memory } });
  }

  /** Ends the entity. */
  end(): void {
    this.set({
      state: "retired",
      summary: "retired",
      reasons: [],
      work: undefined,
      candidate: undefined,
      settled: this.#status.generation,
    });
  }

  /** Refuses a message whose format is not known. */
  checkFormat(message: object): void {
    const problem = findProblem(message, "entity-message");
    if (problem)
      throw ApplicationFailure.create({
        type: "refused-format",
        message: problem.what,
        details: [problem],
        nonRetryable: true,
      });
  }

  /** Refuses a message unless it comes from the stack that owns this entity, or adopts it. */
  checkOwner(message: { readonly owner: string; readonly adopt?: boolean }): void {
    const { owner, kind, name } = this.#status;
    if (owner !== "" && owner !== message.owner && !message.adopt) {
      throw ApplicationFailure.create({
        type: "refused-owner",
        message: `${kind} "${name}" belongs to stack "${owner}", not to "${message.owner}"`,
        details: [`rename it, or take it over on purpose with STEWARD_ADOPT=1`],
        nonRetryable: true,
      });
    }
  }

  /**
   * Accepts a message that asks for work: the next generation.
   *
   * @param options.waits for the end of the work under way, which is worth having. @default that work is given up
   */
  accept(
    change: Partial<EntityStatus> & { readonly summary: string },
    { waits = false }: { readonly waits?: boolean } = {},
  ): ApplyAnswer {
    const generation = this.#status.generation + 1;
    if (!waits) this.#pressing = generation;
    this.set({ ...change, generation, state: "working", reasons: [] });
    return { generation };
  }
}

/** What a flow brings to `runEntity`. */
export interface EntityFlow {
  /** The next piece of work, or nothing when all is settled. It is cancelled when a newer generation arrives. */
  readonly next: () => (() => Promise<void>) | undefined;
  /** What to do before the entity ends; refuses by throwing when it must go on. */
  readonly retire: () => Promise<void>;
}

/**
 * Runs an entity until it is retired. Nothing else ends it: a cancellation, which the Temporal UI offers to everybody, is not
 * heeded, for what an entity holds is held nowhere else.
 */
export function runEntity<D extends ApplyMessage["desired"], L extends Live, M>(
  entity: Entity<D, L, M>,
  flow: EntityFlow,
): Promise<void> {
  return CancellationScope.nonCancellable(() => live(entity, flow));
}

async function live<D extends ApplyMessage["desired"], L extends Live, M>(
  entity: Entity<D, L, M>,
  flow: EntityFlow,
): Promise<void> {
  let retiring = false;
  setHandler(statusQuery, () => entity.status);
  setHandler(
    applyUpdate,
    (message) => {
      const { digest, state, generation } = entity.status;
      if (digest === message.digest && state !== "failed") {
        // The same wish again is no new work; it may still hand the entity to another stack.
        if (entity.status.owner !== message.owner) entity.set({ owner: message.owner });
        return { generation };
      }
      return entity.accept({
        owner: message.owner,
        digest: message.digest,
        desired: message.desired,
        actor: message.actor,
        summary: "accepted",
        // Who approves has seen the candidate of the earlier wish.
        candidate: undefined,
      });
    },
    {
      validator: (message) => {
        entity.checkFormat(message);
        entity.checkOwner(message);
        if (retiring) throw refuseRetiring(entity.start);
      },
      description: "Become what the spec says.",
    },
  );
  setHandler(
    retireUpdate,
    async () => {
      await flow.retire();
      retiring = true;
    },
    {
      validator: (message) => {
        entity.checkFormat(message);
        entity.checkOwner(message);
      },
      description: "End this entity; what it made stays in the store.",
    },
  );

  for (;;) {
    const leave = () => workflowInfo().continueAsNewSuggested && allHandlersFinished() && !flow.next();
    await condition(() => retiring || flow.next() !== undefined || leave());
    if (retiring) break;
    const work = flow.next();
    if (work) await runWork(entity, work, () => retiring);
    else await entity.continueAsNew();
  }
  entity.end();
  await condition(allHandlersFinished);
}

async function runWork<D extends ApplyMessage["desired"], L extends Live, M>(
  entity: Entity<D, L, M>,
  work: () => Promise<void>,
  retiring: () => boolean,
): Promise<void> {
  const generation = entity.begin();
  const newer = () => entity.isOvertaken(generation) || retiring();
  const scope = new CancellationScope();
  let ended = false;
  const watch = condition(() => newer() || ended).then(() => {
    if (!ended) scope.cancel();
  });
  try {
    await scope.run(work);
  } catch (error) {
    if (newer()) entity.supersede();
    else {
      const reasons = reasonsOf(error);
      entity.settle("failed", reasons[0] ?? "failed", { reasons });
      await writeTimeline(`failed: ${reasons[0] ?? ""}`);
    }
  }
  ended = true;
  await watch;
}

/** What is wrong with the format of what the workflow was given. */
function findProblem(given: { readonly format?: unknown }, name: FormatName): Problem | undefined {
  return findFormatProblem(given.format, { at: workflowInfo().workflowId, name });
}

/** A wish accepted by an entity that is about to end would end with it, unheard. */
function refuseRetiring({ kind, name }: EntityStart): ApplicationFailure {
  return ApplicationFailure.create({
    type: "refused",
    message: `${kind} "${name}" is being retired`,
    details: ["run `npx pulumi up` again in a moment: it will be made anew"],
    nonRetryable: true,
  });
}

function freshStatus({ kind, name }: EntityStart): EntityStatus {
  const nothing = {
    format: formatOf("entity-status"),
    kind,
    name,
    owner: "",
    generation: 0,
    settled: 0,
    state: "working",
    summary: "new",
    reasons: [],
  } as const;
  // `desired` is set by the `apply` that starts every entity, before anything can ask for it.
  return { ...nothing, digest: "", desired: undefined as unknown as EntityStatus["desired"], durations: {} };
}

/** What an operator reads on the workflow's page in the Temporal UI. Markdown. */
function describe({
  state,
  summary,
  actor,
  generation,
  settled,
  owner,
  reasons,
  live,
  candidate,
}: EntityStatus): string {
  const asked = actor ? ` asked for by **${actor.id}** (${actor.via}),` : "";
  const lines = [
    `**${state}** — ${summary}`,
    "",
    `Generation ${generation},${asked} settled ${settled}, stack \`${owner}\`.`,
  ];
  if (reasons.length > 0)
    lines.push("", "Why:", "", ...reasons.map((reason) => `- ${reason.replaceAll("\n", "\n  ")}`));
  for (const [title, value] of [
    ["Live", live],
    ["Candidate", candidate],
  ] as const) {
    if (!value) continue;
    // What it was made from is in the history, and long.
    const { desired: _desired, ...facts } = { desired: undefined, ...value };
    lines.push("", `${title}:`, "", "```json", JSON.stringify(facts, null, 2), "```");
  }
  return lines.join("\n");
}

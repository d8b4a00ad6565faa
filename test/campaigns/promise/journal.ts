/**
 * What ran, read from Temporal's histories and from what the store gained; the planner is not asked.
 * @module
 */
import type { Client as TemporalClient } from "@temporalio/client";
import type { Client as StoreClient } from "minio";
import type { StoreConnection } from "../../../framework/connection/connection.ts";
import { type EntityKind, entityId, type Step, statusMemo, steps } from "../../../framework/engine/entity-names.ts";
import { openClient } from "../../../framework/store/bucket.ts";

type Events = NonNullable<
  Awaited<ReturnType<ReturnType<TemporalClient["workflow"]["getHandle"]>["fetchHistory"]>>["events"]
>;

export interface Ran {
  readonly step: Step | "approve" | "retire";
  /** A definition's name. */
  readonly subject: string;
  /** The beginning of the identity it ran under, as its workflow id has it. @default an approval or a retirement has none */
  readonly identity?: string;
  readonly ended: "completed" | "failed" | "cancelled";
}

export interface Entity {
  readonly kind: EntityKind;
  readonly name: string;
}

/** How far an entity's history has been read. */
interface Mark {
  readonly runId: string;
  readonly events: number;
}

/** The folder of names that each step writes, when it ends well. */
const written: Readonly<Partial<Record<Step, string>>> = {
  ingest: "versions",
  materialise: "training-sets",
  train: "runs",
  tune: "runs",
  evaluate: "evaluations",
};

/** Reads, each time, what is new. */
export class Journal {
  readonly #project: string;
  readonly #engine: TemporalClient;
  readonly #store: StoreClient;
  readonly #bucket: string;
  readonly #marks = new Map<string, Mark>();
  #names: ReadonlySet<string> = new Set();
  #refs: ReadonlyMap<string, string> = new Map();
  /** The ids of all steps that were read, as often as they ran. */
  readonly workflowIds: string[] = [];
  /** The entities that said a wish was superseded, as often as they said it. */
  readonly superseded: string[] = [];

  constructor(project: string, engine: TemporalClient, store: StoreConnection) {
    this.#project = project;
    this.#engine = engine;
    this.#store = openClient(store);
    this.#bucket = store.bucket;
  }

  /** What the entities have had done since they were read last, in no order. */
  async read(entities: readonly Entity[]): Promise<Ran[]> {
    return (await Promise.all(entities.map((entity) => this.#readEntity(entity)))).flat();
  }

  /** What the store gained and no step accounts for, and steps that left nothing; since this was asked last. */
  async findUnexplained(ran: readonly Ran[]): Promise<string[]> {
    const names = new Set((await this.#list("names/")).keys());
    const refs = await this.#list("refs/");
    // The store says its format when it is made ready, which no step does.
    refs.delete("refs/format.json");
    // A dataset's log is its entity's own, and what is told of it: what becomes live stands there, whoever made it.
    // So is how pushed rows are grouped; they themselves come from outside.
    const fresh = [...names].filter(
      (name) => !this.#names.has(name) && !/^names\/((lineage\/)?datasets|pushed(-groups)?)\//.test(name),
    );
    const moved = [...refs].filter(([ref, etag]) => this.#refs.get(ref) !== etag).map(([ref]) => ref);
    this.#names = names;
    this.#refs = refs;
    const done = ran.filter(({ ended }) => ended === "completed");
    return [
      ...[...fresh, ...moved]
        .filter((key) => !done.some((each) => accountsFor(each, key) || namesLineage(each, key)))
        .map((key) => `nothing that ran accounts for "${key}" in the store`),
      ...done
        .filter(({ step }) => step in written || step === "release")
        .filter((each) => ![...names, ...moved].some((key) => accountsFor(each, key)))
        .map(({ step, subject }) => `"${step} ${subject}" ended well and left nothing in the store`),
    ];
  }

  /** The ids of all steps that Temporal lists, open or closed. */
  async listSteps(): Promise<string[]> {
    // A workflow's type is its function's name, which has no hyphen.
    const types = steps
      .map((step) => `"${step.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())}"`)
      .join(",");
    const ids: string[] = [];
    for await (const { workflowId } of this.#engine.workflow.list({
      query: `WorkflowType IN (${types}) AND WorkflowId STARTS_WITH "${this.#project}/"`,
    })) {
      ids.push(workflowId);
    }
    return ids.sort();
  }

  async #readEntity({ kind, name }: Entity): Promise<Ran[]> {
    const id = entityId(this.#project, kind, name);
    const { runId } = await this.#engine.workflow.getHandle(id).describe();
    const mark = this.#marks.get(id);
    const ran = mark && mark.runId !== runId ? await this.#readRun(id, mark, name) : [];
    const from = mark?.runId === runId ? mark : { runId, events: 0 };
    return [...ran, ...(await this.#readRun(id, from, name))];
  }

  async #readRun(id: string, { runId, events: known }: Mark, name: string): Promise<Ran[]> {
    const { events } = await this.#engine.workflow.getHandle(id, runId).fetchHistory();
    const fresh = (events ?? []).slice(known);
    this.#marks.set(id, { runId, events: known + fresh.length });
    return this.#readEvents(fresh, name);
  }

  #readEvents(events: Events, entity: string): Ran[] {
    const ends = new Map<string, Ran["ended"]>();
    for (const event of events) {
      const of = (
        attributes: { readonly workflowExecution?: { readonly runId?: string | null } | null } | null | undefined,
        ended: Ran["ended"],
      ): void => {
        const runId = attributes?.workflowExecution?.runId;
        if (runId) ends.set(runId, ended);
      };
      of(event.childWorkflowExecutionCompletedEventAttributes, "completed");
      of(event.childWorkflowExecutionFailedEventAttributes, "failed");
      of(event.childWorkflowExecutionTimedOutEventAttributes, "failed");
      of(event.childWorkflowExecutionTerminatedEventAttributes, "failed");
      of(event.childWorkflowExecutionCanceledEventAttributes, "cancelled");
    }
    return events.flatMap((event): Ran[] => {
      if (event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name === "approve") {
        return [{ step: "approve", subject: entity, ended: "completed" }];
      }
      if (saysSuperseded(event)) this.superseded.push(entity);
      if (event.workflowExecutionCompletedEventAttributes)
        return [{ step: "retire", subject: entity, ended: "completed" }];
      const { workflowId, runId } = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution ?? {};
      if (!workflowId || !runId) return [];
      this.workflowIds.push(workflowId);
      const ended = ends.get(runId);
      if (!ended) throw new Error(`step ${workflowId} was read while it was under way`);
      return [{ ...parseStep(workflowId), ended }];
    });
  }

  /** Keys of the store, with what tells their content apart. */
  async #list(prefix: string): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for await (const { name, etag } of this.#store.listObjectsV2(this.#bucket, prefix, true)) found.set(name, etag);
    return found;
  }
}

/** Whether a step may have written a key. A package's identity is not in the id of the training that makes it. */
function accountsFor({ step, subject, identity }: Ran, key: string): boolean {
  if (step === "release")
    return key.startsWith(`refs/models/${subject}/`) || /^names\/(serving-plans|request-types)\//.test(key);
  if ((step === "train" || step === "tune") && key.startsWith("names/packages/")) return true;
  // A study is begun, and each of its trials is a run and a record.
  if (step === "tune" && /^names\/(runs|trial|studies)\//.test(key)) return true;
  if (step === "evaluate" && key.startsWith("names/test-reads/")) return true;
  return step !== "approve" && step !== "retire" && key.startsWith(`names/${written[step] ?? step}/${identity}`);
}

/** Whether a step has said what the training set that it built was made from. */
function namesLineage({ step, identity }: Ran, key: string): boolean {
  return step === "materialise" && key.startsWith(`names/lineage/training-sets/${identity}`);
}

/** `shop/train/spending@1f2e3d4c5b6a`. */
function parseStep(workflowId: string): { readonly step: Step; readonly subject: string; readonly identity: string } {
  const [, word, subject, identity] = /^[^/]+\/([^/]+)\/([^@]+)@(.+)$/.exec(workflowId) ?? [];
  const step = steps.find((each) => each === word);
  if (!step || !subject || !identity) throw new Error(`"${workflowId}" is no step's id`);
  return { step, subject, identity };
}

/** Whether an entity's status, kept as its memo, says that a wish was overtaken. */
function saysSuperseded(event: Events[number]): boolean {
  const data = event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields?.[statusMemo]?.data;
  return data !== undefined && data !== null && Buffer.from(data).includes("superseded by a newer wish");
}

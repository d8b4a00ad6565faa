/**
 * The engine as its clients see it: the entity workflows of a stack, asked and told through Temporal.
 * @module
 */
import {
  Client,
  Connection,
  isGrpcDeadlineError,
  isGrpcServiceError,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from "@temporalio/client";
import { ApplicationFailure, defaultPayloadConverter } from "@temporalio/common";
import type { EngineConnection } from "../connection/connection.ts";
import { formatOf } from "../definitions/format.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { admitDocument } from "../definitions/versioned.ts";
import { type EntityKind, entityId, entityTypes, statusMemo, taskQueue } from "./entity-names.ts";
import type { EntityStatus, LiveModel } from "./entity-status.ts";
import {
  type ApplyAnswer,
  type ApplyMessage,
  type DecisionMessage,
  type EntityStart,
  type Heartbeat,
  type IngestMessage,
  messageNames,
  type ReadmitMessage,
  type RetireMessage,
  type RollbackMessage,
  type RolloutMessage,
} from "./messages.ts";
import { searchAttributes } from "./search-attributes.ts";

/** Which entity: a project's dataset, model or endpoint. */
export interface EntityAddress {
  readonly project: string;
  readonly kind: EntityKind;
  readonly name: string;
}

export interface Engine extends AsyncDisposable {
  /** Tells an entity what it shall be, starting it when it does not exist; accepted at once, ready later. */
  apply(entity: EntityAddress, message: ApplyMessage): Promise<ApplyAnswer>;
  approve(entity: EntityAddress, message: DecisionMessage): Promise<void>;
  reject(entity: EntityAddress, message: DecisionMessage): Promise<void>;
  rollback(entity: EntityAddress, message: RollbackMessage): Promise<ApplyAnswer>;
  /** Has a dataset's entity look at its source and take in what is new; accepted at once, done later. */
  ingest(entity: EntityAddress, message: IngestMessage): Promise<ApplyAnswer>;
  /** Puts decisions on a dataset's quarantined rows in force; accepted at once, done later. */
  readmit(entity: EntityAddress, message: ReadmitMessage): Promise<ApplyAnswer>;
  /** Has an endpoint's canary go to its next step. */
  advance(entity: EntityAddress, message: RolloutMessage): Promise<void>;
  /** Takes an endpoint's canary back. */
  abort(entity: EntityAddress, message: RolloutMessage): Promise<void>;
  /** Starts an entity's retirement; answers when that is accepted. */
  retire(entity: EntityAddress, message: RetireMessage): Promise<void>;
  /** What is true of an entity now, asked of its workflow. @returns nothing when there is no such entity */
  status(entity: EntityAddress): Promise<EntityStatus | undefined>;
  /** The latest releases of a model, oldest first, at most 20, asked of its workflow. @returns none where there is no such model */
  releases(entity: EntityAddress): Promise<readonly LiveModel[]>;
  /** The live progress of the step an entity works on, from its heartbeats. @returns nothing when it has none */
  progress(status: EntityStatus): Promise<string | undefined>;
  /** What is true of all entities of a project, read in one listing, without a worker; a second or so behind. */
  list(project: string): Promise<EntityStatus[]>;
  /** The client beneath, for what this face does not offer. */
  readonly client: Client;
  close(): Promise<void>;
}

/** How long a call may take before the engine counts as unreachable. */
const callMilliseconds = 20_000;

/** Connects to a stack's engine. @throws StewardError when nothing answers at its address */
export async function openEngine(engine: EngineConnection): Promise<Engine> {
  const connection = await Connection.connect({ address: engine.address, connectTimeout: 5_000 }).catch(
    (cause: unknown) => {
      throw new StewardError(
        {
          code: "engine-unreachable",
          at: "",
          what: `the workflow engine does not answer at ${engine.address}`,
          fix: "start the stack's services with `npx pulumi up`, and see `npx steward doctor`",
        },
        { cause },
      );
    },
  );
  return createEngine(new Client({ connection, namespace: engine.namespace }), () => connection.close());
}

/** The engine over an open client; `close` closes what the client was made from. */
export function createEngine(client: Client, close: () => Promise<void>): Engine {
  const handleOf = ({ project, kind, name }: EntityAddress) => client.workflow.getHandle(entityId(project, kind, name));

  async function update<Answer>(entity: EntityAddress, name: string, message: object): Promise<Answer> {
    const handle = handleOf(entity);
    return explain(entity, () =>
      bounded(client, () => handle.executeUpdate<Answer, [object]>(name, { args: [withFormat(message)] })),
    );
  }

  return {
    client,
    close,
    [Symbol.asyncDispose]: close,

    apply: (entity, message) => {
      const start: EntityStart = { ...entity, format: formatOf("entity-start") };
      const startWorkflowOperation = new WithStartWorkflowOperation(entityTypes[entity.kind], {
        workflowId: entityId(entity.project, entity.kind, entity.name),
        taskQueue,
        args: [start],
        workflowIdConflictPolicy: "USE_EXISTING",
        workflowIdReusePolicy: "ALLOW_DUPLICATE",
        staticSummary: `${entity.kind} ${entity.name}`,
        typedSearchAttributes: [
          { key: searchAttributes.project, value: entity.project },
          { key: searchAttributes.definition, value: entityKey(entity) },
        ],
      });
      return explain(entity, () =>
        bounded(client, () =>
          client.workflow.executeUpdateWithStart<() => Promise<void>, ApplyAnswer, [ApplyMessage]>(messageNames.apply, {
            args: [withFormat(message)],
            startWorkflowOperation,
          }),
        ),
      );
    },
    approve: (entity, message) => update(entity, messageNames.approve, message),
    reject: (entity, message) => update(entity, messageNames.reject, message),
    rollback: (entity, message) => update(entity, messageNames.rollback, message),
    ingest: (entity, message) => update(entity, messageNames.ingest, message),
    readmit: (entity, message) => update(entity, messageNames.readmit, message),
    advance: (entity, message) => update(entity, messageNames.advance, message),
    abort: (entity, message) => update(entity, messageNames.abort, message),
    retire: (entity, message) => update(entity, messageNames.retire, message),

    async status(entity) {
      try {
        const status = await bounded(client, () => handleOf(entity).query<EntityStatus>(messageNames.status));
        return admitDocument(status, { at: entityKey(entity), name: "entity-status" });
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw explainSilence(entity, error);
      }
    },

    async releases(entity) {
      try {
        return await bounded(client, () => handleOf(entity).query<readonly LiveModel[]>(messageNames.releases));
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return [];
        throw explainSilence(entity, error);
      }
    },

    async progress({ work }) {
      if (!work) return undefined;
      try {
        const { raw } = await bounded(client, () => client.workflow.getHandle(work.workflowId).describe());
        const [payload] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
        return payload ? defaultPayloadConverter.fromPayload<Heartbeat>(payload).line : undefined;
      } catch (error) {
        // A step that has not begun or has just ended has no progress.
        if (error instanceof WorkflowNotFoundError) return undefined;
        throw error;
      }
    },

    async list(project) {
      const types = Object.values(entityTypes)
        .map((type) => `"${type}"`)
        .join(",");
      const query = `WorkflowType IN (${types}) AND ExecutionStatus = "Running" AND WorkflowId STARTS_WITH "${project}/"`;
      const found: EntityStatus[] = [];
      for await (const execution of client.workflow.list({ query, pageSize: 1000 })) {
        const status = execution.memo?.[statusMemo] as EntityStatus | undefined;
        if (status) found.push(admitDocument(status, { at: execution.workflowId, name: "entity-status" }));
      }
      return found.sort((a, b) => (entityKey(a) < entityKey(b) ? -1 : 1));
    },
  };
}

/** A message as it is sent: an entity of an older Steward refuses what it would misread. */
function withFormat<Message extends object>(message: Message): Message {
  return { ...message, format: formatOf("entity-message") };
}

/** `model/late-arrival`: unique in a project. */
function entityKey({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
}

function bounded<T>(client: Client, call: () => Promise<T>): Promise<T> {
  return client.withDeadline(Date.now() + callMilliseconds, call);
}

/** Turns an entity's refusal into a located problem; lets everything else through. */
async function explain<T>(entity: EntityAddress, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const refusal = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    if (refusal instanceof ApplicationFailure && refusal.type === "refused-format")
      throw new StewardError(refusal.details?.[0] as Problem, { cause: error });
    if (refusal instanceof ApplicationFailure && refusal.type?.startsWith("refused")) {
      const fix = refusal.details?.[0];
      throw new StewardError(
        {
          code: refusal.type === "refused-owner" ? "entity-owned-by-another-stack" : "entity-refused",
          at: entityKey(entity),
          what: refusal.message,
          ...(typeof fix === "string" ? { fix } : {}),
        },
        { cause: error },
      );
    }
    if (error instanceof WorkflowNotFoundError) {
      throw new StewardError(
        {
          code: "entity-unknown",
          at: entityKey(entity),
          what: `there is no ${entity.kind} "${entity.name}" in project "${entity.project}"`,
          fix: "`npx steward status` lists what there is",
        },
        { cause: error },
      );
    }
    throw explainSilence(entity, error);
  }
}

/** The error for people when an entity did not answer in time, which is what its worker's absence looks like; else the error itself. */
export function explainSilence(entity: EntityAddress, error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  const hasNoWorker =
    isGrpcServiceError(cause) && cause.code === failedPrecondition && cause.details.includes("poller");
  if (!(error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isGrpcDeadlineError(cause) || hasNoWorker))
    return error;
  return new StewardError(
    {
      code: "entity-silent",
      at: entityKey(entity),
      what: `${entity.kind} "${entity.name}" does not answer`,
      got: `nothing in ${callMilliseconds / 1000} s`,
      fix: "its worker may be down: see `npx steward doctor`; `npx pulumi up` brings it back",
    },
    { cause: error },
  );
}

/** gRPC's code for a query of which the server knows that nobody would take it. */
const failedPrecondition = 9;

/**
 * What datasets, models and endpoints have in common: a durable entity that is told what it shall be, owns what follows,
 * and is asked how far it is.
 * @module
 */
import { z } from "zod";
import { type Connection, connectionSchema } from "../../connection/connection.ts";
import { StewardError } from "../../definitions/problem.ts";
import type { EntityAddress } from "../../engine/engine.ts";
import type { EntityKind } from "../../engine/entity-names.ts";
import type { EntityStatus } from "../../engine/entity-status.ts";
import type { ApplyMessage } from "../../engine/messages.ts";
import { digestOf, digestPattern, shortDigest } from "../../plan/digest.ts";
import { recordCode } from "../../project/code-record.ts";
import type { ProviderStore } from "../backend.ts";
import { messageOf, NotReady } from "../failure.ts";
import {
  type CallContext,
  checkDefinition,
  type Drift,
  definitionReplaceOn,
  type Recorded,
  type ResourceType,
} from "../resource.ts";
import { settle } from "../settle.ts";
import { isKnown, type Properties, type Value } from "../values.ts";

/** The inputs that every entity has. */
export const entityInputs = { project: z.string(), connection: connectionSchema };

interface EntityInputs {
  readonly project: string;
  readonly connection: Connection;
  readonly spec: { readonly name: string };
}

/** What a plan of an entity is made from. */
export interface EntityPlan {
  readonly inputs: Properties;
  /** What the engine says of it now. @default there is no such entity, or the engine cannot be asked */
  readonly live: EntityStatus | undefined;
}

/** What makes one kind of entity different from the others. */
export interface EntityType<Inputs extends EntityInputs> {
  readonly token: string;
  readonly kind: EntityKind;
  readonly schema: z.ZodType<Inputs>;
  /** Puts what the entity needs beside its spec into the store, before it is asked. @default nothing */
  upload?(inputs: Inputs, store: ProviderStore): Promise<void>;
  /** What the entity is asked to be. The spec in it is stored before it is asked. */
  desire(inputs: Inputs): ApplyMessage["desired"];
  /** The outputs that a status stands for. */
  describe(status: EntityStatus, inputs: Inputs): Properties;
  /** Whether a status whose generation has settled is all that was waited for. @default it is */
  isComplete?(status: EntityStatus, inputs: Inputs): boolean;
  /** The outputs that are certain before anything is done. */
  plan(plan: EntityPlan, context: CallContext): Properties;
}

/** Outputs that tell how far something is rather than what it is: they do not count as a difference. */
const passing: ReadonlySet<string> = new Set(["status", "generation"]);

/** Creates the resource type of a kind of entity. */
export function createEntityResource<Inputs extends EntityInputs>(type: EntityType<Inputs>): ResourceType {
  const locate = ({ project, spec }: EntityInputs): EntityAddress => ({ project, kind: type.kind, name: spec.name });

  /** The status, or nothing with a warning when the engine cannot be asked. */
  async function observe(properties: Properties, context: CallContext): Promise<Observation> {
    const address = addressSchema.safeParse(properties);
    if (!address.success) return { reached: true, live: undefined };
    const { connection, ...entity } = address.data;
    try {
      if (!(await context.backend.deployed(connection))) return { reached: true, live: undefined };
      const engine = await context.backend.engine(connection);
      return { reached: true, live: await engine.status(locate({ ...entity, connection })) };
    } catch (error) {
      if (error instanceof StewardError && error.problems.some(({ code }) => code === "format-newer")) throw error;
      context.reporter.warn(
        `The engine cannot be asked about ${type.kind} "${entity.spec.name}", so its last known state is shown: ${messageOf(error)}`,
      );
      return { reached: false, live: undefined };
    }
  }

  return {
    token: type.token,
    replaceOn: definitionReplaceOn,

    check: (inputs, context) => checkDefinition(type.schema, inputs, context),

    identify(inputs) {
      const { project, spec } = addressSchema.parse(inputs);
      return `${project}/${type.kind}/${spec.name}`;
    },

    async drift(recorded, context) {
      // What was asked before, so that a plan can tell what changed.
      if (isKnown(recorded.inputs["spec"] ?? null)) context.seen.add(recorded.inputs["spec"]);
      const { reached, live } = await observe(recorded.inputs, context);
      if (!reached) return [];
      const inputs = type.schema.safeParse(recorded.inputs);
      if (!inputs.success) return [];
      return findDrifts(
        { title: `${type.kind} "${inputs.data.spec.name}"`, recorded, live, owner: inputs.data.connection.owner },
        (status) => type.describe(status, inputs.data),
      );
    },

    async plan(inputs, context) {
      const { live } = await observe(inputs, context);
      return type.plan({ inputs, live }, context);
    },

    async apply(properties, context) {
      const inputs = type.schema.parse(properties);
      const { connection } = inputs;
      const entity = locate(inputs);
      const store = await context.backend.store(connection);
      await type.upload?.(inputs, store);
      await store.putJson(inputs.spec);
      const desired = type.desire(inputs);
      const code = desired.kind === "model" ? await recordCode(await context.code?.(), store) : undefined;
      const engine = await context.backend.engine(connection);
      const message: ApplyMessage = {
        actor: context.actor,
        owner: connection.owner,
        adopt: context.adopt,
        digest: digestOf(desired),
        desired: code && desired.kind === "model" ? { ...desired, code } : desired,
      };
      const { generation } = await engine.apply(entity, message);
      const isSettled = (status: EntityStatus): boolean =>
        status.settled >= generation &&
        status.state !== "working" &&
        (status.state === "failed" || (type.isComplete?.(status, inputs) ?? true));
      const { reporter, cancelled } = context;
      const status = await settle({
        status: () => engine.status(entity),
        progress: (seen) => engine.progress(seen),
        isSettled,
        reporter,
        cancelled,
      });
      const settled = status !== undefined && isSettled(status);
      return conclude({ title: `${type.kind} "${inputs.spec.name}"`, status, settled }, (seen) =>
        type.describe(seen, inputs),
      );
    },

    async read(recorded, context) {
      const { reached, live } = await observe(recorded.inputs, context);
      if (!reached) return recorded.outputs;
      const inputs = type.schema.safeParse(recorded.inputs);
      if (!live || live.state === "retired" || !inputs.success) return undefined;
      return type.describe(live, inputs.data);
    },

    async remove(recorded, context) {
      if (context.abandon) return;
      // The whole schema may have changed since they were recorded, and what is old must not stay for that.
      const inputs = addressSchema.parse(recorded.inputs);
      const engine = await context.backend.engine(inputs.connection);
      try {
        await engine.retire(locate(inputs), { actor: context.actor, owner: inputs.connection.owner });
      } catch (error) {
        if (!(error instanceof StewardError && error.problems.every(({ code }) => code === "entity-unknown")))
          throw error;
      }
    },
  };
}

/** What is needed to find an entity, whatever else its inputs hold. */
const addressSchema = z.object({ ...entityInputs, spec: z.object({ name: z.string() }) });

interface Observation {
  /** Whether the engine has answered. */
  readonly reached: boolean;
  readonly live: EntityStatus | undefined;
}

interface Sight {
  /** `model "late-arrival"`. */
  readonly title: string;
  readonly recorded: Recorded;
  readonly live: EntityStatus | undefined;
  readonly owner: string;
}

/** How an entity differs from what the state says of it, with the reason where a person has to know. Pure. */
function findDrifts(
  { title, recorded, live, owner }: Sight,
  describe: (status: EntityStatus) => Properties,
): readonly Drift[] {
  if (!live) return [{ output: "state", reason: `${title} is not in the engine any more; it will be made again.` }];
  if (live.owner !== owner) return [{ output: "state", reason: `${title} belongs to stack "${live.owner}" now.` }];
  switch (live.state) {
    case "retired":
      return [{ output: "state", reason: `${title} has been retired; it will be made again.` }];
    case "failed":
      return [
        { output: "state", reason: `${title} failed: ${live.reasons.map(endSentence).join(" ")} It will try again.` },
      ];
    case "working":
      return [{ output: "state", reason: `${title} is still at work: ${live.summary}.` }];
    case "ready":
    case "awaiting-approval": {
      const now = describe(live);
      const names = new Set([...Object.keys(now), ...Object.keys(recorded.outputs)]);
      return [...names]
        .filter((name) => !passing.has(name) && !equal(now[name], recorded.outputs[name]))
        .sort()
        .map((output) => ({
          output,
          reason: `${title}: "${output}" is ${show(now[output])} now, the state has ${show(recorded.outputs[output])}.`,
        }));
    }
  }
}

function equal(a: Value | undefined, b: Value | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A value for a line: of a digest, its beginning tells as much. */
function show(value: Value | undefined): string {
  if (typeof value === "string" && digestPattern.test(value)) return shortDigest(value);
  return value === undefined ? "nothing" : (JSON.stringify(value) ?? "unknown");
}

function endSentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

interface Outcome {
  readonly title: string;
  /** The last status seen. */
  readonly status: EntityStatus | undefined;
  /** Whether it is what was waited for; else the wait was cancelled. */
  readonly settled: boolean;
}

/** The outputs of what has settled. Pure. @throws NotReady when it failed, or when the wait for it was cancelled */
function conclude({ title, status, settled }: Outcome, describe: (status: EntityStatus) => Properties): Properties {
  const outputs = status ? describe(status) : {};
  if (!status || !settled) {
    const step = status ? ` while ${status.summary}` : "";
    const reason = `cancelled${step}: the work goes on; run npx pulumi up again to wait for it`;
    throw new NotReady(`The wait for ${title} was ${reason}.`, { outputs, reasons: [reason] });
  }
  switch (status.state) {
    case "ready":
    case "awaiting-approval":
      return outputs;
    case "working":
    case "failed":
    case "retired": {
      const reasons = status.reasons.length > 0 ? status.reasons : [`${title} is ${status.state}: ${status.summary}`];
      throw new NotReady(`${title} is not ready: ${reasons.join(" ")}`, { outputs, reasons });
    }
  }
}

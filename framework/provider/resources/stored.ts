/**
 * What features and training jobs have in common: a spec in the store, named by its digest, and nothing that lives.
 * @module
 */
import { z } from "zod";
import { type Connection, connectionSchema } from "../../connection/connection.ts";
import { referTo } from "../../plan/desired.ts";
import type { Reference } from "../../store/reference.ts";
import type { ProviderStore } from "../backend.ts";
import { checkDefinition, definitionReplaceOn, type ResourceType } from "../resource.ts";
import { type Properties, unknown } from "../values.ts";

/** The inputs that every stored spec has. */
export const storedInputs = { project: z.string(), connection: connectionSchema };

interface StoredInputs {
  readonly project: string;
  readonly connection: Connection;
  readonly spec: { readonly kind: string; readonly name: string };
}

/** What makes one kind of stored spec different from the others. */
export interface StoredType<Inputs extends StoredInputs> {
  readonly token: string;
  readonly schema: z.ZodType<Inputs>;
  /** The outputs beside the spec's own digest and reference, all known before anything is done. @default none */
  plan?(inputs: Inputs): Properties;
  /** Puts what the spec needs beside itself into the store. @default nothing */
  upload?(inputs: Inputs, store: ProviderStore): Promise<void>;
}

/** Creates the resource type of a kind of stored spec. */
export function createStoredResource<Inputs extends StoredInputs>(type: StoredType<Inputs>): ResourceType {
  const describe = (inputs: Inputs): Properties => {
    const reference: Reference = referTo(inputs.spec);
    return { digest: reference.sha256, reference: { ...reference }, ...type.plan?.(inputs) };
  };

  return {
    token: type.token,
    replaceOn: definitionReplaceOn,

    check: (inputs, context) => checkDefinition(type.schema, inputs, context),

    identify(properties) {
      const { project, spec } = type.schema.parse(properties);
      return `${project}/${spec.kind}/${spec.name}`;
    },

    drift: async () => [],

    async plan(properties) {
      const parsed = type.schema.safeParse(properties);
      return parsed.success ? describe(parsed.data) : { digest: unknown, reference: unknown };
    },

    async apply(properties, context) {
      const inputs = type.schema.parse(properties);
      const store = await context.backend.store(inputs.connection);
      await type.upload?.(inputs, store);
      await store.putJson(inputs.spec);
      return describe(inputs);
    },

    read: async (recorded) => recorded.outputs,

    // Objects are shared by their content; collection removes what nothing refers to.
    remove: async () => undefined,
  };
}

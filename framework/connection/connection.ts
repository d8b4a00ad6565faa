/**
 * Where a stack's engine, store and supervisor are: all that a client of the stack needs.
 * @module
 */
import { z } from "zod";

export const storeConnection = z.strictObject({
  /** `http://127.0.0.1:9000`, without a path. */
  endpoint: z.url(),
  region: z.string(),
  accessKey: z.string(),
  /** Secret: never in a state in clear, a log, a history or an error. */
  secretKey: z.string(),
  /** The bucket of objects and refs. */
  bucket: z.string(),
  /** The bucket with object lock, for exported histories. */
  lockedBucket: z.string(),
});

export const engineConnection = z.strictObject({
  /** `127.0.0.1:7233`. */
  address: z.string(),
  namespace: z.string(),
  /** The address of the Temporal UI, for people. */
  ui: z.url(),
});

export const connectionSchema = z.strictObject({
  /** The stack that owns everything behind this connection: `flights/local`. */
  owner: z.string(),
  store: storeConnection,
  engine: engineConnection,
  /** The stack's own folder, where the supervisor of a local platform lives. @default none: another platform runs the services */
  stackFolder: z.string().optional(),
});

/**
 * The services of the local platform that answer at a connection's addresses, by their names under the supervisor. An
 * address alone proves nothing: while a stack is down, another checkout's may have taken its ports.
 */
export const connectedServices = { store: "store", engine: "engine" } as const;

export type StoreConnection = z.output<typeof storeConnection>;
export type EngineConnection = z.output<typeof engineConnection>;
export type Connection = z.output<typeof connectionSchema>;

/**
 * A service: a program that is to be running, described without saying how a platform runs it.
 * @module
 */
import { z } from "zod";

const name = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, "lower-case letters, digits and hyphens, at most 63");

/** How a platform learns that the program serves. All paths answer 2xx when it does. */
export const probe = z.discriminatedUnion("kind", [
  /** `GET http://127.0.0.1:<port><path>`. */
  z.strictObject({ kind: z.literal("http"), port: z.int().min(1).max(65_535), path: z.string().startsWith("/") }),
  /** A TCP connection to the port. */
  z.strictObject({ kind: z.literal("tcp"), port: z.int().min(1).max(65_535) }),
  /**
   * `GET <path>` over the UNIX socket whose path the program finds in `STEWARD_HEALTH_SOCKET`: for programs of which two
   * builds run side by side, where a fixed port would be taken.
   */
  z.strictObject({ kind: z.literal("socket"), path: z.string().startsWith("/") }),
]);

/** A program with its arguments: the first is a name found on PATH or an absolute path. */
const command = z.tuple([z.string().min(1)], z.string());

export const serviceSchema = z.strictObject({
  name,
  command,
  /**
   * Plain variables; the program gets these, the surroundings that `environment.ts` lists (PATH, HOME, caches, proxies,
   * registries) and nothing else of its parent's. It starts in the stack's folder. @default {}
   */
  environment: z.record(z.string(), z.string()).default({}),
  /** Variables that are secret: kept in files only their owner reads, never printed, never in a state in clear. @default {} */
  secrets: z.record(z.string(), z.string()).default({}),
  /** Ports it listens on, by purpose, for messages and for finding who has taken one. @default {} */
  ports: z.record(z.string(), z.int().min(1).max(65_535)).default({}),
  probe,
  /** How long it may take from start to ready, `afterStart` included, in seconds; then it starts anew. @default 60 */
  startSeconds: z.number().positive().default(60),
  /** How long it may take from SIGTERM to its end, in seconds; then SIGKILL. @default 10 */
  stopSeconds: z.number().positive().default(10),
  /**
   * What follows when the description changes. `replace`: stop the old, start the new. `overlap`: start the new beside the
   * old, which goes on as `<name>@<first 8 of its digest>` until it ends by itself with 0, its work drained. Should it end
   * in another way, or its exit code not be known, it starts again. An old description that never was ready is replaced.
   * @default "replace"
   */
  update: z.enum(["replace", "overlap"]).default("replace"),
  /** A command that must succeed before a changed description may take the place of a running one; previews run it too. @default none */
  preflight: command.optional(),
  /**
   * A command run each time the program has become healthy, before it counts as ready; must be idempotent. One that fails
   * runs again every second until `startSeconds` are over. @default none
   */
  afterStart: command.optional(),
  /** Services that must be ready before this one starts. @default [] */
  after: z.array(name).default([]),
});

/** A service as written, defaults left out. */
export type ServiceInput = z.input<typeof serviceSchema>;
/** A service with every default filled in. */
export type Service = z.output<typeof serviceSchema>;
export type Probe = z.output<typeof probe>;

/** What the platform sees of a service, or of an older description of it that drains. */
export interface ServiceStatus {
  /** The service's name; `<name>@<first 8 of the digest>` for an older description. */
  readonly name: string;
  /** The digest of the description that this instance runs. */
  readonly digest: string;
  /**
   * `unhealthy`: it is being stopped, or lives without anyone watching over it. `backing-off`: it starts again by itself.
   * `failed`: so it does, but three runs in a row, or one that used all its `startSeconds`, never became ready, or it waits
   * for a service that has failed. `stopped`: the stack is down.
   */
  readonly state: "starting" | "ready" | "unhealthy" | "backing-off" | "stopped" | "failed";
  /** The process, when one lives. */
  readonly pid?: number;
  /** Restarts since the description was applied. */
  readonly restarts: number;
  /** Since when it is in this state, RFC 3339. */
  readonly since: string;
  /** Why it is not ready: the exit code, the failed probe, the last lines of its log. */
  readonly reason?: string;
  /** Where its output goes. */
  readonly log: string;
}

/**
 * What a supervisor and its clients say to each other: JSON over HTTP over a UNIX socket.
 *
 * | request | answer |
 * |---|---|
 * | `GET /` | `Greeting` |
 * | `GET /services` | the statuses |
 * | `PUT /services/<name>`, a `Service` | its status |
 * | `DELETE /services/<name>` | `null`, when it has ended |
 * | `POST /revive` | the statuses |
 * | `POST /down` | `null`, when everything has ended |
 *
 * What is refused is answered with 4xx and `Refusal`.
 * @module
 */
import { rmSync } from "node:fs";
import { z } from "zod";
import { formats } from "../definitions/format.ts";
import { problemSchema } from "../definitions/problem-schema.ts";
import { findJson } from "./private-file.ts";
import type { ServiceStatus } from "./service.ts";
import type { StackLayout } from "./stack-layout.ts";

/** Raised whenever a client could misunderstand a supervisor of another version, or it the client's declarations. */
export const protocolVersion = formats.supervisor;

const processSchema = z.strictObject({ pid: z.int(), started: z.string(), machine: z.string() });

/** Where a supervisor is to be found: the content of its address file. */
export const addressSchema = z.strictObject({ socket: z.string(), process: processSchema });

/** Removes what tells of a supervisor that has ended: its address and its socket. The caller holds the stack's lock. */
export function clearAddress(layout: StackLayout): void {
  const address = addressSchema.safeParse(findJson(layout.address));
  if (address.success) rmSync(address.data.socket, { force: true });
  rmSync(layout.address, { force: true });
}

/** Who answers. */
export const greetingSchema = z.object({
  protocol: z.int(),
  /** The folder whose services it supervises. */
  folder: z.string(),
  process: processSchema,
  /** Whether it is ending. */
  goingDown: z.boolean(),
});
export type Greeting = z.output<typeof greetingSchema>;

export const statusSchema = z.strictObject({
  name: z.string(),
  digest: z.string(),
  state: z.enum(["starting", "ready", "unhealthy", "backing-off", "stopped", "failed"]),
  pid: z.int().exactOptional(),
  restarts: z.int(),
  since: z.string(),
  reason: z.string().exactOptional(),
  log: z.string(),
}) satisfies z.ZodType<ServiceStatus>;

/** Problems that are the caller's to mend. */
export const refusalSchema = z.strictObject({ problems: z.array(problemSchema) });

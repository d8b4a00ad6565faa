/**
 * A program under supervision, as the supervisor holds it, and as people see it.
 * @module
 */
import { join } from "node:path";
import type { Digest } from "../plan/digest.ts";
import { type Condition, createCondition, runsToFailed } from "./decide.ts";
import { digestService, nameInstance } from "./declaration.ts";
import type { ProgramRecord } from "./program.ts";
import type { Service, ServiceStatus } from "./service.ts";
import type { StackLayout } from "./stack-layout.ts";

/** One description of a service and what runs it. */
export interface Instance {
  /** `worker@1a2b3c4d`. */
  readonly id: string;
  readonly service: Service;
  readonly digest: Digest;
  /** `leaving`: it is to be stopped and then forgotten, because it was removed or replaced. */
  role: "current" | "draining" | "leaving";
  condition: Condition;
  /** The process. @default none is known to live */
  record?: ProgramRecord | undefined;
  /** The size of the log when the process started: what it printed itself begins there. */
  logFrom: number;
  /** Whether an earlier supervisor started the process: it is nobody's child here, its end has to be looked for. */
  adopted: boolean;
  /** Ends a running `afterStart`. @default none runs */
  initialising?: AbortController | undefined;
}

/** An instance that has yet to start. */
export function createInstance(service: Service, role: Instance["role"], now: number): Instance {
  return {
    id: nameInstance(service),
    service,
    digest: digestService(service),
    role,
    condition: createCondition(now),
    logFrom: 0,
    adopted: false,
  };
}

/** The name people know an instance by: the service's own, or that of the old description. */
export function nameForPeople({ role, service, id }: Pick<Instance, "role" | "service" | "id">): string {
  return role === "current" ? service.name : id;
}

/** Where an instance prints. */
export function locateLog(layout: StackLayout, instance: Pick<Instance, "role" | "service" | "id">): string {
  return join(layout.logs, `${instance.role === "draining" ? instance.id : instance.service.name}.log`);
}

/** What the platform sees of an instance. */
export function describeInstance(layout: StackLayout, instance: Instance): ServiceStatus {
  const { condition } = instance;
  const draining =
    instance.role === "draining" && condition.phase === "ready" ? "an older description, draining" : undefined;
  const reason = condition.reason ?? draining;
  return {
    name: nameForPeople(instance),
    digest: instance.digest,
    state: nameState(condition),
    ...(instance.record ? { pid: instance.record.process.pid } : {}),
    restarts: condition.restarts,
    since: new Date(condition.since).toISOString(),
    ...(reason === undefined ? {} : { reason }),
    log: locateLog(layout, instance),
  };
}

function nameState(condition: Condition): ServiceStatus["state"] {
  switch (condition.phase) {
    case "waiting":
      return condition.hopeless ? "failed" : "starting";
    case "launching":
    case "starting":
    case "initialising":
      return "starting";
    case "ready":
      return "ready";
    case "stopping":
      return "unhealthy";
    case "backing-off":
      return condition.fruitless >= runsToFailed ? "failed" : "backing-off";
    case "gone":
      return "stopped";
  }
}

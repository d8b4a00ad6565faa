/**
 * The order in which services start and stop: each after those it names, and back.
 * @module
 */
import { StewardError } from "../definitions/problem.ts";
import type { Wait } from "./decide.ts";

/** What order needs to know of a service. */
export interface Ordered {
  readonly name: string;
  readonly after: readonly string[];
}

/** Services in the order they start: each after those it names, else by name. @throws StewardError for a circle. */
export function sortByOrder<T extends Ordered>(services: readonly T[]): T[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const sorted = new Set<T>();
  const visit = (service: T, path: readonly string[]): void => {
    if (path.includes(service.name)) {
      throw new StewardError({
        code: "service-order-circle",
        at: `${service.name}.after`,
        what: `the "after" of services goes in a circle`,
        got: [...path.slice(path.indexOf(service.name)), service.name].join(" after "),
        expected: "an order in which each can start",
      });
    }
    if (sorted.has(service)) return;
    for (const name of service.after) {
      const earlier = byName.get(name);
      if (earlier) visit(earlier, [...path, service.name]);
    }
    sorted.add(service);
  };
  for (const service of services.toSorted((a, b) => (a.name < b.name ? -1 : 1))) visit(service, []);
  return [...sorted];
}

/** The state of a service by name, as far as it is known. */
export type Readiness = (name: string) => "ready" | "failed" | "not ready" | "not declared";

/** What a service waits for; nothing when all that it comes after is ready. */
export function findWait(service: Ordered, readiness: Readiness): Wait | undefined {
  const open = service.after.map((name) => ({ name, is: readiness(name) })).filter(({ is }) => is !== "ready");
  if (open.length === 0) return undefined;
  const names = open.map(({ name, is }) => (is === "not ready" ? name : `${name} (${is})`));
  return { reason: `waits for ${names.join(", ")}`, hopeless: open.some(({ is }) => is === "failed") };
}

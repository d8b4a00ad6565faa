/**
 * What happens to an endpoint in the campaign: promotions by a new release and by a canary that grows, canaries that are taken back,
 * versions that are, with some of what callers get answered unseen by the next version too. Pure.
 * @module
 */
import { assignVariant } from "../../../framework/serving/variants/assignment.ts";
import { allPoints, type Variant } from "../../../framework/serving/variants/routing.ts";

/** Whose versions there are: each by its number, from 1. */
export interface Releases {
  readonly model: string;
  /** The digests of the packages. */
  readonly packages: readonly string[];
}

/** One change. */
export interface Change {
  readonly kind: "promotion" | "rollback" | "canary";
  /** What the endpoint's routing says from then on. @default callers get what is in production */
  readonly variants: readonly Variant[];
  /** The version that is in production from then on. */
  readonly production: number;
}

/** How many promotions, rollbacks and versions the script has. */
export const promotions = 10;
export const rollbacks = 2;
export const versions = 11;

/** The changes in their order; version 1 is in production before the first. */
export function writeScript(releases: Releases): readonly Change[] {
  const changes: Change[] = [];
  let live = 1;
  for (let next = 2; next <= versions; next++) {
    // Two by a new release alone, the others by way of a canary.
    if (next > 3) {
      for (const weight of [500, 2000 + 100 * next]) changes.push(grow({ live, next, weight }));
      if (next === 6)
        changes.push({ kind: "rollback", production: live, variants: hold(live) }, grow({ live, next, weight: 4000 }));
    }
    changes.push({ kind: "promotion", production: next, variants: next > 3 ? hold(next) : [] });
    if (next === 9) changes.push({ kind: "rollback", production: live, variants: hold(live) });
    else live = next;
  }
  return changes;

  function hold(version: number): readonly Variant[] {
    return [describe("champion", version, allPoints)];
  }

  function grow({ live: own, next, weight }: { live: number; next: number; weight: number }): Change {
    const champion = describe("champion", own, allPoints - weight);
    const canary = { ...describe("canary", next, weight), ...(next % 2 === 0 && { mirror: 1000 }) };
    return { kind: "canary", production: own, variants: [champion, canary] };
  }

  function describe(name: string, version: number, weight: number): Variant {
    return { name, model: releases.model, version, package: releases.packages[version - 1] ?? "", weight };
  }
}

/** What the assignment of a change is salted with: a canary keeps its own to its end. */
export function saltOf({ variants, production }: Change): string {
  return `${variants.at(-1)?.version ?? production}`;
}

/** The package that a unit gets from a change on. */
export function findPackage(change: Change, { packages }: Releases, unit: string): string | undefined {
  if (change.variants.length === 0) return packages[change.production - 1];
  return assignVariant({ salt: saltOf(change), variants: change.variants }, unit)?.package;
}

/**
 * Which ports the local stacks of a user have, in all checkouts: who chooses a port looks here first, since a stack that is
 * down listens on none. One file in the user's cache; a later format gets another name.
 * @module
 */
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { digestOf } from "../plan/digest.ts";
import { findJson, writePrivateJson } from "../supervisor/private-file.ts";
import { locateUserCache } from "../toolchain/cache.ts";
import { withLock } from "../toolchain/lock.ts";

export const portsSchema = z.record(z.string(), z.int().min(1).max(65_535));

/** Ports by their purpose. */
export type Ports = Readonly<Record<string, number>>;

/** The stacks by their folders, links resolved. */
const registrySchema = z.record(z.string(), portsSchema);

/** What the registry says to one stack. */
export interface PortShares {
  /** The stack's own ports. @default it is not registered */
  readonly own?: Ports | undefined;
  /** The ports of all other stacks whose folders are there. */
  readonly others: ReadonlySet<number>;
}

/**
 * Chooses the ports of a stack, one stack after another however many processes ask, and registers them. Stacks whose folders
 * are gone are forgotten. A damaged registry is begun anew.
 */
export async function withPortRegistry(
  stack: {
    readonly folder: string /** The registry's folder. @default the user's cache */;
    readonly registry?: string | undefined;
  },
  choose: (shares: PortShares) => Promise<Ports>,
): Promise<Ports> {
  const { registry = locateUserCache() } = stack;
  const folder = realpathSync(stack.folder);
  mkdirSync(registry, { recursive: true });
  return withLock(join(registry, "ports.lock"), {}, async () => {
    const path = join(registry, "ports.json");
    const read = registrySchema.safeParse(findJson(path)).data ?? {};
    const present = Object.entries(read).filter(([other]) => existsSync(other));
    const others = present.filter(([other]) => other !== folder).flatMap(([, ports]) => Object.values(ports));
    const ports = await choose({ own: read[folder], others: new Set(others) });
    const next = { ...Object.fromEntries(present), [folder]: ports };
    if (digestOf(next) !== digestOf(read)) writePrivateJson(path, next);
    return ports;
  });
}

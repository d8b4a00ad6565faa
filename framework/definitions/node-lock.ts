/**
 * The `package-lock.json` of a TypeScript trainer: which packages it locks, and the part of it that some of them need. Pure.
 * @module
 */
import { z } from "zod";

const dependencies = z.record(z.string(), z.string()).optional();

const lockedPackage = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  /** Whether it is a folder of the project, which no digest covers. */
  link: z.boolean().optional(),
  dependencies,
  optionalDependencies: dependencies,
  peerDependencies: dependencies,
});
type LockedPackage = z.output<typeof lockedPackage>;

const lockSchema = z.looseObject({
  lockfileVersion: z.int().min(2),
  packages: z.record(z.string(), lockedPackage),
});
export type NodeLock = z.output<typeof lockSchema>;

/** Reads a lock; nothing for a text that is none that npm 7 or newer wrote. */
export function readNodeLock(text: string): NodeLock | undefined {
  try {
    return lockSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** What a lock has of the packages that are imported. */
export interface LockedPart {
  /** A lock of these packages and of what they need, as npm reads it; its digest changes with nothing else. */
  readonly lock: NodeLock;
  /** The packages that it lacks, or has without the digest of their bytes, sorted. */
  readonly unlocked: readonly string[];
}

/** Cuts out of a lock what the packages of these names need. */
export function cutLock(lock: NodeLock, names: readonly string[]): LockedPart {
  const kept = new Map<string, LockedPackage>();
  const unlocked = new Set<string>();
  const keep = (name: string, from: string, isNeeded: boolean): void => {
    const path = resolvePackage(lock, name, from);
    const found = path === undefined ? undefined : lock.packages[path];
    if (path === undefined || !found || found.link || !found.integrity) {
      if (isNeeded || found) unlocked.add(name);
      return;
    }
    if (kept.has(path)) return;
    kept.set(path, asDependency(found));
    for (const each of Object.keys(found.dependencies ?? {})) keep(each, path, true);
    // Those of other platforms and those nobody installed are not there, and not missed.
    for (const each of Object.keys({ ...found.optionalDependencies, ...found.peerDependencies }))
      keep(each, path, false);
  };
  for (const name of names) keep(name, "", true);
  const direct = names.flatMap((name) => {
    const version = kept.get(`node_modules/${name}`)?.version;
    return version === undefined ? [] : [[name, version] as const];
  });
  const root = { dependencies: Object.fromEntries(direct.sort()) };
  const packages = Object.fromEntries([["", root], ...[...kept].sort(([a], [b]) => (a < b ? -1 : 1))]);
  return { lock: { lockfileVersion: lock.lockfileVersion, packages }, unlocked: [...unlocked].sort() };
}

/** Where Node finds a package that is imported by the one at `from`. */
function resolvePackage(lock: NodeLock, name: string, from: string): string | undefined {
  const path = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
  if (Object.hasOwn(lock.packages, path)) return path;
  if (from === "") return undefined;
  const above = from.slice(0, Math.max(0, from.lastIndexOf("node_modules/") - 1));
  return resolvePackage(lock, name, above);
}

/** A package as one that the trainer needs, whatever it is to the project. */
function asDependency({ dev: _dev, devOptional: _devOptional, ...rest }: LockedPackage): LockedPackage {
  return rest;
}

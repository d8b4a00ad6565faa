/**
 * What a dataset's entity decides, on plain data. Pure.
 * @module
 */
import type { VersionedMessage } from "../../framework/engine/messages.ts";
import type { Ask, DatasetMemory, ReadAgain, Roots, UpstreamVersion } from "./messages.ts";

/** One look for two that were asked for: it reads again whatever one of them wants read again. */
export function joinAsks(before: Ask | undefined, next: Ask): Ask {
  if (!before) return next;
  const again = joinRanges(before.again, next.again);
  const person = next.actor ?? before.actor;
  return {
    why: person ? "asked" : next.why,
    ...(person && { actor: person }),
    ...(again && { again }),
  };
}

/** The smallest range that covers two: it is open where one of them is. What orders rows is compared as text, or as numbers. */
function joinRanges(a: ReadAgain | undefined, b: ReadAgain | undefined): ReadAgain | undefined {
  if (!a || !b) return a ?? b;
  const from = a.from === undefined || b.from === undefined ? undefined : isBelow(a.from, b.from) ? a.from : b.from;
  const to = a.to === undefined || b.to === undefined ? undefined : isBelow(a.to, b.to) ? b.to : a.to;
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

function isBelow(a: string, b: string): boolean {
  const [first, second] = [Number(a), Number(b)];
  return Number.isNaN(first) || Number.isNaN(second) ? a < b : first < second;
}

/** What is known of the upstream after a message: of two versions of a dataset the later number counts, however late it is told. */
export function hearOfVersion(
  known: DatasetMemory["upstream"] = {},
  { dataset, version }: VersionedMessage,
): NonNullable<DatasetMemory["upstream"]> {
  const before = known[dataset]?.number;
  const isOld = before !== undefined && version.number !== undefined && version.number < before;
  return isOld ? known : { ...known, [dataset]: version };
}

/** The roots of the versions that are live upstream, by name; and the datasets of which there is none. */
export function findRoots(
  names: readonly string[],
  known: Readonly<Record<string, UpstreamVersion>> = {},
): { readonly roots: Roots; readonly missing: readonly string[] } {
  const found = names.map((name) => [name, known[name]?.root] as const);
  return {
    roots: Object.fromEntries(found.flatMap(([name, root]) => (root === undefined ? [] : [[name, root]]))),
    missing: found.flatMap(([name, root]) => (root === undefined ? [name] : [])),
  };
}

/** The datasets whose live version is another than the one that the latest ingest was made from. */
export function findNews({ upstream = {}, tried }: DatasetMemory): readonly string[] {
  if (!tried) return [];
  return Object.keys(upstream).filter((name) => {
    const root = upstream[name]?.root;
    return root !== undefined && root !== tried[name];
  });
}

/** `"1,200 rows, 3 quarantined"`. */
export function describeRows({ rows, quarantined }: { readonly rows: number; readonly quarantined: number }): string {
  const apart = quarantined > 0 ? `, ${quarantined.toLocaleString("en")} quarantined` : "";
  return `${rows.toLocaleString("en")} rows${apart}`;
}

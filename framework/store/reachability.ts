/**
 * Reachability: which objects of a store somebody may still ask for, and which nothing refers to any more. Pure.
 * @module
 */
import type { Digest } from "../plan/digest.ts";

/** An object, as far as it matters for what is kept. */
export interface ObjectNode {
  readonly sha256: Digest;
  /** In bytes. */
  readonly size: number;
  /** When it was written last, RFC 3339. */
  readonly modified: string;
  /** What it is, for the report: the name of its format, `part`, `file`. */
  readonly kind: string;
  /** The format that it says, as it lies there: `dataset-version/1`. @default it says none */
  readonly format?: string;
  /** What it refers to. Some of it may be no object: digests also name other things. */
  readonly refersTo: readonly Digest[];
}

/** Everything in a store that has to be known to say what nothing needs. */
export interface ObjectGraph {
  readonly objects: ReadonlyMap<Digest, ObjectNode>;
  /** What is needed for itself: what names, refs and entities refer to. */
  readonly roots: Iterable<Digest>;
  /** Kinds that are kept whoever refers to them. */
  readonly lasting: ReadonlySet<string>;
  /** What was written since is kept, RFC 3339: a step may be about to name it. */
  readonly since: string;
}

/** Every object that can be reached from roots, from lasting objects and from young ones. */
export function findReachable({ objects, roots, lasting, since }: ObjectGraph): Set<Digest> {
  const reached = new Set<Digest>();
  const left: Digest[] = [...roots];
  for (const { sha256, kind, modified } of objects.values())
    if (lasting.has(kind) || Date.parse(modified) >= Date.parse(since)) left.push(sha256);
  for (let digest = left.pop(); digest !== undefined; digest = left.pop()) {
    const object = objects.get(digest);
    if (!object || reached.has(digest)) continue;
    reached.add(digest);
    // Not spread: a document may refer to more objects than a call takes arguments.
    for (const next of object.refersTo) left.push(next);
  }
  return reached;
}

/** What nothing reaches, in the order in which it is to be removed: what refers to others before what it refers to. */
export function findCollectable(graph: ObjectGraph): ObjectNode[] {
  const reached = findReachable(graph);
  const unreached = [...graph.objects.values()].filter(({ sha256 }) => !reached.has(sha256));
  // A removal that is cut off must leave no document whose parts are gone.
  const roots = unreached.map(({ sha256 }) => sha256);
  return orderByReference(new Map(unreached.map((object) => [object.sha256, object])), roots);
}

/** Each object before those that it refers to; references by digests have no circles. */
function orderByReference(objects: ReadonlyMap<Digest, ObjectNode>, roots: readonly Digest[]): ObjectNode[] {
  const after: ObjectNode[] = [];
  const seen = new Set<Digest>();
  for (const root of roots) {
    const path: { readonly object: ObjectNode; next: number }[] = [];
    const enter = (digest: Digest) => {
      const object = objects.get(digest);
      if (!object || seen.has(digest)) return;
      seen.add(digest);
      path.push({ object, next: 0 });
    };
    enter(root);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.object.refersTo[top.next++];
      if (next !== undefined) enter(next);
      else after.push((path.pop() ?? top).object);
    }
  }
  return after.reverse();
}

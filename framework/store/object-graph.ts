/**
 * Reading what objects refer to: every document is looked through for digests, wherever they stand in it, so that a field
 * that is new here loses nothing. Too much may be kept that way, never too little.
 * @module
 */
import { formats } from "../definitions/format.ts";
import { admitDocument } from "../definitions/versioned.ts";
import { type Digest, digestPattern } from "../plan/digest.ts";
import type { StoredObject } from "./inventory.ts";
import type { ObjectNode } from "./reachability.ts";
import type { Store } from "./store.ts";

/** Kinds of objects that are known by their bytes alone. */
const kinds = { table: "table", file: "file", unknown: "document of unknown format" } as const;

/** What is no document itself, by the format of what refers to it and the way there: it need not be looked into. */
const leafKinds: Readonly<Record<string, string>> = {
  "dataset-version files.parts.object": "part",
  "dataset-version files.parts.profile": "dataset-profile",
  "dataset-version files.quarantine.object": "quarantined rows",
  "dataset-page files.parts.object": "part",
  "dataset-page files.parts.profile": "dataset-profile",
  "dataset-page files.quarantine.object": "quarantined rows",
  "training-set splits.train.object": "split",
  "training-set splits.validation.object": "split",
  "training-set splits.test.object": "split",
  "run onnx": "onnx",
  "run log": "log of a training",
  "model-package onnx": "onnx",
  "trainer files.object": "file of a trainer",
  // These name versions and parts by their digests, and must not keep what retention gives up.
  "lineage-documents openlineage": "lineage event",
  "lineage-documents croissant": "description for catalogues",
};

/** Objects that are looked at at once. */
const atOnce = 32;

/**
 * What was decided stands in exported histories by the digests of these, which are small and are kept for ever; so is what
 * says a format that is not known here.
 */
export const lastingKinds: ReadonlySet<string> = new Set([
  "dataset",
  "features",
  "training-job",
  "model",
  "endpoint",
  "trainer",
  kinds.unknown,
]);

/** Every digest in a JSON value, as a text or as a key. */
export function findDigests(value: unknown, found: Set<Digest> = new Set()): Set<Digest> {
  if (typeof value === "string") {
    if (digestPattern.test(value)) found.add(value);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (digestPattern.test(key)) found.add(key);
      findDigests(inner, found);
    }
  }
  return found;
}

/**
 * Reads the graph of all objects, beginning at roots. Documents are read, of everything else the first bytes at most.
 *
 * @throws StewardError when a document is damaged, or was written by a newer Steward: then nothing can be said for certain
 */
export async function readObjectGraph(
  store: Pick<Store, "inventory" | "getBytes">,
  roots: Iterable<Digest>,
): Promise<Map<Digest, ObjectNode>> {
  const listed = new Map<Digest, StoredObject>();
  for await (const object of store.inventory.objects()) listed.set(object.sha256, object);
  const graph = new Map<Digest, ObjectNode>();
  const leaves = new Map<Digest, string>();

  const look = async (object: StoredObject): Promise<void> => {
    const leaf = leaves.get(object.sha256);
    const seen = leaf === undefined ? await readObject(store, object) : { kind: leaf, refersTo: [], leaves: [] };
    for (const [digest, kind] of seen.leaves) leaves.set(digest, kind);
    const { leaves: _leaves, ...node } = seen;
    graph.set(object.sha256, { ...object, ...node });
  };
  const lookAll = async (objects: readonly StoredObject[]): Promise<void> => {
    for (let start = 0; start < objects.length; start += atOnce)
      await Promise.all(objects.slice(start, start + atOnce).map(look));
  };
  // In breadth, so that the parts of a version are known for what they are before they are looked at.
  let front = new Set(roots);
  while (front.size > 0) {
    const objects = [...front].flatMap((digest) => (graph.has(digest) ? [] : (listed.get(digest) ?? [])));
    await lookAll(objects);
    front = new Set(objects.flatMap(({ sha256 }) => graph.get(sha256)?.refersTo ?? []));
  }
  // Small first: what refers to others is mostly smaller than what it refers to.
  const others = [...listed.values()].filter(({ sha256 }) => !graph.has(sha256));
  await lookAll(others.sort((a, b) => a.size - b.size));
  // Of what nothing needs, some was looked at before what refers to it.
  for (const [digest, kind] of leaves) {
    const object = graph.get(digest);
    if (object && object.kind !== kind) graph.set(digest, { ...object, kind });
  }
  return graph;
}

interface SeenObject extends Pick<ObjectNode, "kind" | "format" | "refersTo"> {
  /** What it refers to that is no document, with its kind. */
  readonly leaves: readonly (readonly [Digest, string])[];
}

async function readObject(store: Pick<Store, "inventory" | "getBytes">, object: StoredObject): Promise<SeenObject> {
  const begin = (await store.inventory.peek(object.sha256, 4))?.toString("latin1") ?? "";
  if (begin === "PAR1") return { kind: kinds.table, refersTo: [], leaves: [] };
  const plain = { kind: kinds.file, refersTo: [], leaves: [] };
  if (!begin.startsWith("{")) return plain;
  const bytes = await store.getBytes(object);
  try {
    return describeDocument(JSON.parse(bytes.toString("utf8")), object.sha256);
  } catch (error) {
    // Its bytes are what its name says: whoever wrote it wrote no document.
    if (error instanceof SyntaxError) return plain;
    throw error;
  }
}

/** What a document is and refers to. Pure. @throws StewardError when a newer Steward wrote it */
export function describeDocument(document: unknown, at: string): SeenObject {
  const refersTo = [...findDigests(document)];
  const format = formatSaid(document);
  if (format === undefined) return { kind: kinds.file, refersTo, leaves: [] };
  const [name = ""] = format.split("/");
  const kind = Object.hasOwn(formats, name) ? name : kinds.unknown;
  const leaves: [Digest, string][] = [];
  findLeaves(admitDocument(document, { at }), name, leaves);
  return { kind, format, refersTo, leaves };
}

/** What a JSON object says of its format, where it looks like one of Steward's. */
function formatSaid(document: unknown): string | undefined {
  const { format } = typeof document === "object" && document !== null ? (document as { format?: unknown }) : {};
  return typeof format === "string" && /^[a-z-]+\/[1-9]\d*$/.test(format) ? format : undefined;
}

/** `path` begins with the name of the format, and has no indices. */
function findLeaves(value: unknown, path: string, leaves: [Digest, string][]): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) findLeaves(item, path, leaves);
    return;
  }
  const kind = leafKinds[path];
  const { sha256 } = value as { readonly sha256?: unknown };
  if (kind !== undefined && typeof sha256 === "string") leaves.push([sha256, kind]);
  for (const [key, inner] of Object.entries(value))
    findLeaves(inner, path.includes(" ") ? `${path}.${key}` : `${path} ${key}`, leaves);
}

/**
 * Pushed batches: what of them stands in the store. The rows are an object by digest; a write-once name says that they came,
 * under the key that whoever sent them gave them, so that a batch that is sent twice is there once.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import { versioned } from "../../definitions/versioned.ts";
import { digestBytes } from "../../plan/digest.ts";
import { type Reference, referenceSchema } from "../../store/reference.ts";

export const pushedBatchSchema = versioned("pushed-batch", {
  dataset: z.string(),
  /** One JSON object a line, after an empty line: so the bytes are never taken for a document of the store. */
  object: referenceSchema,
  rows: z.int().min(1),
  /** When it came, RFC 3339. */
  at: z.string(),
});

export type PushedBatch = z.output<typeof pushedBatchSchema>;

/** What the names of batches begin with. */
export const pushedPrefix = "pushed/";

/** What a batch needs of the store. */
export interface BatchStore {
  putBytes(bytes: Uint8Array): Promise<Reference>;
  writeOnce(name: string, value: unknown): Promise<{ readonly created: boolean; readonly value: unknown }>;
}

export interface Sent {
  readonly dataset: string;
  /** What whoever sends calls the batch; a secret may be in it, so that only its digest is kept. */
  readonly key: string;
  /** One JSON object each, in one line. */
  readonly lines: readonly string[];
  /** RFC 3339. */
  readonly at: string;
}

/** The write-once name of a batch. */
function batchName(dataset: string, key: string): string {
  return `${pushedPrefix}${dataset}/${digestBytes(key)}`;
}

/**
 * Takes a batch into the store. It is there for good, once and whole, when this is resolved.
 * @returns the batch as it was taken first; nothing where the key was given to other rows before
 */
export async function keepBatch(
  store: BatchStore,
  { dataset, key, lines, at }: Sent,
): Promise<PushedBatch | undefined> {
  const object = await store.putBytes(encodeLines(lines));
  const batch = { format: formatOf("pushed-batch"), dataset, object, rows: lines.length, at } as const;
  const { value } = await store.writeOnce(batchName(dataset, key), batch);
  const kept = pushedBatchSchema.parse(value);
  return kept.object.sha256 === object.sha256 ? kept : undefined;
}

function encodeLines(lines: readonly string[]): Buffer {
  return Buffer.from(`\n${lines.join("\n")}\n`);
}

/** The lines of a batch's object. */
export function decodeLines(bytes: Buffer): string[] {
  return bytes.toString("utf8").split("\n").filter(Boolean);
}

/**
 * The bytes of artifacts: taken from a request into the store, and read from it again. Any bytes are taken as they are, and nothing
 * here looks into them.
 * @module
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { nameArtefact } from "../../store/artefacts.ts";
import type { Reference } from "../../store/reference.ts";
import { errorCode } from "../../store/store-error.ts";
import { TrackingFailure } from "../tracking-failure.ts";
import type { TrackingStore } from "../tracking-tools.ts";

/** Up to this size bytes are held in memory, in bytes. */
const smallSize = 256 * 2 ** 10;
/** The largest artifact, in bytes: the largest object that S3 takes. */
const largest = 5 * 2 ** 40;
/** What a request fails with whose sender went away; any other failure is one of this machine. */
const breaks = new Set(["ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE", "ABORT_ERR", "HPE_INVALID_EOF_STATE"]);

/**
 * Stores the body of a request.
 *
 * A write-once name keeps the object: what nothing in the store refers to is removed after a day, and Postgres is not in the store.
 *
 * @throws TrackingFailure `BAD_REQUEST` for a body that breaks off, `REQUEST_TOO_LARGE` for one that no store takes
 */
export async function takeBytes(store: TrackingStore, request: IncomingMessage): Promise<Reference> {
  const size = Number(request.headers["content-length"] ?? Number.NaN);
  if (size > largest) throw new TrackingFailure("REQUEST_TOO_LARGE", "an artifact has at most 5 TiB");
  const object = size <= smallSize ? await takeSmall(store, request) : await takeLarge(store, request);
  await nameArtefact(store, `tracking/artifacts/${object.sha256}`, object.sha256);
  return object;
}

/** Opens an object to read it; it is checked against its digest before the first byte is given. */
export async function openBytes(store: TrackingStore, object: Reference): Promise<Readable> {
  if (object.size <= smallSize) return Readable.from([await store.getBytes(object)], { objectMode: false });
  return createReadStream(await store.fetchFile(object));
}

/** Who sends more than it says is cut off by Node. */
async function takeSmall(store: TrackingStore, request: IncomingMessage): Promise<Reference> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    throw brokenOff();
  }
  return store.putBytes(Buffer.concat(chunks));
}

async function takeLarge(store: TrackingStore, request: IncomingMessage): Promise<Reference> {
  const folder = await mkdtemp(join(tmpdir(), "steward-artifact-"));
  try {
    const file = join(folder, "artifact");
    await pipeline(request, createWriteStream(file, { mode: 0o600 })).catch((error: unknown) => {
      throw breaks.has(errorCode(error)) ? brokenOff() : error;
    });
    return await store.putFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function brokenOff(): TrackingFailure {
  return new TrackingFailure("BAD_REQUEST", "the body broke off");
}

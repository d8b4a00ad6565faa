/**
 * A bucket as a source: what of S3 it takes to list objects and to read them as they were listed, with time limits, retries,
 * and errors for people.
 * @module
 */
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Client } from "minio";
import { StewardError } from "../../../definitions/problem.ts";
import { openClient } from "../../../store/bucket.ts";
import { requireRoom } from "../../../toolchain/system-failure.ts";
import type { FetchOptions } from "../../source-files.ts";
import { receive } from "../receive.ts";
import { PassingFailure, retry } from "../retry.ts";
import { failureCode, isPassingCode } from "../unreachable-server.ts";
import { type BucketPlace, describeChangedObject, explainBucketFailure } from "./bucket-problem.ts";
import { type ListedObject, readListing, readVersions } from "./object-listing.ts";

export interface SourceBucketOptions {
  readonly place: BucketPlace;
  /** Both empty where nobody in particular reads. */
  readonly accessKey: string;
  readonly secretKey: string;
  /** Waits between tries, in milliseconds. @default 0.2, 1 and 5 s */
  readonly pauses?: readonly number[] | undefined;
}

const defaultPauses = [200, 1_000, 5_000];
/** A page has a thousand keys of at most 1024 bytes, each of which may be written as three characters. */
const mostListing = 32_000_000;
/** What a store answers when it has too much to do. */
const busy = new Set(["SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "ServerBusy"]);
/** That what was asked for is not there, or is another by now. */
const changed = new Set(["PreconditionFailed", "NoSuchKey", "NoSuchVersion", "NotFound", "MethodNotAllowed"]);

interface Question {
  /** @default the bucket itself */
  readonly key?: string;
  /** What follows the `?`, its parts in order. @default nothing */
  readonly query?: string;
  /** @default none */
  readonly headers?: Record<string, string>;
}

/** A bucket that is a source. Every method throws a StewardError when the store does not answer, refuses or fails. */
export class SourceBucket {
  readonly #options: SourceBucketOptions;

  constructor(options: SourceBucketOptions) {
    this.#options = options;
  }

  /** All objects whose keys begin with a prefix. */
  async list(prefix: string, signal?: AbortSignal): Promise<readonly ListedObject[]> {
    const objects: ListedObject[] = [];
    let token = "";
    do {
      const asked = token;
      const parts = ["encoding-type=url", "list-type=2", "max-keys=1000", `prefix=${escapeQuery(prefix)}`];
      if (asked !== "") parts.unshift(`continuation-token=${escapeQuery(asked)}`);
      const query = parts.join("&");
      const page = await this.#try(signal, async (client) => {
        const read = readListing(await readText(await this.#ask(client, { query })));
        // The same page twice would be the same forever.
        return read === undefined || read.next === asked ? this.#failPassingly("no listing of objects") : read;
      });
      objects.push(...page.objects);
      token = page.next ?? "";
    } while (token !== "");
    return objects;
  }

  /** What lies at a key, or nothing. Its bytes are asked for and left: a HEAD is not told why it is refused. */
  async look(key: string, signal?: AbortSignal): Promise<ListedObject | undefined> {
    return this.#try(signal, async (client) => {
      const answer = await this.#ask(client, { key }).catch((error: unknown) => {
        if (["NoSuchKey", "NotFound"].includes(failureCode(error))) return undefined;
        throw error;
      });
      answer?.destroy();
      const object = answer && { key, ...factsOf(answer) };
      // Without both, other bytes would be taken for the same.
      const isKnown = object === undefined || (object.etag !== "" && Number.isSafeInteger(object.size));
      return isKnown ? object : this.#failPassingly("no etag or no size of the object");
    });
  }

  /**
   * Brings an object to a file as it was listed.
   * @returns the path of the file
   * @throws StewardError `source-changed` when it is no longer to be had so
   */
  async fetch(object: ListedObject, folder: string, { signal, onProgress }: FetchOptions): Promise<string> {
    const { size: total } = object;
    requireRoom(folder, total);
    const path = join(folder, "incoming");
    await this.#try(signal, async (client, own) => {
      const answer = await this.#open(client, object);
      const onBytes = (_: Uint8Array, done: number): void =>
        onProgress?.({ phase: "fetching", done, total, unit: "bytes" });
      const onEnd = (done: number): void => {
        if (done !== total) this.#failPassingly(`${done} of ${total} bytes`);
      };
      await receive(answer, path, { onBytes, onEnd, signal: own });
    });
    return path;
  }

  /** The answer with an object's bytes: of what lies at its key, else of an older version that the bucket keeps. */
  async #open(client: Client, object: ListedObject): Promise<Answer> {
    const { key, etag } = object;
    const now = await this.#openAs(client, object, { key, headers: { "if-match": `"${etag}"` } });
    if (now) return now;
    const version = await this.#findVersion(client, object);
    const then =
      version === undefined
        ? undefined
        : await this.#openAs(client, object, { key, query: `versionId=${escapeQuery(version)}` });
    if (then) return then;
    throw new StewardError(describeChangedObject(this.#options.place, key));
  }

  /** Nothing when what is there is not the object; a store may not know the condition. */
  async #openAs(client: Client, object: ListedObject, question: Question): Promise<Answer | undefined> {
    const answer = await this.#ask(client, question).catch((error: unknown) => {
      if (changed.has(failureCode(error))) return undefined;
      throw error;
    });
    if (!answer) return undefined;
    const { etag, size } = factsOf(answer);
    if (etag === object.etag && size === object.size) return answer;
    answer.destroy();
    return undefined;
  }

  /** The version of an object, where the bucket keeps versions and says so to whoever reads. */
  async #findVersion(client: Client, { key, etag, size }: ListedObject): Promise<string | undefined> {
    const query = `encoding-type=url&max-keys=1000&prefix=${escapeQuery(key)}&versions`;
    try {
      const versions = readVersions(await readText(await this.#ask(client, { query }))) ?? [];
      return versions.find((one) => one.key === key && one.etag === etag && one.size === size)?.version;
    } catch (error) {
      if (isPassing(error)) throw error;
      return undefined;
    }
  }

  async #ask(client: Client, { key, query, headers = {} }: Question): Promise<Answer> {
    const { bucket: bucketName } = this.#options.place;
    return client.makeRequestAsync({
      method: "GET",
      bucketName,
      headers,
      ...(key !== undefined && { objectName: key }),
      ...(query !== undefined && { query }),
    });
  }

  /** A client for each piece of work, as what ends it is the client's: to open one asks nothing of anybody. */
  async #try<T>(
    signal: AbortSignal | undefined,
    work: (client: Client, signal?: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { place, accessKey, secretKey, pauses = defaultPauses } = this.#options;
    const { endpoint, region } = place;
    return retry(
      async (own) => {
        try {
          return await work(openClient({ endpoint, region, accessKey, secretKey }, own), own);
        } catch (error) {
          throw this.#explain(error);
        }
      },
      { pauses, signal },
    );
  }

  #explain(error: unknown): unknown {
    if (error instanceof StewardError || error instanceof PassingFailure) return error;
    const code = this.#wordOf(failureCode(error));
    if (isPassing(error)) return this.#passing(code || "too much to do");
    const { region: said, amzBucketRegion = said } = error as { region?: unknown; amzBucketRegion?: unknown };
    const region = this.#wordOf(String(amzBucketRegion ?? ""));
    const problem = explainBucketFailure({ code, region: region || undefined }, this.#options.place);
    // What the client says beside the code may quote what was sent.
    return problem ? new StewardError(problem) : error;
  }

  /** What a store says in one word. Anything else is not shown, nor what it was sent. */
  #wordOf(said: string): string {
    const { accessKey } = this.#options;
    return /^[\w.-]{1,64}$/.test(said) && (accessKey === "" || !said.includes(accessKey)) ? said : "";
  }

  #failPassingly(got: string): never {
    throw this.#passing(got);
  }

  #passing(got: string): PassingFailure {
    const { at, file, endpoint } = this.#options.place;
    return new PassingFailure({
      code: "source-unreachable",
      at,
      file,
      what: `The store of the source at ${endpoint} fails again and again`,
      got,
      fix: "try again later, and see how the store does",
    });
  }
}

type Answer = Readable & { readonly headers: Record<string, string | string[] | undefined> };

function isPassing(error: unknown): boolean {
  const code = failureCode(error);
  if (isPassingCode(code) || busy.has(code)) return true;
  // The client says some statuses in words alone; and so does Node a connection that ends before an answer.
  return error instanceof Error && /Retryable HTTP status|socket hang up/.test(error.message);
}

function factsOf({ headers }: Answer): { readonly etag: string; readonly size: number } {
  return { etag: String(headers["etag"] ?? "").replaceAll('"', ""), size: Number(headers["content-length"]) };
}

function escapeQuery(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

async function readText(answer: Answer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > mostListing) break;
    chunks.push(chunk);
  }
  return size > mostListing ? "" : Buffer.concat(chunks).toString("utf8");
}

/**
 * A bucket: the few requests of S3 that the store is made of, with time limits, retries, and errors for people.
 * @module
 */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { buffer as readBuffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientOptions } from "minio";
import { z } from "zod";
import type { StoreConnection } from "../connection/connection.ts";
import { errorCode, isPassing, type StorePlace, toStoreError } from "./store-error.ts";

/** What the store knows of an object without reading it. */
export interface ObjectFacts {
  /** In bytes. */
  readonly size: number;
  /** The version of what lies there, with its quotes. */
  readonly etag: string;
  /** What its writer said its digest is. @default its writer said nothing */
  readonly sha256?: string;
}

/** The condition of a write: only where nothing lies, or only over the version with this etag. */
type WriteCondition = "absent" | { readonly etag: string };

interface ListedObject {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  /** RFC 3339. */
  readonly modified: string;
}

/** An upload in parts that was begun and not completed. */
export interface ListedUpload {
  readonly key: string;
  readonly id: string;
  /** When it was begun, RFC 3339. */
  readonly begun: string;
}

/** A store that says nothing for this long is taken for dead, in milliseconds. */
const silence = 60_000;
/** What a store answers of a key that it did not remove. */
const removalError = z.object({ Code: z.string(), Message: z.string().default("") });
/** S3 takes at most this many keys in one removal. */
const mostRemoved = 1_000;
/** Waits before the next try of a request that may succeed a moment later, in milliseconds; each is drawn from half to whole. */
const pauses = [100, 400, 1_600];

/** Statuses at which the client throws without reading the answer to its end. */
const unread = new Set([408, 429, 499, 500, 502, 503, 504, 520]);

/**
 * Opens an S3 client that prints nothing, retries nothing by itself and gives up on a silent server.
 * @param signal ends every request of the client. @default nothing does
 */
export function openClient(
  connection: Pick<StoreConnection, "endpoint" | "region" | "accessKey" | "secretKey">,
  signal?: AbortSignal,
): Client {
  const url = new URL(connection.endpoint);
  const secure = url.protocol === "https:";
  const send = secure ? httpsRequest : httpRequest;
  const watched = (...[options, ...rest]: unknown[]): ClientRequest => {
    const ended = signal ? { ...(options as object), signal } : options;
    const request: ClientRequest = Reflect.apply(send, undefined, [ended, ...rest]);
    // A connection whose answer nobody reads is neither used again nor closed.
    request.on("response", (answer) => {
      if (unread.has(answer.statusCode ?? 0)) answer.resume();
    });
    request.setTimeout(silence, () => {
      request.destroy(Object.assign(new Error(`nothing heard for ${silence / 1000} s`), { code: "ETIMEDOUT" }));
    });
    return request;
  };
  const options: ClientOptions = {
    endPoint: url.hostname,
    useSSL: secure,
    region: connection.region,
    accessKey: connection.accessKey,
    secretKey: connection.secretKey,
    transport: { request: watched },
    retryOptions: { disableRetry: true },
  };
  if (url.port !== "") options.port = Number(url.port);
  return new Client(options);
}

export interface BucketOptions {
  readonly client: Client;
  /** For errors. */
  readonly endpoint: string;
  readonly name: string;
  /** What every request waits for; what it throws, the request throws. @default nothing */
  readonly before?: () => Promise<unknown>;
}

/** One bucket of a store. Every method throws a StewardError when the store does not answer, refuses or fails. */
export class Bucket {
  readonly name: string;
  readonly #client: Client;
  readonly #endpoint: string;
  readonly #before: () => Promise<unknown>;

  constructor({ client, endpoint, name, before = async () => undefined }: BucketOptions) {
    this.#client = client;
    this.#endpoint = endpoint;
    this.#before = before;
    this.name = name;
  }

  /** Where a key of this bucket is, for errors. */
  place(key?: string): StorePlace {
    const bucket = { endpoint: this.#endpoint, bucket: this.name };
    return key === undefined ? bucket : { ...bucket, key };
  }

  /** What lies at a key, or nothing. */
  async head(key: string): Promise<ObjectFacts | undefined> {
    return this.#try(key, async () => {
      const response = await this.#client
        .makeRequestAsyncOmit({ method: "HEAD", bucketName: this.name, objectName: key })
        .catch(absentAsNothing);
      return response && factsOf(response.headers);
    });
  }

  /**
   * Hands what lies at a key to a reader, whose result is returned; the reader is called anew when the connection breaks.
   * Nothing when nothing lies there; `unchanged` when it still has the etag `unless`.
   */
  async read<T>(
    key: string,
    reader: (body: Readable, facts: ObjectFacts) => Promise<T>,
    unless?: string,
  ): Promise<T | "unchanged" | undefined> {
    return this.#try(key, async () => {
      const headers = unless === undefined ? {} : { "if-none-match": unless };
      const response = await this.#client
        .makeRequestAsync({ method: "GET", bucketName: this.name, objectName: key, headers }, "", [200, 304])
        .catch(absentAsNothing);
      if (response?.statusCode === 304) {
        response.resume();
        return "unchanged";
      }
      return response && (await reader(response, factsOf(response.headers)));
    });
  }

  /** Writes bytes at a key; `refused` when the condition does not hold. */
  async write(
    key: string,
    bytes: Buffer,
    options: { condition?: WriteCondition; sha256?: string },
  ): Promise<"written" | "refused"> {
    const { condition } = options;
    // A bucket with a default retention takes no object without a checksum of its bytes.
    const headers: Record<string, string> = { ...metadata(options.sha256), "content-md5": digestMd5(bytes) };
    if (condition === "absent") headers["if-none-match"] = "*";
    else if (condition) headers["if-match"] = condition.etag;
    return this.#try(key, async () => {
      try {
        await this.#client.makeRequestAsyncOmit(
          { method: "PUT", bucketName: this.name, objectName: key, headers },
          bytes,
        );
        return "written";
      } catch (error) {
        // Stores differ: 412, 409 when two writes race, 404 for an If-Match where nothing lies.
        const lost = [
          "PreconditionFailed",
          "ConditionalRequestConflict",
          ...(condition === "absent" ? [] : ["NoSuchKey"]),
        ];
        if (condition && lost.includes(errorCode(error))) return "refused";
        throw error;
      }
    });
  }

  /**
   * Writes a file in parts, in at most `partSize` bytes of memory. `onPart` sees the bytes of each part before it is sent;
   * `confirm` is called when all are sent, and what it throws takes the upload back.
   */
  async writeParts(
    key: string,
    path: string,
    options: { partSize: number; sha256: string; onPart: (bytes: Buffer) => void; confirm: () => void },
  ): Promise<void> {
    const bucketName = this.name;
    const uploadID = await this.#try(key, () =>
      this.#client.initiateNewMultipartUpload(bucketName, key, metadata(options.sha256)),
    );
    const file = await open(path);
    try {
      const parts: { part: number; etag: string }[] = [];
      const buffer = Buffer.allocUnsafe(options.partSize);
      for (let partNumber = 1; ; partNumber++) {
        const bytes = await readFully(file, buffer);
        if (bytes.length === 0) break;
        options.onPart(bytes);
        const part = { bucketName, objectName: key, uploadID, partNumber, headers: {} };
        parts.push(await this.#try(key, () => this.#client.uploadPart(part, bytes)));
      }
      options.confirm();
      await this.#try(key, () => this.#client.completeMultipartUpload(bucketName, key, uploadID, parts));
    } catch (error) {
      // The store drops an upload that nobody completes; a failure to say so must not hide the first one.
      await this.#client.abortMultipartUpload(bucketName, key, uploadID).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Everything under a prefix, in the order of keys, page by page. */
  async *list(prefix: string): AsyncGenerator<ListedObject> {
    for await (const object of this.#list(prefix, ""))
      if (object.name !== undefined)
        yield { key: object.name, size: object.size, modified: new Date(object.lastModified ?? 0).toISOString() };
  }

  /** What stands before the next slash of the keys under a prefix, each once, in order: however much lies there, it is passed over. */
  async *listFolders(prefix: string): AsyncGenerator<string> {
    for await (const { prefix: found } of this.#list(prefix, "/"))
      if (found !== undefined) yield found.slice(prefix.length, -1);
  }

  async *#list(prefix: string, delimiter: string) {
    let token = "";
    do {
      const page = await this.#try(prefix, () =>
        this.#client.listObjectsV2Query(this.name, prefix, token, delimiter, 1000, ""),
      );
      yield* page.objects;
      token = page.isTruncated ? page.nextContinuationToken : "";
    } while (token !== "");
  }

  /** The first bytes of what lies at a key, or nothing. @param start where they begin. @default 0 */
  async peek(key: string, length: number, start = 0): Promise<Buffer | undefined> {
    return this.#try(key, async () => {
      const headers = { range: `bytes=${start}-${start + length - 1}` };
      const response = await this.#client
        .makeRequestAsync({ method: "GET", bucketName: this.name, objectName: key, headers }, "", [200, 206])
        .catch(absentAsNothing);
      return response && (await readBuffer(response)).subarray(0, length);
    });
  }

  /** Removes what lies at keys; nothing lying there is no error. */
  async remove(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += mostRemoved) {
      const some = keys.slice(start, start + mostRemoved);
      await this.#try(some[0], async () => {
        const [refused] = z.array(removalError).parse(await this.#client.removeObjects(this.name, [...some]));
        if (refused) throw Object.assign(new Error(refused.Message), { code: refused.Code });
      });
    }
  }

  /** The uploads in parts that nobody has completed. A store may forget some: they go by themselves there. */
  async *uploads(): AsyncGenerator<ListedUpload> {
    for (let marker: string | undefined = ""; marker !== undefined; ) {
      const from: string = marker;
      const page = await this.#try(undefined, () =>
        this.#client.listIncompleteUploadsQuery(this.name, "", from, "", ""),
      );
      for (const { key, uploadId: id, initiated } of page.uploads) yield { key, id, begun: initiated.toISOString() };
      marker = page.isTruncated && page.nextKeyMarker > from ? page.nextKeyMarker : undefined;
    }
  }

  /** Gives an upload up; one that is gone is no error. */
  async abort({ key, id }: Pick<ListedUpload, "key" | "id">): Promise<void> {
    await this.#try(key, () =>
      this.#client.abortMultipartUpload(this.name, key, id).catch((error: unknown) => {
        if (errorCode(error) !== "NoSuchUpload") throw error;
      }),
    );
  }

  /** Makes the bucket unless it is there. */
  async ensure(options: { lock: boolean }): Promise<void> {
    await this.#try(undefined, async () => {
      if (await this.#client.bucketExists(this.name)) return;
      try {
        await this.#client.makeBucket(this.name, this.#client.region ?? "", { ObjectLocking: options.lock });
      } catch (error) {
        // Somebody else has made it in the meantime.
        if (!["BucketAlreadyOwnedByYou", "BucketAlreadyExists"].includes(errorCode(error))) throw error;
      }
    });
  }

  /** Runs other requests of the client about this bucket, with this bucket's retries and errors. */
  async ask<T>(request: (client: Client) => Promise<T>): Promise<T> {
    return this.#try(undefined, () => request(this.#client));
  }

  async #try<T>(key: string | undefined, request: () => Promise<T>): Promise<T> {
    await this.#before();
    for (let attempt = 0; ; attempt++) {
      try {
        return await request();
      } catch (error) {
        const pause = pauses[attempt];
        if (pause === undefined || !isPassing(error)) throw toStoreError(error, this.place(key));
        await sleep(pause * (0.5 + Math.random() / 2));
      }
    }
  }
}

function metadata(sha256: string | undefined): Record<string, string> {
  return sha256 === undefined ? {} : { "x-amz-meta-sha256": sha256 };
}

function digestMd5(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("base64");
}

function factsOf(headers: Record<string, string | string[] | undefined>): ObjectFacts {
  const facts = { size: Number(headers["content-length"]), etag: String(headers["etag"]) };
  const sha256 = headers["x-amz-meta-sha256"];
  return typeof sha256 === "string" ? { ...facts, sha256 } : facts;
}

function absentAsNothing(error: unknown): undefined {
  // A HEAD has no body to say which thing is missing: NotFound.
  if (["NoSuchKey", "NotFound"].includes(errorCode(error))) return undefined;
  throw error;
}

async function readFully(file: Awaited<ReturnType<typeof open>>, buffer: Buffer): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/**
 * A server's answer as a source.
 *
 * Its fingerprint is the digest of its bytes, as that of a file on this machine, whatever the server says of them: what the server
 * says, its etag or the time of the last change, is remembered beside the digest only to learn that nothing has changed without
 * reading the bytes. So it never depends on which server answered, nor on what is remembered.
 * @module
 */
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { StewardError } from "../../definitions/problem.ts";
import { supplyInput } from "../../definitions/source-inputs.ts";
import type { SourceSpec } from "../../definitions/spec.ts";
import type { Reference } from "../../store/reference.ts";
import { locateUserCache } from "../../toolchain/cache.ts";
import { formatBytes, requireRoom } from "../../toolchain/system-failure.ts";
import { describeListing } from "../fingerprint.ts";
import { type MemoryPlace, recallFingerprints, rememberFingerprints } from "../fingerprint-memory.ts";
import { allowDisk } from "../reader/disk.ts";
import type { FetchOptions, SourceListing } from "../source-files.ts";
import { type AnswerCache, openAnswerCache } from "./http/answer-cache.ts";
import type { Patience } from "./http/ask.ts";
import { explainFailure, type OpenedAnswer, type OpenOptions, openAnswer } from "./http/open-answer.ts";
import { describeEndless, describeOtherBytes, describeSilence, type SourcePlace } from "./http/server-problem.ts";
import { askUnless, isRemembered, readStamp, readValidators, writeStamp } from "./http/validators.ts";
import type { SourceAccess } from "./list-files.ts";
import { nameReceived, receive } from "./receive.ts";
import { PassingFailure, retry } from "./retry.ts";

type HttpSource = Extract<SourceSpec, { readonly kind: "http" }>;

/** How a server is asked. */
export interface HttpSettings {
  /** Where digests and what was read are kept. @default the user's cache of Steward */
  readonly cacheFolder?: string;
  /** How much of what was read is kept, in bytes, and at least what was read last. @default 4 GB */
  readonly cacheBytes?: number;
  /** @default 10 s to connect, 60 s of silence */
  readonly patience?: Patience;
  /** Waits between tries, in milliseconds. @default 0.2, 1 and 5 s */
  readonly pauses?: readonly number[];
  /** How much may be written for a file whose size the server does not say, in bytes. @default as much as a reader may write for a small file */
  readonly mostBytes?: number;
}

const defaults: Required<Pick<HttpSettings, "cacheBytes" | "patience" | "pauses">> = {
  cacheBytes: 4_000_000_000,
  patience: { connect: 10_000, silence: 60_000 },
  pauses: [200, 1_000, 5_000],
};

/**
 * Looks at what a server gives. Where the source declares the digest, nothing is asked of the server before the bytes are wanted.
 * @throws StewardError when it does not give the file
 */
export async function listAnswer(
  source: HttpSource,
  access: SourceAccess,
  settings: HttpSettings = {},
): Promise<SourceListing> {
  const server = new FileServer(source, access, settings);
  const { sha256, size } =
    source.sha256 === undefined ? await server.look(access.signal) : { sha256: source.sha256, size: 0 };
  const fetch = (folder: string, options: FetchOptions): Promise<string> =>
    server.fetch({ sha256, size }, folder, options);
  return describeListing([{ name: "", fingerprint: sha256, size, fetch }]);
}

class FileServer {
  readonly #source: HttpSource;
  readonly #place: SourcePlace;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #settings: typeof defaults & Pick<HttpSettings, "mostBytes">;
  readonly #memory: MemoryPlace;
  readonly #cache: AnswerCache;

  constructor(source: HttpSource, { spec, location, inputs }: SourceAccess, settings: HttpSettings) {
    const { url, headers = {} } = source;
    this.#source = source;
    this.#place = { at: `${spec.name}.source`, file: location };
    this.#headers = Object.fromEntries(
      Object.entries(headers).map(([name, reference]) => [name, supplyInput(reference, inputs)]),
    );
    const { cacheFolder = locateUserCache(), ...others } = settings;
    this.#settings = { ...defaults, ...others };
    // Who asks may matter to what is given: what is sent is part of the place, by the names of the inputs.
    this.#memory = { folder: join(cacheFolder, "fingerprints"), location: JSON.stringify({ url, headers }) };
    this.#cache = openAnswerCache(join(cacheFolder, "answers"), this.#settings.cacheBytes);
  }

  /** The digest of what the server gives now. Read are the bytes only where what is remembered of them does not tell. */
  async look(signal: AbortSignal | undefined): Promise<Reference> {
    const known = (await recallFingerprints(this.#memory)).get("");
    const validators = known && readStamp(known.stamp);
    return this.#try(signal, async (own) => {
      const unless = validators && { address: validators.address, headers: askUnless(validators) };
      const { answer, address } = await this.#open(own, unless);
      const { statusCode, headers } = answer;
      if (known && validators && (statusCode === 304 || isRemembered(validators, { address, headers }))) {
        answer.destroy();
        return { sha256: known.sha256, size: validators.size };
      }
      const taken = await this.#cache.take((path) => this.#receive(answer, path, { signal: own }));
      const hasHeaders = Object.keys(this.#headers).length > 0;
      const told = readValidators(headers, { address, size: taken.size, hasHeaders });
      const files = told ? [{ name: "", stamp: writeStamp(told), sha256: taken.sha256 }] : [];
      await rememberFingerprints(this.#memory, files);
      return taken;
    });
  }

  /** Brings the bytes of a digest to a file. @throws StewardError `source-changed` when the server gives others */
  async fetch({ sha256, size }: Reference, folder: string, options: FetchOptions): Promise<string> {
    const path = join(folder, "incoming");
    if (!(await this.#cache.put(sha256, path))) await this.#fetchAnew({ sha256, size }, path, options);
    const { pathname: name } = new URL(this.#source.url);
    return nameReceived(path, { folder, name, format: this.#source.format });
  }

  async #fetchAnew({ sha256: expected }: Reference, path: string, options: FetchOptions): Promise<void> {
    const { signal } = options;
    const { sha256: got } = await this.#try(signal, async (own) => {
      const { answer } = await this.#open(own);
      return this.#receive(answer, path, { ...options, signal: own });
    });
    if (got === expected) return;
    await rm(path, { force: true });
    const isDeclared = this.#source.sha256 !== undefined;
    throw new StewardError(describeOtherBytes({ got, expected, isDeclared }, this.#place));
  }

  #open(signal: AbortSignal | undefined, unless?: OpenOptions["unless"]): Promise<OpenedAnswer> {
    const { patience } = this.#settings;
    return openAnswer(this.#source.url, { place: this.#place, headers: this.#headers, unless, patience, signal });
  }

  async #receive(answer: IncomingMessage, path: string, { signal, onProgress }: FetchOptions): Promise<Reference> {
    const declared = answer.headers["content-length"];
    const total = declared === undefined ? undefined : Number(declared);
    const most = await this.#allow(path, total);
    const hash = createHash("sha256");
    const onBytes = (chunk: Uint8Array, done: number): void => {
      if (done > most) throw new StewardError(describeEndless(formatBytes(most), this.#place));
      hash.update(chunk);
      onProgress?.({ phase: "fetching", done, ...(total !== undefined && { total }), unit: "bytes" });
    };
    const onEnd = (done: number): void => {
      if (total !== undefined && done !== total)
        throw new PassingFailure(describeSilence(`${done} of ${total} bytes`, this.#place));
    };
    const size = await receive(answer, path, { onBytes, onEnd, signal });
    return { sha256: hash.digest("hex"), size };
  }

  /** How much may be written: what the server says will come, where there is room for it. */
  async #allow(path: string, total: number | undefined): Promise<number> {
    if (total === undefined) return this.#settings.mostBytes ?? (await allowDisk(path, []));
    requireRoom(path, total);
    return total;
  }

  async #try<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal | undefined) => Promise<T>): Promise<T> {
    const { pauses } = this.#settings;
    const explained = (own: AbortSignal | undefined): Promise<T> =>
      work(own).catch((error: unknown) => {
        throw error instanceof PassingFailure ? error : explainFailure(error, this.#place);
      });
    return retry(explained, { pauses, signal });
  }
}

/**
 * Files elsewhere: objects of a bucket, and what a server answers. They stand in the place of a path.
 * @module
 */
import type { Input } from "./input.ts";
import { readOptions } from "./options.ts";
import type { SourceSpec } from "./spec.ts";

/** Files elsewhere, before their format is said. */
export type RemoteFiles = Omit<S3Source, "format"> | Omit<HttpSource, "format">;

type S3Source = Extract<SourceSpec, { readonly kind: "s3" }>;
type HttpSource = Extract<SourceSpec, { readonly kind: "http" }>;

/** Where a bucket is, and who reads it. */
export interface S3Options {
  /**
   * The address of the store.
   * @default Amazon's, of the region
   * @example "https://minio.example.org:9000"
   */
  readonly endpoint?: string;
  /**
   * The region of the bucket.
   * @default "us-east-1"
   * @example "eu-central-1"
   */
  readonly region?: string;
  /**
   * Who reads, as inputs of the stack, which should hold them as secrets.
   * @default nobody in particular: the objects are public
   * @example { accessKey: input("lake.access-key"), secretKey: input("lake.secret-key") }
   */
  readonly credentials?: { readonly accessKey: Input; readonly secretKey: Input };
}

/**
 * Objects of a bucket, of S3 or of a store that speaks as it does. An object is read again when its etag or its size is
 * another than before. What was listed is what is read: an object that was replaced meanwhile is read as it was where the
 * bucket keeps versions, and refuses the ingest where it does not. Who reads may list the bucket and get its objects.
 *
 * @param address `s3://<bucket>/<key>`, of which the key may be a pattern, as a path's
 * @example
 * parquet(s3("s3://lake/flights/*.parquet", { endpoint: "https://minio.example.org:9000" }))
 */
export function s3(address: string, options: S3Options = {}): Omit<S3Source, "format"> {
  const [, bucket = "", path = ""] = /^s3:\/\/([^/]*)\/(.*)$/su.exec(String(address)) ?? [];
  const { credentials, ...others } = readOptions(options);
  return {
    kind: "s3",
    bucket,
    path,
    ...others,
    ...(credentials && {
      credentials: { accessKey: referTo(credentials.accessKey), secretKey: referTo(credentials.secretKey) },
    }),
  };
}

/** What is asked of a server. */
export interface HttpOptions {
  /**
   * What the bytes must be as the server stores them, as a SHA-256 in hexadecimal. The server is then asked for the file only
   * when it is taken in.
   * @default whatever the server gives
   * @example "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
   */
  readonly sha256?: string;
  /**
   * What is sent with each request, by the names of headers; the values are inputs of the stack.
   * @default nothing
   * @example { authorization: input("lake.token") }
   */
  readonly headers?: Readonly<Record<string, Input>>;
}

/**
 * A file that a server gives over HTTP or HTTPS, compressed with gzip or not. It is known by the digest of its bytes; a strong
 * etag, or the time of its last change, spares reading them when nothing has changed, nor where the address leads. Up to five
 * redirects are followed, and `headers` are sent to the server of the address alone. A server that is busy is asked again.
 *
 * @param url of one file; without a user or password in it
 * @example
 * csv(http("https://data.example.org/weather.csv.gz", { sha256: "9f86d0…" }))
 */
export function http(url: string, options: HttpOptions = {}): Omit<HttpSource, "format"> {
  const { headers, ...others } = readOptions(options);
  const sent = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), referTo(value)] as const);
  return { kind: "http", url, ...others, ...(headers && { headers: Object.fromEntries(sent) }) };
}

/** The reference that a spec keeps of an input; what is none stays as it is, for the check of the shape. */
export function referTo(given: Input): string {
  return (given as Partial<Input> | undefined)?.kind === "input"
    ? `input:${given.input}`
    : (given as unknown as string);
}

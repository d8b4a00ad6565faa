/**
 * What is said when a bucket cannot be read as a source: by whom, why, and what to do. Never a credential: of what a store says only
 * its code is shown. Pure.
 * @module
 */
import type { Problem } from "../../../definitions/problem.ts";
import { isUnreachable } from "../unreachable-server.ts";

/** Where a bucket is that is a source. */
export interface BucketPlace {
  /** The source, for problems. */
  readonly at: string;
  /** What people are told of the source. */
  readonly file: string;
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Whether requests are signed. */
  readonly isSigned: boolean;
}

/** A request that failed. */
export interface BucketFailure {
  /** The store's code, or the operating system's. */
  readonly code: string;
  /** The region in which the store says that the bucket is. @default it does not say */
  readonly region?: string | undefined;
}

const refusals = new Set([
  "AccessDenied",
  "AllAccessDisabled",
  "AuthorizationHeaderMalformed",
  "ExpiredToken",
  "Forbidden",
  "InvalidAccessKeyId",
  "InvalidToken",
  "SignatureDoesNotMatch",
]);
/** That a bucket is elsewhere. Of these AuthorizationHeaderMalformed may mean other things; then no region is said. */
const elsewhere = new Set(["PermanentRedirect", "MovedPermanently", "TemporaryRedirect", "InvalidRegion"]);

/** Explains a request that failed. @returns nothing when it is no failure of the store or of the way to it */
export function explainBucketFailure({ code, region }: BucketFailure, place: BucketPlace): Problem | undefined {
  const { at, file, endpoint, bucket } = place;
  const where = { at, file };
  if (isUnreachable(code)) {
    return {
      code: "source-unreachable",
      ...where,
      what: `The store of the source at ${endpoint} does not answer`,
      got: code,
      fix: "check the endpoint, and that the worker reaches it",
    };
  }
  if (code === "NoSuchBucket") {
    return {
      code: "source-missing",
      ...where,
      what: `The store at ${endpoint} has no bucket "${bucket}"`,
      fix: "correct the bucket or the endpoint of the source, or make the bucket",
    };
  }
  if (elsewhere.has(code) || (region !== undefined && region !== place.region)) {
    return {
      code: "source-refused",
      ...where,
      what: `The bucket "${bucket}" is in another region than the source says`,
      got: place.region,
      ...(region !== undefined && { expected: region }),
      fix: 'correct "region" of the source',
    };
  }
  if (refusals.has(code)) {
    const fix = place.isSigned
      ? "check the inputs that the credentials name, and that they may list the bucket and read its objects"
      : 'say with "credentials" who reads: whoever asks may not';
    return { code: "source-refused", ...where, what: `The store at ${endpoint} refuses the request`, got: code, fix };
  }
  if (code === "RequestTimeTooSkewed") {
    return {
      code: "source-refused",
      ...where,
      what: `The store at ${endpoint} takes the request for an old one`,
      got: code,
      fix: "set the clock of the worker's machine",
    };
  }
  if (code === "InvalidObjectState") {
    return {
      code: "source-refused",
      ...where,
      what: "The object lies in an archive",
      got: code,
      fix: "restore it from there, and try again",
    };
  }
  if (code === "") return undefined;
  return { code: "source-refused", ...where, what: `The store at ${endpoint} could not do what was asked`, got: code };
}

/** What is said of a key, or of all that a pattern could take, where there is no object. */
export function describeNoObject({ at, file }: Pick<BucketPlace, "at" | "file">, isMany: boolean): Problem {
  return {
    code: "source-missing",
    at,
    file,
    what: isMany ? "The pattern of a source finds no object" : "There is no object of the key",
    fix: "put it there, or correct the address of the source",
  };
}

/** What is said of a folder in the place of an object. */
export function describeFolder({ at, file }: Pick<BucketPlace, "at" | "file">, folder: string): Problem {
  return {
    code: "source-missing",
    at,
    file,
    what: `The pattern of a source takes "${folder}", which has objects below it`,
    got: "a folder",
    fix: 'name the objects in it: "folder/*.parquet"',
  };
}

/** What is said of an object that is no longer as it was listed. */
export function describeChangedObject({ at, file }: Pick<BucketPlace, "at" | "file">, key: string): Problem {
  return {
    code: "source-changed",
    at,
    file,
    what: `The object "${key}" was replaced or removed after it was listed`,
    fix: "ingest again: what is there then becomes the version; a bucket that keeps versions is read as it was listed",
  };
}

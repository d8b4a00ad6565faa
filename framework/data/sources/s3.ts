/**
 * Objects of a bucket as a source.
 *
 * An object's fingerprint is of its etag and its size. Both follow from its bytes and from how they were sent, and from nothing of the
 * bucket: the same bytes put again, or copied elsewhere, are not read again, though a bucket that keeps versions calls them a new one. A
 * listing has both, a thousand keys a request; what an object's version is called it does not say, and that is asked only when what was
 * listed has been replaced meanwhile.
 * @module
 */
import { type Problem, StewardError } from "../../definitions/problem.ts";
import { supplyInput } from "../../definitions/source-inputs.ts";
import { isPattern } from "../../definitions/source-pattern.ts";
import type { SourceSpec } from "../../definitions/spec.ts";
import { digestOf } from "../../plan/digest.ts";
import { sortByName } from "../find-source-files.ts";
import { describeListing } from "../fingerprint.ts";
import type { RemoteFile, SourceListing } from "../source-files.ts";
import type { SourceAccess } from "./list-files.ts";
import { nameReceived } from "./receive.ts";
import { describeFolder, describeNoObject } from "./s3/bucket-problem.ts";
import { matchKey, parseKeyPattern } from "./s3/matching-keys.ts";
import type { ListedObject } from "./s3/object-listing.ts";
import { SourceBucket } from "./s3/source-bucket.ts";

type S3Source = Extract<SourceSpec, { readonly kind: "s3" }>;

/** How many problems of a listing are told. */
const mostProblems = 20;

/**
 * Lists the objects of a source: the one of its key, or all that its pattern takes.
 * @throws StewardError when the store cannot be asked, or has no such object
 */
export async function listObjects(
  source: S3Source,
  access: SourceAccess,
  settings: { readonly pauses?: readonly number[] } = {},
): Promise<SourceListing> {
  const place = placeOf(access);
  const bucket = openSourceBucket(source, access, settings);
  const open = (name: string, object: ListedObject): RemoteFile => ({
    name,
    fingerprint: digestOf({ etag: object.etag, size: object.size }),
    size: object.size,
    fetch: async (folder, options) => {
      const path = await bucket.fetch(object, folder, options);
      return nameReceived(path, { folder, name: object.key, format: source.format });
    },
  });
  if (!isPattern(source.path)) {
    const object = await bucket.look(source.path, access.signal);
    if (!object) throw new StewardError(describeNoObject(place, false));
    return describeListing([open("", object)]);
  }
  const pattern = parseKeyPattern(source.path);
  const objects = await bucket.list(pattern.prefix, access.signal);
  // As with paths, what an object is called means that object, whatever characters it has.
  const named = objects.find(({ key }) => key === source.path);
  if (named) return describeListing([open("", named)]);
  const files = new Map<string, RemoteFile>();
  const folders = new Map<string, Problem>();
  for (const object of objects) {
    const match = matchKey(pattern, object.key);
    if (!match) continue;
    if ("file" in match) files.set(match.file, open(match.file, object));
    else folders.set(match.folder, describeFolder(place, match.folder));
  }
  if (folders.size > 0) throw new StewardError([...folders.values()].slice(0, mostProblems));
  if (files.size === 0) throw new StewardError(describeNoObject(place, true));
  return describeListing(sortByName([...files.values()]));
}

function openSourceBucket(
  source: S3Source,
  access: SourceAccess,
  { pauses }: { readonly pauses?: readonly number[] },
): SourceBucket {
  const { bucket, credentials, region = "us-east-1" } = source;
  const supply = (reference: string | undefined): string =>
    reference === undefined ? "" : supplyInput(reference, access.inputs);
  const endpoint = source.endpoint ?? locateAmazon(region);
  return new SourceBucket({
    place: { ...placeOf(access), endpoint, region, bucket, isSigned: credentials !== undefined },
    accessKey: supply(credentials?.accessKey),
    secretKey: supply(credentials?.secretKey),
    pauses,
  });
}

/** Where Amazon serves a region. Not left to the client, which knows no region that is younger than it. */
function locateAmazon(region: string): string {
  return `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

function placeOf({ spec, location }: SourceAccess): { readonly at: string; readonly file: string } {
  return { at: `${spec.name}.source`, file: location };
}

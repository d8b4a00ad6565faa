/**
 * The listings of a bucket, as S3 writes them. Read here, since what reads XML in general makes a number of a key like `007`.
 * Pure.
 * @module
 */

/** An object as a listing has it. */
export interface ListedObject {
  readonly key: string;
  /** What changes with its bytes, without quotes. */
  readonly etag: string;
  /** In bytes. */
  readonly size: number;
}

/** An object as it is, or as it was before it was replaced or removed. */
export interface ListedVersion extends ListedObject {
  readonly version: string;
}

/** A page of a listing. */
export interface ListingPage<T> {
  readonly objects: readonly T[];
  /** Where the next page goes on. @default this was the last one */
  readonly next?: string;
}

/** Reads a page of the objects of a bucket. @returns nothing when it is no such page */
export function readListing(xml: string): ListingPage<ListedObject> | undefined {
  if (!xml.includes("<ListBucketResult")) return undefined;
  const objects = readAll(xml, "Contents", readObject);
  const next = fieldOf(xml, "NextContinuationToken");
  const isLast = fieldOf(xml, "IsTruncated") !== "true";
  // Of a page that goes on and does not say where, the rest would be missed.
  if (!objects || (!isLast && next === "")) return undefined;
  return isLast ? { objects } : { objects, next };
}

/** Reads a page of the versions of objects, the latest of a key first; only the first page of a key is asked for. */
export function readVersions(xml: string): readonly ListedVersion[] | undefined {
  if (!xml.includes("<ListVersionsResult")) return undefined;
  return readAll(xml, "Version", (entry, isEncoded) => {
    const object = readObject(entry, isEncoded);
    const version = fieldOf(entry, "VersionId");
    return object && version ? { ...object, version } : undefined;
  });
}

type ReadEntry<T> = (entry: string, isEncoded: boolean) => T | undefined;

/** Nothing when one entry is not what it must be. */
function readAll<T>(xml: string, tag: string, read: ReadEntry<T>): readonly T[] | undefined {
  const isEncoded = fieldOf(xml, "EncodingType") === "url";
  const entries = [...xml.matchAll(new RegExp(`<${tag}(?:\\s[^>]*)?>(.*?)</${tag}>`, "gsu"))];
  const objects = entries.flatMap(([, entry = ""]) => read(entry, isEncoded) ?? []);
  return objects.length === entries.length ? objects : undefined;
}

function readObject(entry: string, isEncoded: boolean): ListedObject | undefined {
  const written = fieldOf(entry, "Key");
  const key = isEncoded ? decodeUrl(written) : written;
  const etag = fieldOf(entry, "ETag").replaceAll('"', "");
  const size = fieldOf(entry, "Size");
  return key && etag && /^\d+$/.test(size) ? { key, etag, size: Number(size) } : undefined;
}

/** What stands in an element; "" where there is none. */
function fieldOf(xml: string, tag: string): string {
  const [, text = ""] = new RegExp(`<${tag}(?:\\s[^>]*)?>([^<]*)</${tag}>`, "u").exec(xml) ?? [];
  return text.replace(
    /&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/giu,
    (whole, ...[decimal, hexadecimal, name]: (string | undefined)[]) => {
      if (name !== undefined) return entities[name as keyof typeof entities] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

const entities = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" } as const;

function decodeUrl(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

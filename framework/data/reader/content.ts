/**
 * What the first bytes of a file give away about its format, so that a wrong one is named before it is read. Pure.
 * @module
 */
import type { SourceFormat } from "../../definitions/source-format.ts";

type Format = SourceFormat;

const parquet = /^50415231/;
/** A file, or a stream. */
const arrow = /^(4152524f5731|ffffffff)/;

/** Beginnings that no text in UTF-8 has, in hexadecimal. */
const beginnings: readonly (readonly [RegExp, string])[] = [
  [parquet, "Parquet"],
  [/^1f8b/, "gzip"],
  [/^28b52ffd/, "Zstandard"],
  [/^504b0304/, "a ZIP archive, as spreadsheets are"],
  [/^(fffe0000|0000feff)/, "text in UTF-32"],
  [/^(fffe|feff)/, "text in UTF-16"],
  [arrow, "Arrow"],
  [/^4f524301|^4f5243/, "ORC"],
  [/^4f626a01/, "Avro"],
  [/^53514c69746520666f726d6174/, "an SQLite database"],
];

/** How many bytes are looked at. */
export const lookedAt = 16;

/** What a file is that is not of its format, as far as its first bytes tell; nothing when they may be of it. */
export function findOtherFormat(start: Uint8Array, format: Format): string | undefined {
  const hex = Buffer.from(start).toString("hex");
  const found = beginnings.find(([pattern]) => pattern.test(hex))?.[1];
  const own = { parquet, arrow, csv: undefined, json: undefined }[format];
  return own?.test(hex) ? undefined : found;
}

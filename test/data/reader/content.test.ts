import { expect, it } from "vitest";
import { findOtherFormat } from "../../../framework/data/reader/content.ts";
import type { SourceFormat } from "../../../framework/definitions/source-format.ts";

it.each<[string, Buffer, SourceFormat, string | undefined]>([
  ["Parquet", Buffer.from("PAR1"), "parquet", undefined],
  ["Parquet", Buffer.from("PAR1"), "csv", "Parquet"],
  ["text", Buffer.from("t,s\n"), "csv", undefined],
  ["text with a byte order mark", Buffer.from("\uFEFFt,s\n"), "csv", undefined],
  ["text in UTF-16", Buffer.from("\uFEFFt", "utf16le"), "json", "text in UTF-16"],
  ["gzip", Buffer.from([0x1f, 0x8b, 8]), "parquet", "gzip"],
  ["a spreadsheet", Buffer.from("PK\u0003\u0004"), "csv", "a ZIP archive, as spreadsheets are"],
  ["an Arrow file", Buffer.from("ARROW1\0\0"), "arrow", undefined],
  ["an Arrow stream", Buffer.from([255, 255, 255, 255, 16]), "arrow", undefined],
  ["an Arrow stream", Buffer.from([255, 255, 255, 255, 16]), "csv", "Arrow"],
  ["Parquet", Buffer.from("PAR1"), "arrow", "Parquet"],
  ["nothing", Buffer.alloc(0), "parquet", undefined],
])("%s, %o, may be %s or begins like something else", (_, start, format, found) => {
  expect(findOtherFormat(start, format)).toBe(found);
});

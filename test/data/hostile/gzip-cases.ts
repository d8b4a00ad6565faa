/**
 * Compressed text as it should not be.
 * @module
 */
import { gzipSync } from "node:zlib";
import type { HostileCase, Verdict } from "./hostile-case.ts";

const header = "t,s,n,i,b\n";
const good = "2024-01-01,x,1.5,2,true\n";
const sound = gzipSync(header + good);
const long = gzipSync(
  header + Array.from({ length: 50_000 }, (_, index) => `2024-01-01,${index},1.5,2,true\n`).join(""),
);
const changed = (bytes: Buffer, at: number) =>
  Buffer.from(bytes.map((byte, index) => (index === bytes.length + at || index === at ? byte ^ 255 : byte)));

function whole(title: string, content: string | Uint8Array, verdict: Verdict, ...says: string[]): HostileCase {
  return { title, content, verdict, says };
}

export const gzipCases: readonly HostileCase[] = [
  whole("an empty file", "", "rejected"),
  whole("nothing within", gzipSync(""), "rejected", "no columns"),
  whole("two members, one after the other", Buffer.concat([gzipSync(header), gzipSync(good)]), "accepted"),
  whole("gzip within gzip", gzipSync(sound), "rejected", "begins like gzip"),
  whole("Parquet within", gzipSync("PAR1"), "rejected", "begins like Parquet"),
  whole("text that is not compressed", header + good, "rejected", "damaged"),
  whole("garbage behind it", Buffer.concat([sound, Buffer.from("garbage")]), "rejected", "damaged"),
  whole("zeros behind it", Buffer.concat([sound, Buffer.alloc(512)]), "rejected", "not a GZIP stream"),
  whole("a wrong checksum", changed(sound, -8), "rejected", "damaged"),
  whole("a wrong length", changed(sound, -4), "rejected", "damaged"),
  whole("a byte that was changed", changed(long, 5_000), "rejected", "damaged"),
  ...[5, 10, 18, long.length >> 1, long.length - 8, long.length - 1].map((cut) =>
    whole(`a file that is cut after ${cut} bytes`, long.subarray(0, cut), "rejected", "damaged"),
  ),
  whole("300 MB of rows in 0.3 MB", gzipSync(Buffer.from(header + good.repeat(12_500_000))), "rejected", "unpack"),
  whole("300 MB of zeros in 0.3 MB", gzipSync(Buffer.alloc(300_000_000)), "rejected", "line"),
  whole("a line of 64 MB", gzipSync(`${header}2024-01-01,${"a".repeat(64 * 2 ** 20)},1,2,true\n`), "rejected", "line"),
];

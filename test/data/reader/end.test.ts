import { expect, it } from "vitest";
import { explainReaderEnd, type ReaderEnd } from "../../../framework/data/reader/end.ts";

const end: ReaderEnd = {
  reason: "crash",
  how: "signal SIGSEGV",
  printed: "",
  memoryBytes: 1_500_000_000,
  stallSeconds: 60,
  diskBytes: 8_000_000_000,
};
const place = { at: "things.source", file: "things.csv" };

it.each<[Partial<ReaderEnd>, { what: RegExp; got?: string }]>([
  [{ reason: "memory" }, { what: /1\.5 GB of memory/ }],
  [{ reason: "stalled" }, { what: /no progress for 60 s/ }],
  [{ reason: "written" }, { what: /8 GB to disk/ }],
  [{}, { what: /ended the reader's process/, got: "signal SIGSEGV" }],
  [{ how: "signal SIGABRT", printed: "what():  std::bad_alloc\n" }, { what: /of memory/ }],
  [{ how: "exit code 134", printed: "FATAL ERROR: JavaScript heap out of memory\n" }, { what: /of memory/ }],
  [
    { how: "exit code 1", printed: "Error: odd\n" },
    { what: /ended the reader's process/, got: "exit code 1: Error: odd" },
  ],
  [
    { reason: "garbled", how: "signal SIGKILL" },
    { what: /ended the reader's process/, got: "signal SIGKILL" },
  ],
])("an end by %j is told in a person's terms", (change, { what, got }) => {
  const problem = explainReaderEnd({ ...end, ...change }, place);
  expect(problem).toMatchObject({ code: "source-unreadable", ...place, what: expect.stringMatching(what) });
  expect(problem.got).toBe(got);
});

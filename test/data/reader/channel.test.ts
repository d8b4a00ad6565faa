import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { onEachLine, readerMessage } from "../../../framework/data/reader/channel.ts";

it("lines come whole, however they arrive, and what is not ended was not said", () => {
  const channel = new PassThrough();
  const lines: string[] = [];
  onEachLine(channel, (line) => lines.push(line));
  for (const bytes of [
    Buffer.from('{"a":"Z'),
    Buffer.from([0xc3]),
    Buffer.from([0xbc]),
    Buffer.from('"}\n\n{"b":1}\n{"c"'),
  ])
    channel.write(bytes);
  expect(lines).toEqual(['{"a":"Zü"}', "", '{"b":1}']);
});

it.each<[string, unknown]>([
  ["nothing", {}],
  ["a reading without rows", { readings: [{ name: "" }] }],
  ["no reading", { readings: [] }],
  ["a problem that there is not", { problems: [{ code: "odd", at: "", what: "" }] }],
  ["no problem", { problems: [] }],
  ["progress in a unit that there is not", { progress: { phase: "checking", done: 1, unit: "miles" } }],
  ["two things at once", { moved: 1, failure: "odd" }],
])("%s is no message", (_, message) => {
  expect(readerMessage.safeParse(message).success).toBe(false);
});

it("a null among a breach's examples survives JSON", () => {
  const breach = { column: "a", reason: "is null", rows: 1, examples: [{ position: 1, value: undefined }] };
  const reading = { name: "", rows: 1, broken: 1, breaches: [breach], dropped: [], from: "", to: "", parts: [] };
  const message = { readings: [reading] };
  expect(readerMessage.parse(JSON.parse(JSON.stringify(message)))).toEqual(message);
});

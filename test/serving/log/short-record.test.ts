import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../../framework/data/duckdb.ts";
import { quotePath } from "../../../framework/data/sql.ts";
import type { ModelPackage } from "../../../framework/models/model-package.ts";
import { writeOutputs } from "../../../framework/serving/fast/output-text.ts";
import { type RecordFacts, RecordText } from "../../../framework/serving/fast/record-text.ts";
import { learnTemplate } from "../../../framework/serving/fast/request-template.ts";
import { readInferenceRequest } from "../../../framework/serving/inference-request.ts";
import type { LiveModel } from "../../../framework/serving/live-model.ts";
import { convertSegment, readLines } from "../../../framework/serving/log/convert-segment.ts";
import { Journal } from "../../../framework/serving/log/journal.ts";
import { openRecordLog, RecordLog } from "../../../framework/serving/log/record-log.ts";
import { recoverSegments } from "../../../framework/serving/log/segment.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-short-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const first = "requests-0000000000000001.jsonl";

interface Served {
  readonly texts: RecordText;
  readonly modelPackage: ModelPackage;
  readonly inputs: ModelPackage["inputs"];
}

function serve(change: Partial<ModelPackage>, endpoint = "störms", note = {}): Served {
  const inputs = change.inputs ?? ["10", "2", "wind"].map((name) => ({ name, type: "number" }) as const);
  const modelPackage = { model: "storm", task: "regression", output: "value", ...change, inputs } as ModelPackage;
  const live = { package: modelPackage, version: "3", digest: "d1" } as unknown as LiveModel;
  return { texts: new RecordText(live, endpoint, note), modelPackage, inputs };
}

/** The facts of a request for one row, its numbers written as they are given. */
function ask({ inputs }: Served, numbers: readonly string[], { datatype = "FP64", comma = "," } = {}) {
  const data = inputs.map((_, i) => numbers[i % numbers.length]).join(comma);
  const tensor = `{"name":"features","shape":[1,${inputs.length}],"datatype":"${datatype}","data":[${data}]}`;
  const body = Buffer.from(`{"inputs":[${tensor}]}`);
  const read = readInferenceRequest({ json: body, raw: new Uint8Array() }, { inputs: [...inputs] }, []);
  const places = learnTemplate(body, read, inputs)?.scan(body, true)?.places ?? expect.fail("it is no template's");
  return { body, places, rows: 1 };
}

const some = { id: "r1", time: "2026-01-01T00:00:00.000Z", latencyMicroseconds: 12, outputs: ["0.5"] };

/** Writes records as they are composed, all at once, and gives what each was to be as a whole. */
async function log(records: readonly { readonly served: Served; readonly facts: RecordFacts }[]): Promise<Buffer[]> {
  const log = await openRecordLog({ folder, stream: "requests", durability: "disk" });
  const kept = records.map(
    ({ served, facts }) =>
      new Promise<void>((resolve, reject) => {
        log.add(served.texts.compose(facts), (error) => (error === undefined ? resolve() : reject(error)));
      }),
  );
  await Promise.all(kept);
  await log.close();
  return records.map(({ served, facts }, i) =>
    Buffer.concat([Buffer.from(`{"sequence":${i + 1},`), served.texts.write(facts)]),
  );
}

const integers = ["0", "-0", "-17", "9007199254740991", "null"];
const numbers = [
  ...integers,
  "12345678901234567890123",
  "1e-30",
  "-1.5E+12",
  "0.1",
  "-0.0",
  "123456789.123456789",
  "1e5",
];
const tricky = [
  '","values":[',
  '"outputs":{',
  '"inputs":{',
  '"endpoint":',
  "]}",
  "10",
  "2",
  "__proto__",
  "å\u2028",
  "a\\",
];
const text = fc.oneof(fc.constantFrom(...tricky), fc.string());
const kinds: readonly Partial<ModelPackage>[] = [
  {},
  { task: "binary", output: "probability" },
  { task: "multiclass", output: "probabilities", classes: ['","values":[', "b"] },
  { task: "multiclass", output: "probabilities", classes: ["å", "b"] },
];
const model = fc.record({
  kind: fc.constantFrom(...kinds),
  names: fc.uniqueArray(text, { minLength: 1, maxLength: 12 }),
  endpoint: text,
  note: fc.constantFrom({}, { routing: 4 }, { variant: '"outputs":{', routing: 4 }),
});
const request = fc.record({
  of: fc.nat(),
  datatype: fc.constantFrom("FP64", "FP32", "INT64"),
  comma: fc.constantFrom(",", ", "),
  numbers: fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
  answers: fc.array(fc.constantFrom(-0, 1.5e-300, 1, 0.25, Number.NaN), { minLength: 2, maxLength: 2 }),
  unit: fc.option(fc.oneof(fc.constantFrom('"outputs":{', '","values":['), fc.string()), { nil: undefined }),
  origin: fc.constantFrom(undefined, { requestId: "a/b" }),
});

describe("short records", () => {
  it("are read as the whole ones that they stand for, byte for byte", async () => {
    let shortened = 0;
    const property = fc.asyncProperty(
      fc.array(model, { minLength: 1, maxLength: 3 }),
      fc.array(request, { minLength: 1, maxLength: 20 }),
      async (models, requests) => {
        const all = models.map(({ kind, names, endpoint, note }) =>
          serve({ ...kind, inputs: names.map((name) => ({ name, type: "number" })) }, endpoint, note),
        );
        const records = requests.map((asked, i) => {
          const served = all[asked.of % all.length] as Served;
          const { modelPackage } = served;
          const known = asked.datatype === "INT64" ? integers : numbers;
          const said = asked.numbers.map((number) => known[number % known.length] as string);
          const { unit, origin, datatype, comma } = asked;
          const outputs = writeOutputs(modelPackage, asked.answers.slice(0, modelPackage.classes?.length ?? 1));
          return {
            served,
            facts: { ...some, ...ask(served, said, { datatype, comma }), id: `r${i}`, outputs, unit, origin },
          };
        });
        const wholes = await log(records);
        const written = await readFile(join(folder, first));
        shortened += written.toString().split('"like":').length - 1;
        const seen = readLines(written);
        expect(seen.map(({ bytes }) => bytes.toString())).toEqual(readWhole(wholes));
        for (const { bytes, size } of seen) expect(size).toBeGreaterThanOrEqual(bytes.length);
        expect(seen.map(({ id }) => id)).toEqual(records.map(({ facts }) => facts.id));
        for (const name of await readdir(folder)) await rm(join(folder, name));
      },
    );
    await fc.assert(property, { numRuns: 150 });
    expect(shortened).toBeGreaterThan(100);
  });

  it("take less room than whole ones, of which there is one for each model that is written at once", async () => {
    const [one, other] = [serve({}), serve({ model: "hail" })];
    const facts = { ...some, ...ask(one, ["1.5"]) };
    await log([one, other, one, one, other].map((served) => ({ served, facts })));
    const lines = (await readFile(join(folder, first), "utf8")).split("\n");
    expect(lines.slice(0, -1).map((line) => /"like":(\d)/.exec(line)?.[1])).toEqual([
      undefined,
      undefined,
      "1",
      "1",
      "2",
    ]);
    expect(lines[2]).toMatch(/^\{"sequence":3,"like":1,"id":"r1",.*,"values":\[1\.5,1\.5,1\.5\]\}$/);
  });

  it("are a table's rows as whole ones are", async () => {
    const served = serve({});
    const asked = [ask(served, ["-0", "1e5", "9007199254740993"]), ask(served, ["null", "0.10", "7"])];
    const wholes = await log(asked.map((one, i) => ({ served, facts: { ...some, ...one, id: `r${i}`, unit: "u" } })));
    const path = join(folder, "whole.jsonl");
    await writeFile(path, wholes.map((bytes) => `${bytes}\n`).join(""));
    const rows = [];
    for (const from of [path, join(folder, first)]) {
      const made = await mkdtemp(join(folder, "made-"));
      const converted = await convertSegment({ path: from, replica: "a", folder: made, today: "2026-01-01" });
      const query = `SELECT * FROM ${quotePath(converted?.parquet ?? "")}`;
      rows.push(await withDuckDb(made, (db) => db.rows(query, z.record(z.string(), z.unknown()))));
    }
    expect(rows[0]).toHaveLength(2);
    expect(rows[1]).toEqual(rows[0]);
  });

  it("stand behind the one that they are like, wherever a crash cuts the segment off", async () => {
    const served = serve({});
    const facts = { ...some, ...ask(served, ["1.5", "-2"]) };
    const wholes = readWhole(await log(Array.from({ length: 4 }, () => ({ served, facts }))));
    const path = join(folder, first);
    const written = await readFile(path);
    for (let end = 0; end <= written.length; end += 7) {
      const cut = Buffer.concat([written.subarray(0, end), Buffer.alloc(20)]);
      const seen = readLines(cut).map(({ bytes }) => bytes.toString());
      expect(seen).toEqual(wholes.slice(0, seen.length));
      await writeFile(path, cut);
      const { next } = await recoverSegments(folder, "requests", 2 ** 20);
      expect(next).toBe(seen.length + 1);
      expect(readLines(await readFile(path))).toHaveLength(seen.length);
    }
  });

  it("are no records without the one that they are like", async () => {
    const served = serve({});
    const facts = { ...some, ...ask(served, ["1.5"]) };
    await log(Array.from({ length: 3 }, () => ({ served, facts })));
    const lines = (await readFile(join(folder, first), "utf8")).split("\n");
    const read = (...some: readonly (string | undefined)[]) =>
      readLines(Buffer.from(`${some.join("\n")}\n`)).map(({ sequence }) => sequence);
    expect(read(...lines.slice(0, 3))).toEqual([1, 2, 3]);
    expect(read(...lines.slice(1, 3))).toEqual([]);
    expect(read(lines[0], lines[1]?.replace(",1.5", ""), lines[2])).toEqual([1, 3]);
    expect(read(lines[0], lines[1]?.replace("1.5]", "1.5"), lines[2]?.replace('"like":1', '"like":2'))).toEqual([1]);
  });

  it("are kept in entries of the store each of which can be read alone", async () => {
    const entries = new Map<string, Buffer>();
    const write = async (name: string, bytes: Uint8Array) => void entries.set(name, Buffer.from(bytes));
    const address = { endpoint: "storms", stream: "requests" };
    const journal = new Journal({ entries: { write } as never, address, folder });
    const records = new RecordLog({ isTrusting: false, target: journal });
    const served = serve({});
    for (const value of ["1", "2"]) {
      const facts = { ...some, ...ask(served, [value]) };
      const keep = () => new Promise((resolve) => records.add(served.texts.compose(facts), resolve));
      expect(await Promise.all([keep(), keep(), keep()])).toEqual([undefined, undefined, undefined]);
    }
    await records.close();
    const seen = [...entries.values()].map((bytes) => readLines(bytes).map(({ sequence }) => sequence));
    expect(seen).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });
});

/** What is read of whole lines. */
function readWhole(wholes: readonly Buffer[]): string[] {
  return readLines(Buffer.from(wholes.map((bytes) => `${bytes}\n`).join(""))).map(({ bytes }) => bytes.toString());
}

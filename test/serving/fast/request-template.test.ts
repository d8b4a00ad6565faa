import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { learnTemplate, listPlaces } from "../../../framework/serving/fast/request-template.ts";
import { readInferenceRequest } from "../../../framework/serving/inference-request.ts";

const inputs = [
  { name: "distance", type: "number" as const },
  { name: "weekend", type: "boolean" as const },
  { name: "origin", type: "category" as const },
];
const outputs = ["probability", "label"];

type Values = readonly [number | null, boolean | null, string | null];

function compose(
  [distance, weekend, origin]: Values,
  { id, space = "", datatype = "FP64" }: { id?: string; space?: string; datatype?: string } = {},
) {
  const body = {
    ...(id !== undefined && { id }),
    inputs: [
      { name: "origin", datatype: "BYTES", shape: [1], data: [origin] },
      { name: "distance", shape: [1, 1], data: [[distance]], datatype, parameters: { a: 1 } },
      { data: [weekend], name: "weekend", datatype: "BOOL", shape: [1] },
    ],
    outputs: [{ name: "label" }],
  };
  const text = JSON.stringify(body);
  return Buffer.from(space === "" ? text : text.replaceAll(/([[{,:])/g, `$1${space}`));
}

function readWhole(body: Buffer, own: typeof inputs | readonly { name: string; type: "number" }[] = inputs) {
  return readInferenceRequest({ json: body, raw: new Uint8Array() }, { inputs: [...own] }, outputs);
}

function learn(body: Buffer) {
  const template = learnTemplate(body, readWhole(body), inputs);
  if (!template) throw new Error("nothing was learned");
  return template;
}

describe("a template", () => {
  it("reads what differs in values alone as the whole reading would", () => {
    const template = learn(compose([1, true, "ATL"], { id: "a" }));
    // JSON.stringify writes -0 as 0.
    const values = fc.tuple(
      fc.oneof(
        fc.constant(null),
        fc.float({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
        fc.integer(),
      ),
      fc.oneof(fc.constant(null), fc.boolean()),
      fc.oneof(fc.constant(null), fc.stringMatching(/^[A-Za-z0-9 ]{0,8}$/)),
    );
    fc.assert(
      fc.property(values, fc.stringMatching(/^[a-z0-9-]{1,40}$/), (row, id) => {
        const body = compose(row, { id });
        const whole = readWhole(body);
        expect(template.scan(body)).toEqual({ id, values: row });
        expect(inputs.map(({ name }) => whole.columns[name]?.[0])).toEqual(row);
        expect([template.rows, template.outputs]).toEqual([whole.rows, whole.outputs]);
      }),
    );
  });

  it("never reads a body in another way than the whole reading, whatever is changed in it", () => {
    const bodies = [compose([1.5, true, "ATL"]), compose([1.5, true, "ATL"], { id: "a", space: " " })];
    const templates = bodies.map(learn);
    const change = fc.tuple(
      fc.nat({ max: 1 }),
      fc.nat({ max: 400 }),
      fc.constantFrom(...'0123456789.eE+-"\\,:[]{} nulltruefalse\u0001å'),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        let text = bodies[changes[0]?.[0] ?? 0]?.toString() ?? "";
        for (const [, place, letter, isPutIn] of changes) {
          const at = place % text.length;
          text = text.slice(0, at) + letter + text.slice(isPutIn ? at : at + 1);
        }
        const body = Buffer.from(text);
        for (const template of templates) {
          const scanned = template.scan(body);
          if (!scanned) continue;
          const whole = readWhole(body);
          expect(scanned.values).toEqual(inputs.map(({ name }) => whole.columns[name]?.[0]));
          expect(scanned.id).toBe(whole.id);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ["another id", compose([1, true, "ATL"], { id: "" })],
    ["no id", compose([1, true, "ATL"])],
    ["other spaces", compose([1, true, "ATL"], { id: "a", space: " " })],
    ["another datatype", compose([1, true, "ATL"], { id: "a", datatype: "FP32" })],
    ["a text that needs an escape", compose([1, true, 'A"B'], { id: "a" })],
    ["letters beyond ASCII", compose([1, true, "Å"], { id: "a" })],
    ["a number beyond single precision", compose([1e39, true, "ATL"], { id: "a" })],
    ["something behind its end", Buffer.concat([compose([1, true, "ATL"], { id: "a" }), Buffer.from(" ")])],
    ["a very long id", compose([1, true, "ATL"], { id: "a".repeat(257) })],
    ["nothing", Buffer.alloc(0)],
  ])("leaves %s to the whole reading", (_title, body) => {
    expect(learn(compose([1, true, "ATL"], { id: "a" })).scan(body)).toBeUndefined();
  });

  it("holds integers to their datatype", () => {
    const template = learn(compose([1, true, "ATL"], { datatype: "INT8" }));
    expect(template.scan(compose([-128, true, "ATL"], { datatype: "INT8" }))?.values[0]).toBe(-128);
    for (const value of [128, 1.5])
      expect(template.scan(compose([value, true, "ATL"], { datatype: "INT8" }))).toBeUndefined();
  });

  it("is made of several rows, and of one matrix", () => {
    const numbers = [
      { name: "a", type: "number" as const },
      { name: "b", type: "number" as const },
    ];
    for (const data of ["[1,2,3,4]", "[[1,2],[3,4]]"]) {
      const body = Buffer.from(`{"inputs":[{"name":"features","datatype":"FP32","shape":[2,2],"data":${data}}]}`);
      const template = learnTemplate(body, readWhole(body, numbers), numbers);
      const other = Buffer.from(body.toString().replace(/3(?=,4)/, "-7.5"));
      expect(template?.scan(other)).toEqual({ id: undefined, values: [1, 2, -7.5, 4] });
      expect(readWhole(other, numbers).columns).toEqual({ a: [1, -7.5], b: [2, 4] });
    }
  });

  it.each([
    ["a run of numbers", "[1,  -2.5 , null]", true],
    ["numbers row by row", "[[1,-2.5,null]]", true],
    ["numbers on lines of their own", "[1,\n-2.5,\nnull]", false],
  ])("tells where the values of %s stand", (_title, data, isRun) => {
    const numbers = ["a", "b", "c"].map((name) => ({ name, type: "number" as const }));
    const body = Buffer.from(
      `{"id":"x","inputs":[{"name":"features","datatype":"FP32","shape":[1,3],"data":${data}}]}`,
    );
    const places = learnTemplate(body, readWhole(body, numbers), numbers)?.scan(body, true)?.places ?? [];
    expect("start" in places).toBe(isRun);
    const each = listPlaces(body, places);
    const texts = [0, 2, 4].map((i) => body.toString("latin1", each[i], each[i + 1]));
    expect([each.length, ...texts]).toEqual([6, "1", "-2.5", "null"]);
  });

  it("is of no run where values stand in another order, or are texts", () => {
    const scanned = learn(compose([1, true, "ATL"])).scan(compose([2, true, "ATL"]), true);
    expect(scanned?.places).toHaveLength(6);
  });

  it("is not made of a body that begins with a byte order mark, or has lists in lists without end", () => {
    const body = compose([1, true, "ATL"]);
    const marked = Buffer.concat([Buffer.of(0xef, 0xbb, 0xbf), body]);
    const deep = Buffer.from(body.toString().replace("{", `{"later":${"[".repeat(20)}${"]".repeat(20)},`));
    for (const odd of [marked, deep]) expect(learnTemplate(odd, readWhole(odd), inputs)).toBeUndefined();
  });

  it("is not made of a body with a key that is written with an escape", () => {
    const body = '{"inputs":[{"name":"a","datatype":"FP32","shape":[1],"data":[1]}]}';
    const one = [{ name: "a", type: "number" as const }];
    const bytes = Buffer.from(body.replace('"data"', '"d\\u0061ta"'));
    const request = readInferenceRequest({ json: bytes, raw: new Uint8Array() }, { inputs: one }, outputs);
    expect(learnTemplate(bytes, request, one)).toBeUndefined();
  });
});

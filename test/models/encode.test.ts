import { describe, expect, it } from "vitest";
import {
  type EncodingSignature,
  encodeColumns,
  encodeRows,
  encodeValues,
  type FeatureValue,
  tolerateUnseen,
  UnseenCategories,
} from "../../framework/models/encode.ts";

const signature: EncodingSignature = {
  inputs: [
    { name: "size", type: "number" },
    { name: "fresh", type: "boolean" },
    { name: "colour", type: "category" },
  ],
  categories: { colour: ["blue", "green", "red"] },
};

describe("encodeRows", () => {
  it.each<[string, Record<string, FeatureValue>, number[]]>([
    ["a full row", { size: 2.5, fresh: true, colour: "red" }, [2.5, 1, 2]],
    ["false and the first category", { size: -1, fresh: false, colour: "blue" }, [-1, 0, 0]],
    ["an unseen category", { size: 0, fresh: 0, colour: "mauve" }, [0, 0, -1]],
    ["nulls", { size: null, fresh: null, colour: null }, [Number.NaN, Number.NaN, -1]],
    ["absent features", {}, [Number.NaN, Number.NaN, -1]],
    ["a boolean as tables hold it", { size: 1, fresh: 1, colour: "green" }, [1, 1, 1]],
    ["a missing boolean as tables hold it", { size: 1, fresh: Number.NaN, colour: "green" }, [1, Number.NaN, 1]],
    ["a 64-bit integer", { size: 12n, fresh: true, colour: "green" }, [12, 1, 1]],
    ["a number that 32 bits round", { size: 0.1, fresh: true, colour: "green" }, [Math.fround(0.1), 1, 1]],
    [
      "an infinite number",
      { size: Number.NEGATIVE_INFINITY, fresh: true, colour: "green" },
      [Number.NEGATIVE_INFINITY, 1, 1],
    ],
    ["a category that is a property of every object", { size: 1, fresh: true, colour: "constructor" }, [1, 1, -1]],
  ])("encodes %s", (_, row, expected) => {
    expect([...encodeRows(signature, [row])]).toEqual(expected);
  });

  it.each<[string, Record<string, FeatureValue>, string]>([
    ["a text for a number", { size: "2" }, 'feature "size" of row 0 is a string, expected a number'],
    ["a number for a category", { colour: 3 }, 'feature "colour" of row 0 is a number, expected a category'],
    ["another number for a boolean", { fresh: 2 }, 'feature "fresh" of row 0 is a number, expected a boolean'],
    ["a boolean for a number", { size: true }, 'feature "size" of row 0 is a boolean, expected a number'],
  ])("refuses %s", (_, row, message) => {
    expect(() => encodeRows(signature, [row])).toThrow(message);
  });

  it("keeps rows apart and in order", () => {
    const rows = [
      { size: 1, fresh: true, colour: "red" },
      { size: 2, fresh: false, colour: "blue" },
    ];
    expect([...encodeRows(signature, rows)]).toEqual([1, 1, 2, 2, 0, 0]);
  });

  it("takes each package's own categories", () => {
    const other = { inputs: signature.inputs.slice(2), categories: { colour: ["red"] } };
    expect([...encodeRows(signature, [{ colour: "red" }])].at(-1)).toBe(2);
    expect([...encodeRows(other, [{ colour: "red" }])]).toEqual([0]);
  });
});

describe("encodeColumns", () => {
  it("gives what the same values give as rows", () => {
    const columns = { size: [1, null], fresh: [true, false], colour: ["red", "mauve"] };
    const rows = [0, 1].map((row) => ({
      size: columns.size[row],
      fresh: columns.fresh[row],
      colour: columns.colour[row],
    }));
    expect(encodeColumns(signature, columns, 2)).toEqual(encodeRows(signature, rows));
  });

  it("takes an absent column for missing values", () => {
    expect([...encodeColumns(signature, { size: new Float64Array([4]) }, 1)]).toEqual([4, Number.NaN, -1]);
  });
});

describe("what was fitted", () => {
  const fitted: EncodingSignature = {
    inputs: [
      { name: "size", type: "number" },
      { name: "constructor", type: "number" },
      { name: "colour", type: "category" },
      { name: "shape", type: "category" },
    ],
    categories: { colour: ["(other)", "blue"], shape: ["round"] },
    fitted: {
      size: [
        { op: "imputed", value: 4 },
        { op: "scaled", center: 2, scale: 4 },
      ],
      colour: [{ op: "category", unseen: "other", other: "(other)" }],
      shape: [{ op: "category", unseen: "error" }],
    },
  };
  const nothing = { size: null, constructor: null, colour: null, shape: null };

  it.each<[string, Record<string, FeatureValue>, number[]]>([
    ["a number", { size: 10 }, [2, Number.NaN, -1, -1]],
    ["a missing number", {}, [0.5, Number.NaN, -1, -1]],
    ["a number that is none", { size: Number.NaN }, [0.5, Number.NaN, -1, -1]],
    ["a 64-bit integer", { size: 10n }, [2, Number.NaN, -1, -1]],
    ["a feature without steps whose name every object has", { constructor: 3 }, [0.5, 3, -1, -1]],
    ["a text that is known", { colour: "blue", shape: "round" }, [0.5, Number.NaN, 1, 0]],
    ["a text that is not, where there are others", { colour: "mauve" }, [0.5, Number.NaN, 0, -1]],
  ])("is applied to %s", (_, row, expected) => {
    expect([...encodeRows(fitted, [{ ...nothing, ...row }])]).toEqual(expected);
    const columns = Object.fromEntries(Object.entries({ ...nothing, ...row }).map(([name, value]) => [name, [value]]));
    expect([...encodeColumns(fitted, columns, 1)]).toEqual(expected);
  });

  it("refuses a text that no training row had, naming feature and row and no value", () => {
    const rows = [nothing, { ...nothing, shape: "oval" }, { ...nothing, shape: "square" }];
    const refusal = new UnseenCategories([{ name: "shape", row: 1 }]);
    expect(() => encodeRows(fitted, rows)).toThrow(refusal);
    expect(refusal.message).toBe('feature "shape" of row 1 has a value that no training row had');
    const colour = [{ op: "category" as const, unseen: "error" as const }];
    const two = { ...fitted, fitted: { ...fitted.fitted, colour } };
    expect(() => encodeRows(two, [{ ...nothing, colour: "mauve" }, ...rows])).toThrow(
      new UnseenCategories([
        { name: "colour", row: 0 },
        { name: "shape", row: 2 },
      ]),
    );
  });

  it("refuses values given row by row in the same words as the same values given by column", () => {
    const colour = [{ op: "category" as const, unseen: "error" as const }];
    const two = { ...fitted, fitted: { ...fitted.fitted, colour } };
    const names = two.inputs.map(({ name }) => name);
    const rows = [
      { ...nothing, shape: "square" },
      { ...nothing, colour: "mauve", shape: "cube" },
      { ...nothing, colour: "ash" },
    ];
    const values = rows.flatMap((row: Readonly<Record<string, FeatureValue>>) => names.map((name) => row[name]));
    const matrix = new Float32Array(values.length);
    expect(() => encodeValues(two, values, { matrix, row: 0 })).toThrow(
      new UnseenCategories([
        { name: "colour", row: 1 },
        { name: "shape", row: 0 },
      ]),
    );
    expect(() => encodeRows(two, rows)).toThrow(
      new UnseenCategories([
        { name: "colour", row: 1 },
        { name: "shape", row: 0 },
      ]),
    );
  });

  it("is tolerated to be unseen in rows that have a label, and refused of the same inputs again", () => {
    const row = { ...nothing, size: 10, shape: "oval", colour: "mauve" };
    expect([...encodeRows(tolerateUnseen(fitted), [row])]).toEqual([2, Number.NaN, 0, -1]);
    expect(() => encodeRows(fitted, [row])).toThrow(UnseenCategories);
  });
});

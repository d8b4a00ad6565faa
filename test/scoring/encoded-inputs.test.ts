import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quoteText } from "../../framework/data/sql.ts";
import { type EncodingSignature, encodeColumns } from "../../framework/models/encode.ts";
import { encodeInputs, refusedCode } from "../../framework/scoring/encoded-inputs.ts";

const numbers = [0, -0, 1.5, 1e300, -1e300, 1 / 3, null];
const texts = ["b", "ä", "it's", "", "\0", "😀", "zz", null];

/** What SQL makes of the values of one feature. */
async function encode(signature: EncodingSignature, values: readonly (number | string | null)[]) {
  const { setup, inputs } = encodeInputs(signature);
  const cells = values.map((value) => {
    if (value === null) return "NULL";
    return typeof value === "string" ? quoteText(value) : `CAST('${Object.is(value, -0) ? "-0" : value}' AS DOUBLE)`;
  });
  return withDuckDb(tmpdir(), async (db) => {
    for (const statement of setup) await db.run(statement);
    const rows = cells.map((cell, i) => `(${i}, ${cell})`).join(", ");
    const found = await db.rows(
      `SELECT ${inputs[0]} AS value FROM (VALUES ${rows}) t(i, x) ORDER BY i`,
      z.object({ value: z.number().nullable() }),
    );
    return Float32Array.from(found, ({ value }) => value ?? Number.NaN);
  });
}

describe("inputs that are encoded many at once", () => {
  it.each<[string, EncodingSignature["fitted"]]>([
    ["as they are", undefined],
    [
      "filled and scaled",
      {
        x: [
          { op: "imputed", value: 3 },
          { op: "scaled", center: 0.1, scale: 1e-300 },
        ],
      },
    ],
    [
      "scaled and filled",
      {
        x: [
          { op: "scaled", center: 0.1, scale: 7 },
          { op: "imputed", value: -2 },
        ],
      },
    ],
  ])("are numbers as a server encodes them one by one: %s", async (_, fitted) => {
    const signature = { inputs: [{ name: "x", type: "number" as const }], categories: {}, ...(fitted && { fitted }) };
    expect(await encode(signature, numbers)).toEqual(encodeColumns(signature, { x: numbers }, numbers.length));
  });

  const categories = { x: ["", "\0", "b", "it's", "ä", "😀"] };
  it.each<[string, EncodingSignature["categories"], EncodingSignature["fitted"]]>([
    ["unseen ones missing", categories, undefined],
    ["unseen ones another", categories, { x: [{ op: "category", unseen: "other", other: "b" }] }],
    ["without any category", {}, undefined],
  ])("are texts as a server encodes them one by one: %s", async (_, known, fitted) => {
    const signature = {
      inputs: [{ name: "x", type: "category" as const }],
      categories: known,
      ...(fitted && { fitted }),
    };
    expect(await encode(signature, texts)).toEqual(encodeColumns(signature, { x: texts }, texts.length));
  });

  it("say which texts are refused, and of which inputs", async () => {
    const signature = {
      inputs: [{ name: "x", type: "category" as const }],
      categories,
      fitted: { x: [{ op: "category" as const, unseen: "error" as const }] },
    };
    expect(encodeInputs(signature).refusing).toEqual([0]);
    expect([...(await encode(signature, ["b", "zz", null]))]).toEqual([2, refusedCode, -1]);
  });
});

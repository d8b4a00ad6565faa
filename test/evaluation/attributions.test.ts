import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attribute } from "../../framework/evaluation/attribute.ts";
import {
  describeAttributions,
  formatAttributionSection,
  formatImportance,
  listAttributions,
} from "../../framework/evaluation/attribution-text.ts";
import { type Attributions, attributionsSchema, rankFeatures } from "../../framework/evaluation/attributions.ts";
import type { ModelPackage } from "../../framework/models/model-package.ts";
import { drawRows, drawTrees } from "../models/random-trees.ts";
import { createTreeOnnx } from "../models/tree-onnx.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-attributions-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inputs = [
  { name: "wind", type: "number" },
  { name: "origin", type: "category" },
  { name: "rainy", type: "boolean" },
] as const;

function packageOf(more: Partial<ModelPackage> = {}): ModelPackage {
  return {
    format: "model-package/3",
    model: "late",
    onnx: { sha256: "o", size: 1 },
    task: "regression",
    inputs: [...inputs],
    output: "value",
    categories: {},
    run: "r",
    trainingSet: "t",
    example: {},
    ...more,
  };
}

const rows = drawRows({ seed: 1, rows: 300, width: 3 });
const background = drawRows({ seed: 2, rows: 500, width: 3 });

async function find(content: Uint8Array, change: Partial<Parameters<typeof attribute>[0]> = {}) {
  const file = join(await mkdtemp(join(folder, "model-")), "model.onnx");
  await writeFile(file, content);
  return attribute({ package: packageOf(), file, rows, labels: new Float64Array(300), background, ...change });
}

const trees = drawTrees({ seed: 3, trees: 10, depth: 4, columns: 3 });
const treeOnnx = createTreeOnnx({ trees, width: 3 });

describe("attribute", () => {
  it("ranks what the features of trees add, keeps no value, and is the same again", async () => {
    const lines: string[] = [];
    const found = await find(treeOnnx, { onProgress: (line) => lines.push(line) });
    expect(attributionsSchema.parse(found)).toEqual(found);
    expect(found).toMatchObject({ method: "tree-shap", unit: "answer", rows: 300, background: 500, left: 0 });
    expect(found?.features.map(({ feature }) => feature).toSorted()).toEqual(["origin", "rainy", "wind"]);
    const sizes = found?.features.map(({ importance }) => importance) ?? [];
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    for (const { feature, direction, points = [] } of found?.features ?? []) {
      expect(points).toHaveLength(150);
      expect(points.every(([place]) => place === -1 || (place >= 0 && place <= 1))).toBe(true);
      // The order of categories says nothing.
      expect(direction === undefined).toBe(feature === "origin");
      expect(points.every(([place]) => place === -1)).toBe(feature === "origin");
    }
    expect(lines.at(-1)).toBe("explained 300 rows of 300");
    expect(await find(treeOnnx)).toEqual(found);
  });

  it("sums what a feature adds to each of several classes", async () => {
    const three = createTreeOnnx({
      trees: drawTrees({ seed: 4, trees: 5, depth: 4, columns: 3, targets: 3 }),
      width: 3,
    });
    const found = await find(three, { package: packageOf({ task: "multiclass", classes: ["a", "b", "c"] }) });
    expect(found).toMatchObject({ method: "tree-shap" });
    expect(found?.expected).toBeUndefined();
    expect(found?.features.every(({ points, direction }) => points === undefined && direction === undefined)).toBe(
      true,
    );
    expect(found?.features[0]?.importance).toBeGreaterThan(0);
  });

  it("exchanges values where a model is none of trees, and says so", async () => {
    const known = (at: number) => (Number.isNaN(rows.matrix[at]) ? 0 : (rows.matrix[at] ?? 0));
    const labels = Float64Array.from({ length: 300 }, (_, row) => 2 * known(row * 3) - known(row * 3 + 2) / 2);
    const found = await find(createLinearOnnx({ task: "regression", weights: [2, 0, -0.5] }), { labels });
    expect(found).toMatchObject({
      method: "permutation",
      why: "it is no ensemble of trees",
      unit: "squared-error",
      rows: 300,
      background: 0,
    });
    expect(found?.features.map(({ feature }) => feature)).toEqual(["wind", "rainy", "origin"]);
    expect(found?.features[0]?.direction).toBeGreaterThan(0.9);
    expect(found?.features[1]?.direction).toBeLessThan(-0.9);
  });

  it("finds nothing where there are no rows, and ends early when told to", async () => {
    expect(await find(treeOnnx, { rows: { matrix: new Float32Array(0), width: 3 } })).toBeUndefined();
    for (const content of [treeOnnx, createLinearOnnx({ task: "regression", weights: [1, 1, 1] })]) {
      const signal = AbortSignal.abort(new Error("enough"));
      await expect(find(content, { signal })).rejects.toThrow("enough");
    }
  });
});

describe("rankFeatures", () => {
  it("keeps a hundred, counts the others, and plots the first ten", () => {
    const byRow = { values: Float64Array.of(3, 1, Number.NaN, 1), added: Float64Array.of(1, 2, 3, 4) };
    const many = Array.from({ length: 120 }, (_, at) => ({ feature: `f${at}`, importance: at, byRow }));
    const { features, left } = rankFeatures(many);
    expect([features.length, left, features[0]?.feature]).toEqual([100, 20, "f119"]);
    expect(features.filter(({ points }) => points !== undefined)).toHaveLength(10);
    expect(features[0]?.points).toEqual([
      [1, 1],
      [0.25, 2],
      [-1, 3],
      [0.25, 4],
    ]);
  });
});

const hostile = `<script>"x"</script>`;
const exact: Attributions = {
  method: "tree-shap",
  unit: "log-odds",
  rows: 2000,
  background: 5000,
  expected: -1.25,
  features: [
    {
      feature: hostile,
      importance: 0.5449,
      direction: 0.8,
      points: [
        [0.2, 0.5],
        [-1, -0.25],
        [1, 0.5],
      ],
    },
    {
      feature: "hour",
      importance: 0.0125,
      direction: -0.9,
      points: [
        [0.2, 0],
        [0.4, 0],
        [1, 0],
      ],
    },
    { feature: "never", importance: 0 },
  ],
  left: 2,
};
const tried: Attributions = {
  method: "permutation",
  why: "it is no ensemble of trees",
  unit: "squared-error",
  rows: 800,
  background: 0,
  features: [
    { feature: "hour", importance: 0.01, spread: 0.002 },
    { feature: "wind", importance: -0.001, spread: 0.002 },
  ],
  left: 0,
};

describe("attributions in words", () => {
  it("say of each feature how much and which way", () => {
    expect(listAttributions(exact)).toEqual([
      "what counts, by TreeSHAP, in log-odds",
      `  ${hostile}  0.545 ↑`,
      "  hour                  0.0125 ↓",
      "  never                 0",
      "  and 2 features more",
    ]);
    expect(listAttributions(tried)[1]).toBe("  hour  0.0100 ± 0.0020");
    expect(listAttributions(undefined)).toEqual([]);
    expect(formatImportance({ feature: "f", importance: 1234.5, direction: 0.1 })).toBe("1,235");
  });

  it("say how they were found, and why not by trees", () => {
    expect(describeAttributions(exact)).toContain("TreeSHAP");
    expect(describeAttributions(tried)).toContain("Not by trees: it is no ensemble of trees.");
  });

  it.each([
    ["by trees", exact],
    ["by permutation", tried],
  ])("are a section of a page with nothing of the data as markup: %s", (_, attributions) => {
    const section = formatAttributionSection(attributions);
    expect(section).not.toContain(hostile);
    expect(section).not.toMatch(/NaN|Infinity|undefined/);
    expect(section.match(/<rect/g)).toHaveLength(attributions.features.length);
    expect(section.match(/<circle/g) ?? []).toHaveLength(attributions === exact ? 6 : 0);
    expect(section.match(/class="whisker"/g) ?? []).toHaveLength(attributions === tried ? 2 : 0);
    expect(formatAttributionSection(undefined)).toBe("");
  });
});

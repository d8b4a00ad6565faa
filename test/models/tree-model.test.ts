import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSession } from "../../framework/models/session.ts";
import { sumTrees } from "../../framework/models/tree-ensemble.ts";
import { openTreeModel } from "../../framework/models/tree-model.ts";
import { integer, integerAttribute, integerTensor, node, type Part, text, join as with_ } from "./onnx-bytes.ts";
import { drawRows, drawTrees } from "./random-trees.ts";
import { createTreeOnnx, treeNode } from "./tree-onnx.ts";

const converted = join(import.meta.dirname, "converted");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-trees-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Opens a file, with rows that come to many of its leaves. */
async function open(file: string, rows: ReturnType<typeof drawRows>, answers = 1) {
  const session = await openSession(file, rows.width, answers);
  const predicted = await session.predict(rows.matrix, rows.matrix.length / rows.width);
  await session.close();
  const opened = await openTreeModel({ file, rows, answers: predicted });
  if (!("why" in opened)) await opened.close();
  return { opened, predicted };
}

async function write(content: Part): Promise<string> {
  const file = join(await mkdtemp(join(folder, "model-")), "model.onnx");
  await writeFile(file, content);
  return file;
}

const float = (name: string, values: readonly number[]): Part =>
  with_(text(1, name), ...values.map((each) => with_(Uint8Array.of(0x3d), float32(each))), integer(20, 6));
const float32 = (each: number): Part => new Uint8Array(Float32Array.of(each).buffer);

describe("openTreeModel", () => {
  it.each([
    ["lightgbm.binary", "logistic"],
    ["lightgbm.regression", "identity"],
    ["sklearn-boosting.binary", "logistic"],
    ["sklearn-forest.binary", "identity"],
    ["sklearn-histogram-boosting.regression", "identity"],
    ["xgboost.binary", "logistic"],
    ["xgboost.regression", "identity"],
  ])("reads what converters make of trees, to the runtime's answers: %s", async (name, link) => {
    const small = drawRows({ seed: 1, rows: 500, width: 3 });
    // The rows that these were trained on have such values.
    const rows = { ...small, matrix: small.matrix.map((each) => each * 500) };
    const { opened, predicted } = await open(join(converted, `${name}.onnx`), rows);
    expect(opened).toMatchObject({ link, targets: [0], origins: [0, 1, 2] });
    expect(new Set(predicted).size).toBeGreaterThan(3);
  });

  it.each(["sklearn-logistic.binary", "sklearn-onehot.binary", "sklearn-svm.regression", "sklearn-bayes.binary"])(
    "says of another model that it is none of trees: %s",
    async (name) => {
      const { opened } = await open(join(converted, `${name}.onnx`), {
        matrix: Float32Array.of(1, 0, 1, 2, 1, 0),
        width: 3,
      });
      expect(opened).toEqual({ why: "it is no ensemble of trees" });
    },
  );

  it.each([1, 2, 3, 4, 5, 6])(
    "goes the runtime's way at every kind of node, missing values too: seed %i",
    async (seed) => {
      const trees = drawTrees({ seed, trees: 6, depth: 6, columns: 4 });
      const rows = drawRows({ seed: seed + 50, rows: 400, width: 4 });
      const { opened, predicted } = await open(await write(createTreeOnnx({ trees, width: 4 })), rows);
      expect(opened).toMatchObject({ link: "identity", trees: { roots: { length: 6 } } });
      const sums = sumTrees(trees, rows, { target: 0 });
      for (const [row, answer] of predicted.entries()) expect(sums[row]).toBeCloseTo(answer, 4);
    },
  );

  it("takes nodes that two others lead to for no tree", async () => {
    const drawn = drawTrees({ seed: 3, trees: 1, depth: 1, columns: 1, targets: 1 });
    const whenFalse = drawn.whenTrue;
    const file = await write(createTreeOnnx({ trees: { ...drawn, whenFalse }, width: 1 }));
    const rows = drawRows({ seed: 1, rows: 3, width: 1 });
    expect(await openTreeModel({ file, rows, answers: new Float32Array(3) })).toEqual({
      why: "a node of its trees has more than one parent",
    });
  });

  it("finds a sum for each of several answers, also through a softmax", async () => {
    const trees = drawTrees({ seed: 7, trees: 4, depth: 4, columns: 3, targets: 3 });
    const rows = drawRows({ seed: 8, rows: 200, width: 3 });
    const plain = await open(await write(createTreeOnnx({ trees, width: 3 })), rows, 3);
    expect(plain.opened).toMatchObject({ link: "identity", targets: [0, 1, 2] });
    const softmax = node({
      op: "Softmax",
      inputs: ["sums"],
      outputs: ["value"],
      attributes: [integerAttribute("axis", 1)],
    });
    const shared = await open(await write(createTreeOnnx({ trees, width: 3, after: [softmax] })), rows, 3);
    expect(shared.opened).toMatchObject({ link: "softmax", targets: [0, 1, 2] });
    const order = node({
      op: "Gather",
      inputs: ["sums", "order"],
      outputs: ["value"],
      attributes: [integerAttribute("axis", 1)],
    });
    const tensors = [integerTensor("order", [3], [2n, 0n, 1n])];
    const moved = await open(await write(createTreeOnnx({ trees, width: 3, after: [order], tensors })), rows, 3);
    expect(moved.opened).toMatchObject({ link: "identity", targets: [2, 0, 1] });
  });

  it("knows which input each column comes from that is scaled, chosen, and made one for each value", async () => {
    const trees = { ...drawTrees({ seed: 9, trees: 5, depth: 5, columns: 4 }), input: "seen" };
    const before = [
      node({
        op: "Gather",
        inputs: ["features", "picked"],
        outputs: ["numbers"],
        attributes: [integerAttribute("axis", 1)],
      }),
      node({
        op: "Scaler",
        domain: "ai.onnx.ml",
        inputs: ["numbers"],
        outputs: ["scaled"],
        attributes: [float("offset", [1, 0]), float("scale", [0.5, 2])],
      }),
      node({ op: "ArrayFeatureExtractor", domain: "ai.onnx.ml", inputs: ["scaled", "turn"], outputs: ["turned"] }),
      node({ op: "ArrayFeatureExtractor", domain: "ai.onnx.ml", inputs: ["features", "coded"], outputs: ["code"] }),
      node({
        op: "OneHotEncoder",
        domain: "ai.onnx.ml",
        inputs: ["code"],
        outputs: ["values"],
        attributes: [
          with_(text(1, "cats_int64s"), integer(8, 1), integer(8, 3), integer(20, 7)),
          integerAttribute("zeros", 1),
        ],
      }),
      node({ op: "Reshape", inputs: ["values", "shape"], outputs: ["flat"] }),
      node({ op: "Concat", inputs: ["turned", "flat"], outputs: ["seen"], attributes: [integerAttribute("axis", 1)] }),
    ];
    const tensors = [
      integerTensor("picked", [2], [2n, 0n]),
      integerTensor("turn", [2], [1n, 0n]),
      integerTensor("coded", [1], [1n]),
      integerTensor("shape", [2], [-1n, 2n]),
    ];
    const rows = drawRows({ seed: 10, rows: 100, width: 3 });
    for (const [at, each] of rows.matrix.entries()) if (at % 3 === 1 && Number.isNaN(each)) rows.matrix[at] = 0;
    const file = await write(createTreeOnnx({ trees, width: 3, before, tensors }));
    const { opened } = await open(file, rows);
    expect(opened).toMatchObject({ link: "identity", origins: [0, 2, 1, 1] });
  });

  it.each([
    [
      "whose answers are changed after",
      "its answers are not those of its trees alone",
      (trees: ReturnType<typeof drawTrees>) => ({
        after: [node({ op: "Exp", inputs: ["sums"], outputs: ["value"] })],
        trees,
      }),
    ],
    [
      "that are two ensembles",
      "it is made of several models",
      (trees: ReturnType<typeof drawTrees>) => ({
        before: [treeNode(trees, "other")],
        after: [node({ op: "Add", inputs: ["sums", "other"], outputs: ["value"] })],
        trees,
      }),
    ],
    [
      "that see columns made of several inputs",
      "what its trees see is made of several inputs at once",
      (trees: ReturnType<typeof drawTrees>) => ({
        before: [node({ op: "Add", inputs: ["features", "features"], outputs: ["seen"] })],
        trees: { ...trees, input: "seen" },
      }),
    ],
  ])("does not explain by trees what they do not say alone: models %s", async (_, why, change) => {
    const trees = drawTrees({ seed: 2, trees: 2, depth: 3, columns: 2 });
    const file = await write(createTreeOnnx({ width: 2, ...change(trees) }));
    const { opened } = await open(file, drawRows({ seed: 3, rows: 50, width: 2 }));
    expect(opened).toEqual({ why });
  });
});

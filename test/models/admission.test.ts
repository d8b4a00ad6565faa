import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import { type AdmissionOptions, admitModel, sniff } from "../../framework/models/admission.ts";
import {
  externalTensor,
  graph,
  graphAttribute,
  integerAttribute,
  integerTensor,
  linearModel,
  localFunction,
  model,
  node,
  value,
} from "./onnx-bytes.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-test-"));
  vi.stubEnv("TMPDIR", folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const features = value("features", "float", ["rows", 2]);
const probability = value("probability", "float", ["rows", 1]);
const good = linearModel([0.5, -0.25]);

async function admit(bytes: Uint8Array, options: Partial<AdmissionOptions> = {}): Promise<string> {
  const path = join(folder, `${randomBytes(6).toString("hex")}.onnx`);
  await writeFile(path, bytes);
  try {
    await admitModel(path, { model: "late", features: 2, task: "binary", ...options });
    return "admitted";
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    const [problem] = error.problems;
    expect(problem).toMatchObject({ code: "model-refused", at: "late" });
    return problem?.what ?? "";
  }
}

/** A model whose one node is asked for something else than a row's answer. */
function misfit(output: Uint8Array<ArrayBuffer>, op: string, attributes: Uint8Array<ArrayBuffer>[] = []): Uint8Array {
  const nodes = [node({ op, inputs: ["features"], outputs: ["probability"], attributes })];
  return model(graph({ inputs: [features], outputs: [output], nodes }));
}

/** A loop of 2^62 turns. */
function endlessModel(): Uint8Array {
  const turn = graph({
    inputs: [value("turn", "int64", []), value("on", "bool", []), value("sum", "float", ["rows", 2])],
    outputs: [value("still", "bool", []), value("next", "float", ["rows", 2])],
    nodes: [
      node({ op: "Identity", inputs: ["on"], outputs: ["still"] }),
      node({ op: "Add", inputs: ["sum", "sum"], outputs: ["next"] }),
    ],
  });
  return model(
    graph({
      inputs: [features],
      outputs: [probability],
      nodes: [
        node({
          op: "Loop",
          inputs: ["turns", "", "features"],
          outputs: ["end"],
          attributes: [graphAttribute("body", turn)],
        }),
        node({ op: "ReduceSum", inputs: ["end", "columns"], outputs: ["probability"] }),
      ],
      tensors: [integerTensor("turns", [], [2n ** 62n]), integerTensor("columns", [1], [1n])],
    }),
  );
}

/** A few bytes that ask for 2^29 floats while the model is opened. */
function hugeModel(): Uint8Array {
  return model(
    graph({
      inputs: [features],
      outputs: [probability],
      nodes: [
        node({ op: "ConstantOfShape", inputs: ["shape"], outputs: ["zeros"] }),
        node({ op: "ReduceMean", inputs: ["zeros"], outputs: ["mean"], attributes: [integerAttribute("keepdims", 1)] }),
        node({ op: "ReduceSum", inputs: ["features", "columns"], outputs: ["sum"] }),
        node({ op: "Add", inputs: ["sum", "mean"], outputs: ["shifted"] }),
        node({ op: "Sigmoid", inputs: ["shifted"], outputs: ["probability"] }),
      ],
      tensors: [integerTensor("shape", [1], [2n ** 29n]), integerTensor("columns", [1], [1n])],
    }),
  );
}

/** Functions that call each other 20,000 deep: onnxruntime runs out of stack while it loads them. */
function deepModel(): Uint8Array {
  const depth = 20_000;
  const functions = Array.from({ length: depth }, (_, level) => {
    const last = level === depth - 1;
    return localFunction(`f${level}`, [
      node({
        op: last ? "Identity" : `f${level + 1}`,
        inputs: ["x"],
        outputs: ["y"],
        ...(last ? {} : { domain: "local" }),
      }),
    ]);
  });
  const nodes = [node({ op: "f0", domain: "local", inputs: ["features"], outputs: ["probability"] })];
  return model(graph({ inputs: [features], outputs: [probability], nodes }), functions);
}

describe("admitModel", () => {
  it.each<[string, Uint8Array, AdmissionOptions["task"]]>([
    ["a model of a binary label", good, "binary"],
    ["a model of a value", linearModel([100, -3], "regression"), "regression"],
  ])("admits %s and leaves nothing behind", async (_, bytes, task) => {
    expect(await admit(bytes, { task })).toBe("admitted");
    expect((await readdir(folder)).filter((name) => name.startsWith("steward-admission-"))).toEqual([]);
  });

  it.each<[string, Uint8Array, RegExp, Partial<AdmissionOptions>?]>([
    ["an empty file", new Uint8Array(), /it is empty/],
    ["a pickle", Buffer.from("\x80\x04K\x01.", "latin1"), /Python pickle/],
    ["an archive", Buffer.from("PK\x03\x04data.pkl", "latin1"), /ZIP archive/],
    ["a file that is too large", good, /at most 10 are looked at/, { largestBytes: 10 }],
    ["random bytes", randomBytes(4096).fill(0x0a, 0, 1), /could not be opened/],
    ["a truncated model", good.subarray(0, good.length - 20), /could not be opened/],
    ["a model of another width", good, /its input is "features" float32 \[rows, 2\]/, { features: 3 }],
    [
      "an input of another name",
      model(
        graph({
          inputs: [value("input", "float", ["rows", 2])],
          outputs: [probability],
          nodes: [node({ op: "Identity", inputs: ["input"], outputs: ["probability"] })],
        }),
      ),
      /its input is "input"/,
    ],
    [
      "an output of two columns",
      misfit(value("probability", "float", ["rows", 2]), "Sigmoid"),
      /its output is .*\[rows, 2\]/,
    ],
    [
      "an output of integers",
      misfit(value("probability", "int64", ["rows", 1]), "ArgMax", [integerAttribute("axis", 1)]),
      /its output is .*int64/,
    ],
    ["a probability below 0", linearModel([1, 1], "regression"), /where a probability is expected/],
    [
      "a probability above 1",
      model(
        graph({
          inputs: [features],
          outputs: [probability],
          nodes: [
            node({ op: "Sigmoid", inputs: ["features"], outputs: ["shares"] }),
            node({ op: "ReduceSum", inputs: ["shares", "columns"], outputs: ["probability"] }),
          ],
          tensors: [integerTensor("columns", [1], [1n])],
        }),
      ),
      /answers 1\.\d+ where a probability is expected/,
    ],
    [
      "answers that depend on the other rows",
      model(
        graph({
          inputs: [features],
          outputs: [value("probability", "float", ["rows"])],
          nodes: [
            node({ op: "IsNaN", inputs: ["features"], outputs: ["missing"] }),
            node({ op: "Cast", inputs: ["missing"], outputs: ["flags"], attributes: [integerAttribute("to", 1)] }),
            node({ op: "Softmax", inputs: ["flags"], outputs: ["mixed"], attributes: [integerAttribute("axis", 0)] }),
            node({
              op: "ReduceSum",
              inputs: ["mixed", "columns"],
              outputs: ["probability"],
              attributes: [integerAttribute("keepdims", 0)],
            }),
          ],
          tensors: [integerTensor("columns", [1], [1n])],
        }),
      ),
      /alone and .* among 256/,
    ],
    [
      "data in another file",
      model(
        graph({
          inputs: [features],
          outputs: [probability],
          nodes: [node({ op: "MatMul", inputs: ["features", "weights"], outputs: ["probability"] })],
          tensors: [externalTensor("weights", [2, 1], "/etc/passwd")],
        }),
      ),
      /could not be opened/,
    ],
    [
      "an operator of a domain of its own",
      model(
        graph({
          inputs: [features],
          outputs: [probability],
          nodes: [node({ op: "Run", domain: "evil", inputs: ["features"], outputs: ["probability"] })],
        }),
      ),
      /could not be opened/,
    ],
    ["a model that takes too much memory", hugeModel(), /more than 512 MiB of memory/, { memoryBytes: 512 * 2 ** 20 }],
    ["a model that ends the process", deepModel(), /ended the process with/],
    ["a model that never answers", endlessModel(), /took more than 2 s/, { seconds: 2 }],
  ])("refuses %s", async (_, bytes, reason, options) => {
    expect(await admit(bytes, options)).toMatch(reason);
  });

  it("ends with its signal", async () => {
    const controller = new AbortController();
    const admitted = admit(endlessModel(), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 200);
    await expect(admitted).rejects.toThrow("enough");
  });
});

describe("sniff", () => {
  it.each([
    ["ONNX", good, undefined],
    ["a pickle of protocol 2", [0x80, 2], "it is a Python pickle, which can run any code when it is opened"],
    ["a pickle of protocol 5", [0x80, 5, 0x95], "it is a Python pickle, which can run any code when it is opened"],
    ["7z", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], "it is a 7z archive"],
    ["gzip", [0x1f, 0x8b, 8], "it is a gzip archive"],
  ])("judges %s by its first bytes", (_, bytes, expected) => {
    expect(sniff(Uint8Array.from(bytes))).toBe(expected);
  });
});

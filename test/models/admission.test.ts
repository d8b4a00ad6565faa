import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { link, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import { type AdmissionOptions, admitModel } from "../../framework/models/admission.ts";
import { createLinearOnnx } from "../serving/linear-onnx.ts";
import { takePart } from "../support/drawn.ts";
import { hostileModels } from "./hostile-models.ts";
import { foldedModel, functionChain, goodTree, loopModel } from "./hostile-parts.ts";
import { graph, integerAttribute, integerTensor, linearModel, model, node, value } from "./onnx-bytes.ts";

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
const converted = join(import.meta.dirname, "converted");

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

describe("admitModel", () => {
  it.each<[string, Uint8Array, AdmissionOptions["task"]]>([
    ["a model of a binary label", good, "binary"],
    ["a model of a value", linearModel([100, -3], "regression"), "regression"],
  ])("admits %s and leaves nothing behind", async (_, bytes, task) => {
    expect(await admit(bytes, { task })).toBe("admitted");
    expect((await readdir(folder)).filter((name) => name.startsWith("steward-admission-"))).toEqual([]);
  });

  it("admits a model of several classes, whose answers are as many probabilities that add up", async () => {
    const weights = [3, 0, -1, 0.5, 1, 0];
    const options = { task: "multiclass", classes: 3 } as const;
    expect(await admit(createLinearOnnx({ task: "multiclass", weights, classes: 3 }), options)).toBe("admitted");
    const two = createLinearOnnx({ task: "multiclass", weights: [1, 0, 0, 1], classes: 2 });
    expect(await admit(two, options)).toMatch(/its output is "probabilities" float32 \[rows, 2\]/);
    expect(await admit(good, options)).toMatch(/its output is "probability" float32 \[rows, 1\]/);
    expect(await admit(createLinearOnnx({ task: "binary", weights, classes: 3 }), options)).toMatch(
      /it answers \d+ rows, the first with probabilities that add up to [0-9.]+, where probabilities of 3 classes/,
    );
    expect(await admit(createLinearOnnx({ task: "regression", weights, classes: 3 }), options)).toMatch(
      /it answers \d+ rows, the first with -?[0-9.e+]+, where probabilities of 3 classes are expected/,
    );
  });

  it.each<[string, Uint8Array, RegExp, Partial<AdmissionOptions>?]>([
    ["an empty file", new Uint8Array(), /it is empty/],
    ["a pickle", Buffer.from("\x80\x04K\x01.", "latin1"), /Python pickle/],
    ["an archive", Buffer.from("PK\x03\x04data.pkl", "latin1"), /ZIP archive/],
    ["a file that is too large", good, /at most 10 are looked at/, { largestBytes: 10 }],
    ["random bytes", randomBytes(4096).fill(0x0a, 0, 1), /no ONNX file|could not be opened/],
    ["a truncated model", good.subarray(0, good.length - 20), /no ONNX file/],
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
      "a model that takes too much memory",
      foldedModel(2n ** 15n),
      /more than 512 MiB of memory/,
      { memoryBytes: 512 * 2 ** 20 },
    ],
    [
      "a model that ends the process",
      functionChain(20_000),
      /ended the process with/,
      { limits: { functionDepth: 100_000 } },
    ],
    [
      "a model that never answers",
      loopModel(2n ** 62n),
      /took more than 2 s/,
      { seconds: 2, limits: { controlFlow: ["Loop"] } },
    ],
  ])("refuses %s", async (_, bytes, reason, options) => {
    expect(await admit(bytes, options)).toMatch(reason);
  });

  it("says of every hostile model what its rules say, whatever its name ends in, and goes on", async () => {
    const waiting = [...takePart(hostileModels, 16)];
    const work = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const said = await admit(next.file);
        expect(said, next.title).toMatch(next.reason);
      }
    };
    await Promise.all([work(), work(), work()]);
    expect(await admit(good)).toBe("admitted");
  });

  it("refuses what is no file of its own: links, folders, second names", async () => {
    const secret = join(folder, "secret");
    await writeFile(secret, good);
    const named = join(folder, "named.onnx");
    await symlink(secret, named);
    const ask = (path: string) => admitModel(path, { model: "late", features: 2, task: "binary" });
    await expect(ask(named)).rejects.toThrow("it is a link to another file");
    await expect(ask(folder)).rejects.toThrow("it is no ordinary file");
    await expect(ask("/dev/zero")).rejects.toThrow("it is no ordinary file");
    expect(await ask(secret)).toMatchObject({ signature: { nodes: 2 } });
    await rm(named);
    await link(secret, named);
    await expect(ask(named)).rejects.toThrow("under a second name");
    await rm(named);
    await rm(secret);
  });

  it("finds the signature of a model, and what asking it took", async () => {
    const path = join(folder, "found.onnx");
    await writeFile(path, goodTree);
    const found = await admitModel(path, { model: "late", features: 2, task: "regression" });
    await rm(path);
    expect(found.signature).toEqual({
      onnxruntime: expect.stringMatching(/^1\.\d+\.\d+$/),
      opsets: { "ai.onnx": 15, "ai.onnx.ml": 1, local: 1 },
      nodes: 1,
      input: { name: "features", type: "float32", shape: ["rows", 2] },
      output: { name: "probability", type: "float32", shape: ["rows", 1] },
    });
    expect(found.peakBytes).toBeGreaterThan(30 * 2 ** 20);
    expect(found.peakBytes).toBeLessThan(2 * 2 ** 30);
    expect(found.p99Milliseconds).toBeGreaterThan(0);
    expect(found.p99Milliseconds).toBeLessThan(1_000);
  });

  it.each(takePart(readdirSync(converted), 5))("admits what converters make: %s", async (name) => {
    const task = name.includes(".binary.") ? "binary" : "regression";
    const limits = { controlFlow: name.includes("neighbours") ? ["Scan"] : [] };
    expect(await admit(readFileSync(join(converted, name)), { features: 3, task, limits })).toBe("admitted");
  });

  it("ends with its signal", async () => {
    const controller = new AbortController();
    const admitted = admit(loopModel(2n ** 62n), { signal: controller.signal, limits: { controlFlow: ["Loop"] } });
    setTimeout(() => controller.abort(new Error("enough")), 200);
    await expect(admitted).rejects.toThrow("enough");
  });
});

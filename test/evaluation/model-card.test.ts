import { describe, expect, it } from "vitest";
import { formatOf } from "../../framework/definitions/format.ts";
import type { ModelSpec } from "../../framework/definitions/spec.ts";
import { type CardParts, describeModelCard, formatModelCard } from "../../framework/evaluation/model-card.ts";

const spec: ModelSpec = {
  format: "model/1",
  kind: "model",
  name: "late",
  owner: "ops | ml",
  risk: "high",
  obligations: { retention: "3650 days", oversight: "A dispatcher reads it.", intendedUse: "Orders <b>queues</b>." },
  training: "late-training",
  metrics: ["auc"],
  gates: [],
  approval: { from: ["lead"], count: 1, notBy: "author" },
};
const measured = { metric: "auc", value: 0.69, low: 0.68, high: 0.7, rows: 1200 };
const parts: CardParts = {
  spec,
  packageDigest: "p".repeat(64),
  package: {
    format: formatOf("model-package"),
    model: "late",
    onnx: { sha256: "o".repeat(64), size: 5 },
    task: "binary",
    inputs: [{ name: "hour", type: "number" }],
    output: "probability",
    categories: {},
    run: "r".repeat(64),
    trainingSet: "t".repeat(64),
    environment: { lock: "l".repeat(64), python: "3.12.1" },
    signature: {
      onnxruntime: "1.30.0",
      opsets: { "ai.onnx": 15 },
      nodes: 2,
      input: { name: "features", type: "float32", shape: ["rows", 1] },
      output: { name: "probability", type: "float32", shape: ["rows", 1] },
    },
    example: { hour: 7 },
  },
  evaluation: {
    format: formatOf("evaluation"),
    package: "p".repeat(64),
    trainingSet: "t".repeat(64),
    rows: 1200,
    from: "2001-06-17",
    to: "2001-06-30",
    metrics: [measured],
    baseline: [{ ...measured, value: 0.6, low: 0.59, high: 0.61, by: "prior" }],
    slices: [],
    gates: [
      {
        gate: { kind: "atLeast", metric: "auc", value: 0.67 },
        verdict: "pass",
        reason: "auc 0.690 [0.680, 0.700] is at least 0.67",
      },
    ],
    decision: "pass",
  },
  version: 3,
};

describe("a model card", () => {
  it("says where a version comes from that won an experiment", () => {
    const from = {
      model: "bigger",
      version: 4,
      package: "b",
      endpoint: "desk",
      experiment: "trees",
      look: "l",
      lost: ["r"],
    };
    const card = describeModelCard({ ...parts, spec: { ...parts.spec, name: "bigger" }, from });
    const { lost: _lost, ...origin } = from;
    expect(card).toMatchObject({ model: "late", from: origin });
    expect(formatModelCard(card)).toContain("| from | version 4 of bigger, which won experiment trees on desk |");
    expect(describeModelCard(parts).from).toBeNull();
  });

  it("says whose the model is, what it is for, what it was made from and what it showed", () => {
    const card = describeModelCard(parts);
    expect(card).toMatchObject({
      model: "late",
      version: 3,
      owner: "ops | ml",
      risk: "high",
      intendedUse: "Orders <b>queues</b>.",
      data: { training: "late-training", testRows: 1200 },
      metrics: [measured],
      decision: "pass",
      code: { package: "p".repeat(64), environment: { python: "3.12.1" }, signature: { onnxruntime: "1.30.0" } },
    });
    expect(JSON.parse(JSON.stringify(card))).toEqual(card);
  });

  it("names the GPUs that it was trained on, and nothing where there were none", () => {
    const card = describeModelCard({ ...parts, gpus: ["NVIDIA H100 80GB HBM3", "NVIDIA H100 80GB HBM3"] });
    expect(formatModelCard(card)).toContain("| GPUs | NVIDIA H100 80GB HBM3, NVIDIA H100 80GB HBM3 |");
    expect(describeModelCard(parts).code.gpus).toBeNull();
    expect(formatModelCard(describeModelCard(parts))).not.toContain("GPUs");
  });

  it("is Markdown in which the words of people are words", () => {
    const text = formatModelCard(describeModelCard(parts));
    expect(text).toContain("| owner | ops \\| ml |");
    expect(text).toContain("Orders \\<b\\>queues\\</b\\>.");
    expect(text).toContain("| auc | 0.690 [0.680, 0.700] | 0.600 [0.590, 0.610] (prior) |");
    expect(text).toContain("- pass: auc 0.690 \\[0.680, 0.700\\] is at least 0.67");
    expect(text).toContain("| language | Python 3.12.1 |");
    expect(text).toContain("| approval | 1 of lead, not by the author |");
  });

  it("says what it does not know", () => {
    const { obligations: _obligations, ...plain } = spec;
    const { environment: _environment, signature: _signature, ...older } = parts.package;
    const { version: _version, ...unreleased } = parts;
    const card = describeModelCard({
      ...unreleased,
      spec: { ...plain, risk: "low", approval: "waived" },
      package: older,
      evaluation: { ...parts.evaluation, baseline: [], gates: [] },
    });
    expect(card).toMatchObject({ version: null, intendedUse: null, code: { environment: null, signature: null } });
    const text = formatModelCard(card);
    expect(text).toContain("| version | *not said* |");
    expect(text).toContain("| lock | *not said* |");
    expect(text).toContain("| auc | 0.690 [0.680, 0.700] | *not said* |");
    expect(text).toContain("There are none.");
  });

  it("lists the ten features that count most, and how that was found", () => {
    const features = Array.from({ length: 12 }, (_, at) => ({
      feature: at === 0 ? "a|b" : `f${at}`,
      importance: 12 - at,
      points: [[0.5, 1]] as [number, number][],
    }));
    const attributions = { method: "tree-shap", unit: "log-odds", rows: 9, background: 9, features, left: 3 } as const;
    const card = describeModelCard({ ...parts, evaluation: { ...parts.evaluation, attributions } });
    expect(card.attributions?.left).toBe(5);
    expect(card.attributions?.features).toHaveLength(10);
    expect(card.attributions?.features[0]).toEqual({ feature: "a|b", importance: 12 });
    const text = formatModelCard(card);
    expect(text).toContain("## What counts\n\nBy the paths of the trees (TreeSHAP)");
    expect(text).toContain("| a\\|b | 12.0 |");
    expect(formatModelCard(describeModelCard(parts))).not.toContain("What counts");
  });
});

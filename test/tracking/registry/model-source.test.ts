import { describe, expect, it } from "vitest";
import { type ModelSource, readModelSource } from "../../../framework/tracking/registry/model-source.ts";
import { badPaths } from "../bad-paths.ts";

const id = `m-${"0a".repeat(16)}`;

describe("sources of model versions", () => {
  it.each<[string, ModelSource]>([
    [`models:/${id}`, { kind: "logged-model", id }],
    ["models:/late/3", { kind: "version", name: "late", version: "3" }],
    ["models:/two words/3", { kind: "version", name: "two words", version: "3" }],
    ["models:/late@champion", { kind: "alias", name: "late", alias: "champion" }],
    ["runs:/0123/model", { kind: "run", run: "0123", path: "model" }],
    ["runs:/0123/a/b", { kind: "run", run: "0123", path: "a/b" }],
    ["runs:/0123", { kind: "run", run: "0123", path: "" }],
    ["mlflow-artifacts:/1/0123/artifacts/model", { kind: "artifacts", path: "1/0123/artifacts/model" }],
    ["dummy-source", { kind: "none" }],
    ["prompt-template", { kind: "none" }],
  ])("%s", (source, meant) => {
    expect(readModelSource(source)).toEqual(meant);
  });

  const elsewhere = [
    "",
    "model",
    "/etc/passwd",
    "./model",
    "C:\\models\\a",
    "file:///etc/passwd",
    "file:/etc/passwd",
    "s3://bucket/model",
    "gs://bucket/model",
    "dbfs:/model",
    "http://169.254.169.254/latest/meta-data",
    "https://example.test/model",
    "http://127.0.0.1:5000/api/2.0/mlflow-artifacts/artifacts/1/0123/artifacts",
    "ftp://user:password@host/model",
    "mlflow-artifacts://host/1/0123/artifacts",
    "models://host/late/3",
    "runs://host/0123/model",
    "Models:/late/3",
    " models:/late/3",
    "models:/late/3 ",
    "models:/late",
    "models:/late/latest",
    "models:/late/Production",
    "models:/late/3/model",
    "models:/late@champion@other",
    "models:/late@champion/model",
    "models:/late/3#/../../etc",
    "models:/m-short",
    "runs:/0123/model?path=..",
    "runs:/0123/model#frag",
    "$(touch /tmp/x)",
    "models:/late/3; rm -rf /",
    "dummy-source/../etc",
    "prompt-template#",
  ];
  it.each([
    ...elsewhere,
    ...badPaths.map((path) => `mlflow-artifacts:/${path}`),
    ...badPaths.filter((path) => path !== "c:a").map((path) => `runs:/${path}`),
  ])("is never %j", (source) => {
    expect(() => readModelSource(source)).toThrow("Invalid model version source");
  });
});

import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { example, useScript } from "./given-script.ts";

const given = useScript();

/** The distance between the answers of the model that the script has logged and those of a run's ONNX file. */
const comparison = `
import glob, sys
import mlflow, numpy as np, onnxruntime, pandas as pd
(logged,) = glob.glob("mlruns/*/models/*/artifacts")
rows = pd.read_parquet("validation.parquet").drop(columns="rate")
theirs = mlflow.sklearn.load_model(logged).predict(rows)
(ours,) = onnxruntime.InferenceSession(sys.argv[1]).run(None, {"features": rows.to_numpy(np.float32)})
assert theirs.std() > 1
print(np.abs(theirs - ours.reshape(-1)).max())
`;

describe("the script of the example", () => {
  it("runs without Steward as well, and its model answers as the one that is served", async () => {
    const trained = await given.trainBy(example, "a");
    await cp(join(example, "train.py"), join(given.folder, "train.py"));
    await given.runPython("train.py", "--train", "train.parquet", "--validation", "validation.parquet", "--alpha", "1");
    const distance = await given.runPython("-c", comparison, await given.tracking.store.fetchFile(trained.run.onnx));
    expect(Number(distance)).toBeLessThan(1e-5);
  });
});

describe("a script that leaves no model", () => {
  it.each([
    ["logs none", "c", "mlflow.log_metric('rmse', 1)", "the script logged no model that can be served"],
    ["fails", "d", "raise ValueError('no such luck')", "no such luck"],
  ])("fails with why, and so does its run, because it %s", async (_, identity, line, why) => {
    const source = join(given.folder, `without-model-${identity}`);
    await mkdir(source);
    await cp(join(example, "requirements.lock"), join(source, "requirements.lock"));
    await writeFile(join(source, "train.py"), `import mlflow\n${line}\n`);
    await expect(given.trainBy(source, identity)).rejects.toMatchObject({
      problems: [{ code: "training-failed", what: expect.stringContaining(why) }],
    });
    const { body } = await given.tracking.ask("POST", "/api/2.0/mlflow/experiments/search", {
      filter: "name = 'rate-training'",
      max_results: 1,
    });
    const { body: found } = await given.tracking.ask("POST", "/api/2.0/mlflow/runs/search", {
      experiment_ids: [body.experiments[0].experiment_id],
      filter: `attributes.status = 'FAILED' AND tags.\`job.identity\` = '${identity.repeat(64)}'`,
    });
    // What the job was given is there, whatever the script logs.
    expect(found.runs).toMatchObject([{ data: { params: [{ key: "alpha", value: "1" }] } }]);
  });
});

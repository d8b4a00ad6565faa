import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { example, useScript } from "./given-script.ts";

const given = useScript();

describe("the script of the example", () => {
  it("knows nothing of Steward", async () => {
    expect(await readFile(join(example, "train.py"), "utf8")).not.toMatch(/steward/i);
    expect(await readFile(join(example, "requirements.in"), "utf8")).not.toMatch(/steward/i);
  });

  it("logs to the run of its training, once, and its metrics are the training's", async () => {
    const { run } = await given.trainBy(example, "a");
    const { body: all } = await given.tracking.ask("POST", "/api/2.0/mlflow/experiments/search", { max_results: 10 });
    const experiments: { name: string; experiment_id: string }[] = all.experiments;
    expect(experiments.map(({ name }) => name).sort()).toEqual(["Default", "rate-training"]);
    const { body } = await given.tracking.ask("POST", "/api/2.0/mlflow/runs/search", {
      experiment_ids: experiments.map((one) => one.experiment_id),
    });
    expect(body.runs).toHaveLength(1);
    const [{ info, data, outputs }] = body.runs;
    expect(info.status).toBe("FINISHED");
    const params = Object.fromEntries(data.params.map((one: { key: string; value: string }) => [one.key, one.value]));
    // Every attempt of a run logs the same, on whatever machine.
    expect(params).toEqual({ train: "rows/train.parquet", validation: "rows/validation.parquet", alpha: "1.0" });
    expect(outputs.model_outputs).toHaveLength(1);
    const { body: history } = await given.tracking.ask(
      "GET",
      `/api/2.0/mlflow/metrics/get-history?run_id=${info.run_id}&metric_key=rmse`,
    );
    // What the script has logged is not logged again for the job.
    const rmse = run.metrics["rmse"];
    expect(history.metrics.map(({ value }: { value: number }) => value)).toEqual([rmse]);
    expect(Object.keys(run.metrics)).toEqual(["rmse", "mae"]);
  });
});

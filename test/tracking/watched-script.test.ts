import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { takePart } from "../support/drawn.ts";
import { clientVersions, runClient, useTracking } from "./tracking-stack.ts";

const given = useTracking();
const helper = join(import.meta.dirname, "../../framework/training/python");

describe.each(takePart(clientVersions.toReversed(), 1))("a script that logs with MLflow %s", (version) => {
  it("logs to the run of its job, and what it logs is the job's", async () => {
    const made = await given.ask("POST", "/api/2.0/mlflow/experiments/create", { name: `rate ${version}` });
    const { body } = await given.ask("POST", "/api/2.0/mlflow/runs/create", made.body);
    const env = { MLFLOW_RUN_ID: body.run.info.run_id, PYTHONPATH: helper, PYTHONDONTWRITEBYTECODE: "1" };
    const seen = await runClient(version, { script: "watched.py", url: given.url, env });
    const refused = 'the logged model "model" does not take the features of the training set: ';
    const expected = '. The features are, in their order, "a", "b"';
    expect(seen).toEqual({
      version: expect.stringMatching(version),
      reports: [
        { step: 1, metrics: { loss: 0.5 }, tracked: true },
        { step: 2, metrics: { loss: 0.25 }, tracked: true },
        { step: 3, metrics: { auc: 0.75, loss: 0.125 }, tracked: true },
        { step: 4, metrics: { late: 1 }, tracked: true },
      ],
      chosen: ["model", true],
      same: true,
      strangers: ["mlflow.pyfunc"],
      run: {
        // Whoever started the job ends it, once.
        status: "RUNNING",
        params: { alpha: "1.0", depth: "3" },
        loss: expect.arrayContaining([
          [1, 0.5],
          [2, 0.25],
          [3, 0.125],
        ]),
        experiment: true,
        runs: 2,
        others: [],
      },
      said: [
        '"http://127.0.0.1:9" is passed over: the run is tracked by the stack',
        '"another" is passed over: the run is in the experiment of its training job',
      ],
      autologged: { models: ["model"], reports: expect.arrayContaining(["training_mean_squared_error"]) },
      columns: {
        right: "",
        "without a signature": "",
        "lacking and unknown": `${refused}it lacks "b"; it takes "label", which the training set has not${expected}`,
        "another order": `${refused}it takes them in the order "b", "a"${expected}`,
        "without names":
          'the model "model" has no signature with names: it is taken to have the features in their order',
      },
      none: expect.stringMatching(
        /^the script logged no model that can be served, but one with mlflow.pyfunc: log it with /,
      ),
    });
  }, 180_000);
});

/**
 * Scripts that log to MLflow, as trainers.
 * @module
 */
import { readOptions } from "./options.ts";
import type { Trainer } from "./trainer.ts";

/** What an MLflow script runs with. */
export interface MlflowScriptOptions {
  /**
   * The hash-locked requirements of the script's environment, relative to the project file and within its folder. They have
   * `mlflow` or `mlflow-skinny`, of 2.22 or newer, and what converts its models: `onnx`, `onnxruntime`, `pandas`, `pyarrow`, and
   * `skl2onnx` or `onnxmltools`.
   * @example "requirements.lock"
   */
  readonly lock: string;
  /**
   * The arguments of the script. `{train}` and `{validation}` stand for the files of the rows, `{seed}` for the job's seed, and
   * the name of a parameter, `{alpha}`, for its value; each parameter stands somewhere. What is in braces and is no name is left as
   * it is.
   * @default as in MLflow projects: `--train {train}`, `--validation {validation}` where the split keeps validation rows, and
   * `--alpha {alpha}` for each parameter
   * @example ["--data", "{train}", "--held-out", "{validation}", "--alpha={alpha}"]
   */
  readonly args?: readonly string[];
  /**
   * The column of the label in those files. No feature has this name.
   * @default "label"
   * @example "rate"
   */
  readonly label?: string;
}

/**
 * A Python script that logs to MLflow and knows nothing of Steward. It stands in `trainer` of a training job.
 *
 * It is given Parquet files, `pandas.read_parquet(args.train)`: a 32-bit float for each feature, as the model gets it (what is
 * missing is NaN, a category is its place among the values it may have, or -1), and the label as the last column. The model is what
 * the script logs as `"model"`, or the last one that it logs, to its first run: of scikit-learn, LightGBM, XGBoost, PyTorch or ONNX,
 * also by `mlflow.autolog()`. It takes the features in their order, as its signature says, and is converted to ONNX; what MLflow pickles enters
 * no package. Metrics that it logs are the job's progress. Where the stack tracks experiments, its run is the run of the training,
 * whatever `set_experiment` and `set_tracking_uri` say; where it does not, MLflow's files go with the job's folder.
 *
 * @param file relative to the project file and within its folder
 * @example
 * mlflowScript("train.py", { lock: "requirements.lock", label: "rate" })
 */
export function mlflowScript(
  file: string,
  options: MlflowScriptOptions,
): Extract<Trainer, { readonly kind: "mlflow" }> {
  return { kind: "mlflow", file, ...readOptions(options) };
}

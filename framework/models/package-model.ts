/**
 * Packaging: from a run with an admitted model to the package that is evaluated, approved and served.
 * @module
 */
import { readFile } from "node:fs/promises";
import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import { quoteName, quotePath, quoteText } from "../data/sql.ts";
import { formatOf } from "../definitions/format.ts";
import { admitDocument } from "../definitions/versioned.ts";
import { reservedColumns, type TrainingSet } from "../features/training-set.ts";
import type { Digest } from "../plan/digest.ts";
import type { Reference } from "../store/reference.ts";
import type { ObjectFiles } from "../training/job-folder.ts";
import { type Run, trainerClosureSchema } from "../training/run.ts";
import { refusesUnseen } from "./encode.ts";
import { type ModelPackage, modelPackageSchema } from "./model-package.ts";

export interface PackageOptions {
  /** The model's name. */
  readonly model: string;
  readonly run: Run;
  /** What the run was trained on. */
  readonly trainingSet: TrainingSet;
  /** The training set's own digest. */
  readonly trainingSetDigest: Digest;
  readonly store: ObjectFiles & { putJson(value: unknown): Promise<Reference> };
}

export interface PackagedModel {
  readonly package: ModelPackage;
  /** Where the package is in the store; its digest is the model's digest. */
  readonly reference: Reference;
}

const outputs = { binary: "probability", multiclass: "probabilities", regression: "value" } as const;

/** Makes the package of a run and stores it. The same run gives the same package. */
export async function packageModel(options: PackageOptions): Promise<PackagedModel> {
  const { model, run, trainingSet, trainingSetDigest, store } = options;
  const { train, validation } = trainingSet.splits;
  const rows = await store.fetchFile((validation.rows > 0 ? validation : train).object);
  const made = modelPackageSchema.parse({
    format: formatOf("model-package"),
    model,
    onnx: run.onnx,
    ...(run.answers && { answers: run.answers }),
    task: trainingSet.task,
    ...(trainingSet.classes && { classes: trainingSet.classes }),
    inputs: trainingSet.features,
    output: outputs[trainingSet.task],
    categories: trainingSet.categories,
    ...(trainingSet.fitted && { fitted: trainingSet.fitted }),
    run: run.identity,
    trainingSet: trainingSetDigest,
    environment: await describeEnvironment(run, store),
    ...(run.admission && { signature: run.admission.signature }),
    example: await readExample(rows, trainingSet),
  });
  return { package: made, reference: await store.putJson(made) };
}

/** What a run's trainer stood on: the lock that was installed, and the version of its language. */
async function describeEnvironment(
  { trainer, python, node }: Run,
  store: PackageOptions["store"],
): Promise<NonNullable<ModelPackage["environment"]>> {
  const document: unknown = JSON.parse(await readFile(await store.fetchFile(trainer), "utf8"));
  const { files, lock } = trainerClosureSchema.parse(admitDocument(document, { at: trainer.sha256, name: "trainer" }));
  const locked = files.find(({ path }) => path === lock);
  if (!locked) throw new TypeError(`trainer ${trainer.sha256} has no file "${lock}", which it names as its lock`);
  return { lock: locked.object.sha256, ...(python !== undefined && { python }), ...(node !== undefined && { node }) };
}

/**
 * The first row by time of those that miss the fewest features, as a caller would send it. Rows of one time are told
 * apart by their values, so that the order of the file does not matter. A text that a server would refuse counts as missing.
 *
 * @param file the path of a split.
 */
export async function readExample(
  file: string,
  { features, categories, fitted }: Pick<TrainingSet, "features" | "categories" | "fitted">,
): Promise<ModelPackage["example"]> {
  const columns = features.map(({ name }) =>
    refusesUnseen(fitted, name) ? keepKnown(name, categories[name] ?? []) : quoteName(name),
  );
  const missing = columns.map((column) => `(${column} is null)::int`).join(" + ");
  const order = [missing, quoteName(reservedColumns.time), ...columns].join(", ");
  const query = `select ${columns.join(", ")} from read_parquet(${quotePath(file)}, hive_partitioning = false) order by ${order} limit 1`;
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  try {
    const connection = await instance.connect();
    const [row = []] = (await connection.runAndReadAll(query)).getRows();
    return Object.fromEntries(features.map(({ name, type }, at) => [name, toExample(row[at] ?? null, type)]));
  } finally {
    instance.closeSync();
  }
}

/** SQL of a text that is one of some, and else of NULL. */
function keepKnown(name: string, known: readonly string[]): string {
  if (known.length === 0) return "CAST(NULL AS VARCHAR)";
  return `CASE WHEN ${quoteName(name)} IN (${known.map(quoteText).join(", ")}) THEN ${quoteName(name)} END`;
}

function toExample(value: DuckDBValue, type: TrainingSet["features"][number]["type"]): ModelPackage["example"][string] {
  if (value === null) return null;
  if (type === "category") return String(value);
  const number = Number(value);
  if (!Number.isFinite(number)) return null;
  return type === "boolean" ? number !== 0 : number;
}

/**
 * Recording of golden rows: what a version of a model answers now, written to a file that `golden("…")` names.
 * @module
 */
import { readFile } from "node:fs/promises";
import { formatOf } from "../definitions/format.ts";
import type { GoldenRowSpec } from "../definitions/golden-rows.ts";
import { StewardError } from "../definitions/problem.ts";
import { openModel, readRowsAt } from "../evaluation/model-tests/sample.ts";
import { placeEvenly } from "../evaluation/model-tests/variation.ts";
import type { Subject } from "../evaluation/predict-test-rows.ts";
import { isServed, toRequest } from "../evaluation/served/ask-server.ts";
import type { ModelPackage } from "../models/model-package.ts";
import type { FeatureRow } from "../models/test-split.ts";
import type { Reference } from "../store/reference.ts";
import { writeWhole } from "../supervisor/private-file.ts";

export interface RecordOptions {
  /** The path of the file, absolute. */
  readonly path: string;
  readonly fetchFile: (reference: Reference) => Promise<string>;
}

/** What was recorded. */
export interface Recorded {
  readonly rows: number;
  /** Whether they are the rows that the file had, or new ones. */
  readonly from: "file" | "validation" | "train";
}

/** How many rows are taken where the file brings none. */
const takenRows = 20;

/**
 * Writes the answers of a version to the rows that the file has, or, where there is no such file or its rows have other features, to
 * rows from all over the validation split, of which no test is made.
 *
 * @throws StewardError `model-test-unfit` for a model that answers with more than a number
 */
export async function recordGolden(subject: Subject, { path, fetchFile }: RecordOptions): Promise<Recorded> {
  const { package: made, packageDigest, trainingSet } = subject;
  if (made.task === "multiclass") {
    throw new StewardError({
      code: "model-test-unfit",
      at: made.model,
      what: "golden rows have one number for an answer, and the model answers with a probability for each class",
    });
  }
  const kept = await readKept(path, made);
  const from = kept ? "file" : trainingSet.splits.validation.rows > 0 ? "validation" : "train";
  const taken = kept ?? (await take(subject, from === "train" ? "train" : "validation", fetchFile));
  await using model = await openModel(subject, fetchFile);
  const answers = await model.predict(taken);
  const rows = taken.map((features, row) => ({ features, answer: answers[row] ?? Number.NaN }));
  const unsaid = rows.findIndex(({ answer }) => !Number.isFinite(answer));
  if (unsaid >= 0) {
    throw new StewardError({
      code: "model-test-unfit",
      at: made.model,
      what: `the model answers row ${unsaid} of ${kept ? "the file" : `the ${from} split`} with no number, which no golden row can hold`,
    });
  }
  const document = { format: formatOf("golden-rows"), package: packageDigest, rows };
  writeWhole(path, `${JSON.stringify(document, undefined, 2)}\n`, 0o644);
  return { rows: rows.length, from };
}

type Row = GoldenRowSpec["features"];

/** The rows of a file that has the features of the model, each of them and no other. */
async function readKept(path: string, { inputs }: ModelPackage): Promise<readonly Row[] | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  const document: unknown = text === undefined ? undefined : parse(text);
  if (typeof document !== "object" || document === null || !("rows" in document)) return undefined;
  const rows = Array.isArray(document.rows) ? document.rows : [];
  const features = rows.map((row: { readonly features?: Row } | null) => row?.features);
  const names = inputs.map(({ name }) => name);
  const fits = (row: Row | undefined): row is Row =>
    typeof row === "object" &&
    row !== null &&
    Object.keys(row).length === names.length &&
    names.every((name) => name in row);
  return features.length > 0 && features.every(fits) ? features : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function take(
  { package: made, trainingSet }: Subject,
  split: "train" | "validation",
  fetchFile: RecordOptions["fetchFile"],
): Promise<readonly Row[]> {
  const { object, rows: count } = trainingSet.splits[split];
  const places = placeEvenly(count, takenRows);
  const rows = await readRowsAt({ file: await fetchFile(object), trainingSet, places });
  return rows.filter((row) => isServed(made, row)).map((row) => toPlain(toRequest(made, row)));
}

function toPlain(row: FeatureRow): Row {
  const plain = Object.entries(row).map(([name, value = null]) => {
    return [name, typeof value === "bigint" ? Number(value) : value] as const;
  });
  return Object.fromEntries(plain);
}

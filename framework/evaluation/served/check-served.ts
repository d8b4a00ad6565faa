/**
 * Holds a candidate that a real model server serves against what it was judged by, made by and trained on: its answers over the
 * network against those of the evaluation and of the trainer's own framework, and the features that a server makes of rows against
 * those of the training set.
 * @module
 */
import { frameworkAnswersSchema } from "../../models/framework-answers.ts";
import type { FeatureRow } from "../../models/test-split.ts";
import type { Store } from "../../store/store.ts";
import type { CandidateOrigin } from "../candidate-origin.ts";
import type { ServedCheck } from "../evaluation.ts";
import { openModel, readRowsAt } from "../model-tests/sample.ts";
import { placeEvenly } from "../model-tests/variation.ts";
import type { Subject } from "../predict-test-rows.ts";
import { askServer, isServed } from "./ask-server.ts";
import { compareAnswers } from "./compare-answers.ts";
import { compareFeatures } from "./compare-features.ts";
import type { ServedCandidate } from "./limited-server.ts";

export interface CheckServedOptions extends Subject {
  readonly server: ServedCandidate;
  readonly objects: Pick<Store, "fetchFile" | "getJson">;
  /** What its features were made from. @default it is not known, and features are not compared */
  readonly origin?: CandidateOrigin;
  /** An existing folder for what is too large for memory; what is put there is removed. */
  readonly workFolder: string;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
  /** Told in one line how far the work is. @default nobody is told */
  readonly onProgress?: (line: string) => void;
}

/** How many test rows are asked. */
const askedRows = 64;

/** Makes all comparisons. One that cannot be made says so, and is no pass. */
export async function checkServed(options: CheckServedOptions): Promise<readonly ServedCheck[]> {
  const { origin, server, onProgress } = options;
  if (server.state === "refused") {
    const reason = `served: a model server does not take the candidate: ${server.why}`;
    return [{ check: "served", verdict: "fail", reason, rows: 0, exceeding: 0 }];
  }
  onProgress?.("asking a model server for the candidate");
  const asked = { ...options, address: server.address };
  const answers = [await compareWithEvaluation(asked), await compareWithFramework(asked)];
  if (!origin) return [...answers, skip("features", "because it is not known what they were made from")];
  onProgress?.("comparing the features of training and serving");
  return [...answers, { check: "features", ...(await compareFeatures({ ...options, origin })) }];
}

type Asked = CheckServedOptions & { readonly address: string };

/** Test rows over the network, against the model as the evaluation has it. */
async function compareWithEvaluation(options: Asked): Promise<ServedCheck> {
  const { package: made, trainingSet, objects } = options;
  const { object, rows: count } = trainingSet.splits.test;
  const file = await objects.fetchFile(object);
  const rows = await readRowsAt({ file, trainingSet, places: placeEvenly(count, askedRows) });
  const served = rows.filter((row) => isServed(made, row));
  if (served.length === 0) return skip("served", "because a server would refuse each of the rows");
  await using model = await openModel(options, (reference) => objects.fetchFile(reference));
  const flat = [...(await model.predict(served))];
  const width = flat.length / served.length;
  const expected = served.map((_, row) => flat.slice(row * width, (row + 1) * width));
  const answers = await askServer(served, options);
  return { check: "served", ...compareAnswers(expected, answers, { name: "served", other: "the model" }) };
}

/** Rows of another split, against what the trainer's framework said of them when the model was saved. */
async function compareWithFramework(options: Asked): Promise<ServedCheck> {
  const { package: made, trainingSet, objects } = options;
  if (!made.answers)
    return skip("framework", "because its trainer left no answers of its framework: job.save(model) does");
  const { framework, split, rows: places, answers: said } = await objects.getJson(made.answers, frameworkAnswersSchema);
  const { object, rows: count } = trainingSet.splits[split];
  if (places.some((place) => place >= count))
    return skip("framework", "because its answers are of rows that there are not");
  const file = await objects.fetchFile(object);
  const found = await readRowsAt({ file, trainingSet, places });
  const pairs = found.map((row, at): readonly [FeatureRow, readonly number[]] => [row, said[at] ?? []]);
  const served = pairs.filter(([row]) => isServed(made, row));
  if (served.length === 0) return skip("framework", "because a server would refuse each of the rows");
  const answers = await askServer(
    served.map(([row]) => row),
    options,
  );
  const expected = served.map(([, values]) => values);
  return { check: "framework", ...compareAnswers(expected, answers, { name: "framework", other: framework }) };
}

function skip(check: ServedCheck["check"], why: string): ServedCheck {
  return { check, verdict: "not-compared", reason: `not compared: ${check}, ${why}`, rows: 0, exceeding: 0 };
}

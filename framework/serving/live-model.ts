/**
 * A model that answers: a package, its session, and the count of who is using it, so that it is closed after the last.
 * @module
 */

import { Refusal } from "../http/refusal.ts";
import { type CompiledSession, openCompiledSession } from "../models/compiled-session.ts";
import { encodeColumns, encodeRows, encodeValues, UnseenCategories } from "../models/encode.ts";
import { type ModelPackage, modelPackageSchema, type ProductionRef } from "../models/model-package.ts";
import type { ModelSession } from "../models/session.ts";
import type { Reference } from "../store/reference.ts";
import { RequestTemplates } from "./fast/request-templates.ts";
import { TickBatch } from "./fast/tick-batch.ts";
import { InferenceStatistics } from "./inference-statistics.ts";
import type { TensorValue } from "./tensor.ts";

/** What loading needs of the store. */
export interface PackageStore {
  getJson(digest: string, schema: typeof modelPackageSchema): Promise<ModelPackage>;
  fetchFile(reference: Reference): Promise<string>;
}

export class LiveModel {
  readonly package: ModelPackage;
  /** The digest of the package: the model's. */
  readonly digest: string;
  readonly generation: number;
  /** The number of the release, as text. */
  readonly version: string;
  readonly statistics = new InferenceStatistics();
  /** Answers the rows of many requests at once. */
  readonly batch: TickBatch;
  /** What the requests of its callers have in common. */
  readonly templates = new RequestTemplates();
  readonly #session: CompiledSession;
  #users = 1;

  constructor(release: ProductionRef, modelPackage: ModelPackage, session: CompiledSession) {
    this.package = modelPackage;
    this.digest = release.package;
    this.generation = release.generation;
    this.version = String(release.version);
    this.#session = session;
    this.batch = new TickBatch(this);
  }

  /**
   * Answers rows given by column: of several classes with a probability for each, row by row.
   *
   * @throws Refusal 422 for texts that no training row had, of features that are declared to refuse them, and for rows that the
   * model has no finite answer for, as sums of very large numbers are none
   */
  async answer(columns: Readonly<Record<string, readonly TensorValue[]>>, rows: number): Promise<number[]> {
    this.keep();
    try {
      return await predict(this.#session, encodeColumns(this.package, columns, rows), rows);
    } catch (error) {
      if (error instanceof UnseenCategories) throw new Refusal(422, error.message);
      throw error;
    } finally {
      await this.release();
    }
  }

  /** Encodes rows of values, in row order, into a matrix from one of its rows on. @throws Refusal 422 as `answer` does */
  encode(values: readonly TensorValue[], into: { readonly matrix: Float32Array; readonly row: number }): void {
    try {
      encodeValues(this.package, values, into);
    } catch (error) {
      throw error instanceof UnseenCategories ? new Refusal(422, error.message) : error;
    }
  }

  /** Answers the rows of a matrix. @throws Refusal 422 for a row that the model has no finite answer for */
  async answerMatrix(matrix: Float32Array, rows: number): Promise<number[]> {
    this.keep();
    try {
      return await predict(this.#session, matrix, rows);
    } finally {
      await this.release();
    }
  }

  /** What answers: ONNX Runtime, or our own walk of a model's trees. */
  get engine(): CompiledSession["engine"] {
    return this.#session.engine;
  }

  /** Keeps it open until it is given up once more. */
  keep(): void {
    this.#users++;
  }

  /** Gives it up: what still runs ends, then its session is closed. */
  async release(): Promise<void> {
    if (--this.#users === 0) await this.#session.close();
  }
}

/** Loads a release and warms it with its own example, so that the first caller waits no longer than the second. */
export async function loadModel(store: PackageStore, model: string, release: ProductionRef): Promise<LiveModel> {
  const modelPackage = await store.getJson(release.package, modelPackageSchema);
  if (modelPackage.model !== model) throw new TypeError(`the package is of model "${modelPackage.model}"`);
  const { onnx, inputs, classes } = modelPackage;
  const session = await openCompiledSession({
    file: await store.fetchFile(onnx),
    width: inputs.length,
    answers: classes?.length,
  });
  try {
    await predict(session, encodeRows(modelPackage, [modelPackage.example]), 1);
  } catch (error) {
    await session.close();
    throw error;
  }
  return new LiveModel(release, modelPackage, session);
}

async function predict(session: ModelSession, matrix: Float32Array, rows: number): Promise<number[]> {
  const answers = Array.from(await session.predict(matrix, rows));
  const bad = answers.findIndex((answer) => !Number.isFinite(answer));
  if (bad >= 0) {
    const row = Math.floor((bad * rows) / answers.length);
    throw new Refusal(422, `the model has no finite answer for row ${row}`);
  }
  return answers;
}

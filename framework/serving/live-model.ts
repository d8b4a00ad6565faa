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
import type { TrialRecord } from "./variants/trial-record.ts";

/** What loading needs of the store. */
export interface PackageStore {
  getJson(digest: string, schema: typeof modelPackageSchema): Promise<ModelPackage>;
  fetchFile(reference: Reference): Promise<string>;
}

/** A package under the number of its release. */
export type Release = Pick<ProductionRef, "version" | "package">;

/** There is no finite answer for a row, as sums of very large numbers are none: the model's own fault, and not its caller's alone. */
export class NoFiniteAnswer extends Refusal {}

/** The most rows that are answered at once each by themselves: ten of the largest requests. Whoever comes then is told to come again. */
const mostRowsAtOnce = 100_000;

export class LiveModel {
  readonly package: ModelPackage;
  /** The digest of the package: the model's. */
  readonly digest: string;
  /** The number of the release, as text. */
  readonly version: string;
  readonly statistics = new InferenceStatistics();
  /** Answers the rows of many requests at once. */
  readonly batch: TickBatch;
  /** What the requests of its callers have in common. */
  readonly templates = new RequestTemplates();
  /** Where it is recorded what it is asked for. @default it is not on trial */
  trial: TrialRecord | undefined;
  readonly #session: CompiledSession;
  /** What is under way, in the order in which it was begun. */
  readonly #runs = new Set<{ readonly begun: number }>();
  #users = 1;
  /** Those under way that are answered by themselves. */
  #rows = 0;

  constructor(release: Release, modelPackage: ModelPackage, session: CompiledSession) {
    this.package = modelPackage;
    this.digest = release.package;
    this.version = String(release.version);
    this.#session = session;
    this.batch = new TickBatch(this);
  }

  /**
   * Answers rows given by column: of several classes with a probability for each, row by row.
   *
   * @throws Refusal 422 for texts that no training row had, of features that are declared to refuse them, and for rows that the
   * model has no finite answer for, as sums of very large numbers are none; 503 while too many rows are under way
   * @param isUnseen whether no caller waits for it. @default false
   */
  async answer(
    columns: Readonly<Record<string, readonly TensorValue[]>>,
    rows: number,
    isUnseen = false,
  ): Promise<number[]> {
    if (this.#rows + rows > mostRowsAtOnce)
      throw new Refusal(503, "the server has more to answer than it can", { "retry-after": "1" });
    this.#rows += rows;
    this.keep();
    try {
      return await this.#predict(encodeColumns(this.package, columns, rows), rows, isUnseen ? 0 : 1);
    } catch (error) {
      if (error instanceof UnseenCategories) throw new Refusal(422, error.message);
      throw error;
    } finally {
      this.#rows -= rows;
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

  /** Answers the rows of a matrix. @param requests of how many requests they are. @throws Refusal 422 for a row that the model has no finite answer for */
  async answerMatrix(matrix: Float32Array, rows: number, requests = 1): Promise<number[]> {
    this.keep();
    try {
      return await this.#predict(matrix, rows, requests);
    } finally {
      await this.release();
    }
  }

  /** @param requests how many callers wait; 0 where the rows are asked for unseen */
  async #predict(matrix: Float32Array, rows: number, requests: number): Promise<number[]> {
    const { trial } = this;
    const run = { begun: performance.now() };
    this.#runs.add(run);
    const unseen = requests === 0 ? rows : 0;
    trial?.begin({ requests, unseen });
    try {
      return await predict(this.#session, matrix, rows);
    } finally {
      trial?.end({ requests, unseen });
      this.#runs.delete(run);
    }
  }

  /** For how long the oldest run is under way, in milliseconds; 0 where there is none. */
  get oldestRun(): number {
    const [oldest] = this.#runs;
    return oldest ? performance.now() - oldest.begun : 0;
  }

  /** What answers: ONNX Runtime, or our own walk of a model's trees. */
  get engine(): CompiledSession["engine"] {
    return this.#session.engine;
  }

  /** Keeps it open until it is given up once more. */
  keep(): void {
    this.#users++;
  }

  /** Keeps it open as `keep` does, unless it is closed already. @returns whether it is open */
  keepOpen(): boolean {
    if (this.#users === 0) return false;
    this.#users++;
    return true;
  }

  /** Gives it up: what still runs ends, then its session is closed. */
  async release(): Promise<void> {
    if (--this.#users === 0) await this.#session.close();
  }
}

/** Loads a release and warms it with its own example, so that the first caller waits no longer than the second. */
export async function loadModel(store: PackageStore, model: string, release: Release): Promise<LiveModel> {
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
    throw new NoFiniteAnswer(422, `the model has no finite answer for row ${row}`);
  }
  return answers;
}

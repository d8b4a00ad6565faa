/**
 * Attributions of single answers, on demand: what explains a version is opened when somebody first asks, with rows of what it was
 * trained beside, and kept for those who ask next.
 * @module
 */
import { setImmediate } from "node:timers/promises";
import { readBackground } from "../../explanation/background-rows.ts";
import { type Explainer, openExplainer } from "../../explanation/explainer.ts";
import { type Explained, InexactAttributions } from "../../explanation/explanation.ts";
import type { PlanStore } from "../../features/online/serving-plan.ts";
import { trainingSetSchema } from "../../features/training-set.ts";
import { Refusal } from "../../http/refusal.ts";
import { encodeColumns, type FeatureValue } from "../../models/encode.ts";
import { openSession } from "../../models/session.ts";
import type { LiveModel, PackageStore } from "../live-model.ts";

/** What opening an explainer needs of the store: the package's model, and its training set. */
export type AttributionStore = Pick<PlanStore, "getJson"> & Pick<PackageStore, "fetchFile">;

/** What each feature adds to one number of an answer. */
interface AnswerAttributions {
  /** What the model says of nothing in particular: this and all that is added are `of`. */
  readonly expected: number;
  /** What is explained. */
  readonly of: number;
  readonly added: Readonly<Record<string, number>>;
  /** How far what is added may be off by chance: standard errors. @default it is exact */
  readonly errors?: Readonly<Record<string, number>>;
}

/** The attributions of the answer to one row. */
export interface RowAttributions {
  readonly method: Explainer["method"];
  /** In what the numbers are: what a logistic function makes a probability of, or the answer itself. */
  readonly unit: Explainer["unit"];
  /** Of several classes one for each, by its name. */
  readonly answer: AnswerAttributions | Readonly<Record<string, AnswerAttributions>>;
}

/** Rows by column, and the version that answered them. */
export interface AttributedRows {
  readonly live: LiveModel;
  readonly columns: Readonly<Record<string, readonly FeatureValue[]>>;
  readonly rows: number;
}

/** How many rows are explained at once: each takes milliseconds during which nobody else is answered. */
const mostRows = 32;

/** How many versions are kept open, the one that was asked longest ago gives way. */
const mostOpened = 4;

/** How many callers may wait for their turn: whoever comes then is told to come again. */
const mostWaiting = 8;

export class LiveAttributions {
  readonly #store: AttributionStore;
  /** The one that was asked last is the last. */
  readonly #opened = new Map<LiveModel, Promise<Explainer>>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #isClosed = false;

  constructor(store: AttributionStore) {
    this.#store = store;
  }

  /**
   * Explains rows, one caller after the other.
   *
   * @throws Refusal 400 for more rows than are explained at once, 422 for answers that cannot be explained, 503 while too many
   * wait, or once it is closed
   */
  async explain(asked: AttributedRows): Promise<readonly RowAttributions[]> {
    if (asked.rows > mostRows) throw new Refusal(400, `attributions are given for at most ${mostRows} rows at once`);
    if (this.#waiting >= mostWaiting)
      throw new Refusal(503, "too many wait for attributions already", { "retry-after": "1" });
    this.#waiting++;
    const answer = this.#last.then(() => this.#explain(asked));
    this.#last = answer.catch(() => undefined);
    try {
      return await answer;
    } finally {
      this.#waiting--;
    }
  }

  /** Gives up what was opened. Whoever still waits is refused: it may have been minutes until the last one's turn. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    for (const live of [...this.#opened.keys()]) await this.#forget(live);
  }

  async #explain({ live, columns, rows }: AttributedRows): Promise<readonly RowAttributions[]> {
    this.#checkOpen();
    const explainer = await this.#open(live);
    const { inputs, classes } = live.package;
    const width = inputs.length;
    const matrix = encodeColumns(live.package, columns, rows);
    const found: RowAttributions[] = [];
    for (let row = 0; row < rows; row++) {
      this.#checkOpen();
      const [explained = []] = await explainer
        .explain({ matrix: matrix.slice(row * width, (row + 1) * width), width })
        .catch(refuse);
      const answers = explained.map((one) => describe(one, inputs));
      const [only] = answers;
      if (!only) throw new TypeError("a row has an answer");
      const answer = classes ? Object.fromEntries(classes.map((name, at) => [name, answers[at] ?? only])) : only;
      found.push({ method: explainer.method, unit: explainer.unit, answer });
      await setImmediate();
    }
    return found;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Refusal(503, "the server is about to end", { "retry-after": "1" });
  }

  async #open(live: LiveModel): Promise<Explainer> {
    const explainer = this.#opened.get(live) ?? openFor(live, this.#store);
    this.#opened.delete(live);
    const [oldest] = this.#opened.keys();
    this.#opened.set(live, explainer);
    try {
      if (oldest && this.#opened.size > mostOpened) await this.#forget(oldest);
      return await explainer;
    } catch (error) {
      // Whoever asks next tries again.
      this.#opened.delete(live);
      throw error;
    }
  }

  async #forget(live: LiveModel): Promise<void> {
    const explainer = this.#opened.get(live);
    this.#opened.delete(live);
    const opened = await explainer?.catch(() => undefined);
    await opened?.close();
  }
}

async function openFor({ package: modelPackage }: LiveModel, store: AttributionStore): Promise<Explainer> {
  const fetchFile: AttributionStore["fetchFile"] = (reference) => store.fetchFile(reference);
  const { onnx, inputs, classes, trainingSet } = modelPackage;
  const background = await readBackground({
    package: modelPackage,
    trainingSet: await store.getJson(trainingSet, trainingSetSchema),
    fetchFile,
  });
  const file = await fetchFile(onnx);
  const session = await openSession(file, inputs.length, classes?.length);
  try {
    const predict = (matrix: Float32Array, rows: number) => session.predict(matrix, rows);
    const explainer = await openExplainer({ file, background, predict });
    return {
      ...explainer,
      close: async () => {
        await explainer.close();
        await session.close();
      },
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

function describe(
  { expected, value, attributions, errors }: Explained,
  inputs: LiveModel["package"]["inputs"],
): AnswerAttributions {
  const named = (values: Float64Array) => Object.fromEntries(inputs.map(({ name }, at) => [name, values[at] ?? 0]));
  return { expected, of: value, added: named(attributions), ...(errors && { errors: named(errors) }) };
}

function refuse(error: unknown): never {
  if (error instanceof InexactAttributions) throw new Refusal(422, `the answer cannot be explained: ${error.message}`);
  throw error;
}

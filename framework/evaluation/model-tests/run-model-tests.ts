/**
 * Runs the tests of a model on a sample of its test rows: opens it, asks it, has its server timed, and lets the tests decide.
 * @module
 */
import type { ModelTestSpec } from "../../definitions/model-test-spec.ts";
import type { FeatureRow } from "../../models/test-split.ts";
import type { Reference } from "../../store/reference.ts";
import type { ModelTestVerdict } from "../evaluation.ts";
import { formatCount } from "../number-text.ts";
import type { Subject } from "../predict-test-rows.ts";
import { inferencePath, isServed, prepareBodies } from "../served/ask-server.ts";
import { type ServedCandidate, serveControl } from "../served/limited-server.ts";
import { measureOpenLoop } from "../served/open-loop.ts";
import { type AnsweredTest, type Answers, decideModelTest, type LatencyFact } from "./decide-model-test.ts";
import { type OpenModel, openModel, readSample } from "./sample.ts";
import { type AskedRows, varyRows } from "./variation.ts";

export interface ModelTestOptions {
  readonly tests: readonly ModelTestSpec[];
  readonly candidate: Subject;
  /** A model server that serves the candidate, for `latency`. @default nobody serves it, and nothing is timed */
  readonly server?: ServedCandidate;
  /** The path of a local copy whose bytes have been checked against the reference. */
  readonly fetchFile: (reference: Reference) => Promise<string>;
  /** Ends the work early with the signal's reason. @default runs to the end */
  readonly signal?: AbortSignal;
  /** Told in one line how far the work is. @default nobody is told */
  readonly onProgress?: (line: string) => void;
}

/** How many rows are asked together. */
const batchRows = 4_096;

/** Runs all tests, in their order. Rows that a server would refuse are asked as if what it refuses were missing. */
export async function runModelTests(options: ModelTestOptions): Promise<readonly ModelTestVerdict[]> {
  const { tests, candidate, server, fetchFile, signal, onProgress } = options;
  const sample = await readSample(options);
  const width = candidate.package.classes?.length ?? 1;
  const verdicts: ModelTestVerdict[] = [];
  await using model = await openModel(candidate, fetchFile);
  for (const [at, test] of tests.entries()) {
    signal?.throwIfAborted();
    onProgress?.(`test ${at + 1} of ${tests.length} on ${formatCount(sample.length, "row")}`);
    const rows = varyRows(test, sample);
    const answers = await ask(model, rows, { width, signal });
    const more = await askMore(test, { rows, model, ...options });
    verdicts.push(decideModelTest(test, { answers, width, ...more }));
  }
  return verdicts;

  /** What a test asks beyond the answers to its rows. */
  async function askMore(
    test: ModelTestSpec,
    { rows, model: opened }: { readonly rows: AskedRows; readonly model: OpenModel },
  ): Promise<Omit<AnsweredTest, "answers">> {
    switch (test.kind) {
      case "deterministic": {
        const same = await ask(opened, rows, { width, signal });
        await using other = await openModel(candidate, fetchFile);
        return { again: [same, await ask(other, rows, { width, signal })] };
      }
      case "answers-each-row": {
        const chosen = [...new Set([0, Math.floor(rows.length / 2), rows.length - 1])].filter((row) => rows[row]);
        const alone = chosen.map(async (row) => {
          const answer = await opened.predict(rows[row] ?? []);
          return Array.from({ length: width }, (_, place) => ({ row, place, answer: answer[place] ?? Number.NaN }));
        });
        return { alone: (await Promise.all(alone)).flat() };
      }
      case "latency":
        return { latency: await time({ rate: test.rate, sample, candidate, server, signal }) };
      default:
        return {};
    }
  }
}

interface Asking {
  /** How many numbers a row is answered with. */
  readonly width: number;
  readonly signal: AbortSignal | undefined;
}

async function ask(model: OpenModel, rows: AskedRows, { width, signal }: Asking): Promise<Answers> {
  const flat = rows.flat();
  const answers: number[] = [];
  for (let at = 0; at < flat.length; at += batchRows) {
    signal?.throwIfAborted();
    for (const answer of await model.predict(flat.slice(at, at + batchRows))) answers.push(answer);
  }
  let end = 0;
  return rows.map((group) => {
    end += group.length;
    return answers.slice((end - group.length) * width, end * width);
  });
}

interface Timing {
  readonly rate: number;
  readonly sample: readonly FeatureRow[];
  readonly candidate: Subject;
  readonly server: ServedCandidate | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Asks single rows of the candidate's server at a rate. @returns why it cannot be asked, where it cannot */
async function time({ rate, sample, candidate, server, signal }: Timing): Promise<LatencyFact | string> {
  if (server?.state !== "serving") return server ? server.why : "nobody serves the candidate";
  const rows = sample.filter((row) => isServed(candidate.package, row));
  if (rows.length === 0) return "there is no row to ask";
  const ending = signal && { signal };
  const toBody = await prepareBodies({ address: server.address, package: candidate.package, ...ending });
  if (typeof toBody === "string") return `the server answers ${toBody}`;
  await using control = await serveControl({ ...ending });
  return await measureOpenLoop({
    candidate: `${server.address}${inferencePath(candidate.package)}`,
    control: control.address,
    bodies: rows.map((row) => toBody([row])),
    rate,
    ...ending,
  });
}

/**
 * The program of an admission's child process: opens a model, asks it, and prints a verdict.
 *
 * `admission-probe.ts <path> <features> <binary|regression>`
 * @module
 */
import { readFileSync } from "node:fs";
import { InferenceSession } from "onnxruntime-node";
import type { ProbeVerdict } from "./probe-verdict.ts";
import { inputName, openSession } from "./session.ts";

const probeRows = 256;
/** A row must get the same answer alone and among others. */
const tolerance = 1e-5;
/** What columns may hold: codes, ordinary and extreme numbers, and nothing. */
const values = [0, 1, -1, 0.5, 17, 250, -40.25, 1e6, Number.NaN, 3.4e38, -3.4e38, 1e-38];

const [path = "", width = "", task = ""] = process.argv.slice(2);
const reason = await judge(readFileSync(path), Number(width), task === "binary").catch(describeError);
const verdict: ProbeVerdict = reason === undefined ? {} : { reason };
process.stdout.write(`${JSON.stringify(verdict)}\n`);

/** Why a model is refused, or nothing. */
async function judge(bytes: Uint8Array, features: number, binary: boolean): Promise<string | undefined> {
  // From bytes, in an empty folder: data outside the file are not to be found.
  const loaded = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const misfit = judgeSignature(loaded, features);
  await loaded.release();
  if (misfit) return misfit;
  const session = await openSession(bytes, features);
  const matrix = Float32Array.from(
    { length: probeRows * features },
    (_, at) => values[(at * 7 + Math.floor(at / features)) % values.length] ?? 0,
  );
  const together = await session.predict(matrix, probeRows);
  const again = await session.predict(matrix, probeRows);
  for (const row of [0, 1, probeRows - 1]) {
    const [alone = Number.NaN] = await session.predict(matrix.slice(row * features, (row + 1) * features), 1);
    if (differ(alone, together[row])) return `a row is answered ${alone} alone and ${together[row]} among ${probeRows}`;
    if (differ(together[row], again[row])) return `the same row is answered ${together[row]}, then ${again[row]}`;
  }
  const outside = binary ? together.find((answer) => answer < 0 || answer > 1 + tolerance) : undefined;
  return outside === undefined ? undefined : `it answers ${outside} where a probability is expected`;
}

function judgeSignature(session: InferenceSession, features: number): string | undefined {
  const inputs = session.inputMetadata.map(describeValue).join(", ");
  const outputs = session.outputMetadata.map(describeValue).join(", ");
  const [input] = session.inputMetadata;
  const [output] = session.outputMetadata;
  const takes =
    session.inputMetadata.length === 1 && input?.name === inputName && isFloat(input) && fits(input.shape, features);
  if (!takes) return `its input is ${inputs || "none"}`;
  const gives =
    session.outputMetadata.length === 1 &&
    isFloat(output) &&
    (output.shape.length === 1 ? isOpen(output.shape[0]) : fits(output.shape, 1));
  return gives ? undefined : `its output is ${outputs || "none"}`;
}

function isFloat(value: InferenceSession.ValueMetadata | undefined): value is InferenceSession.TensorValueMetadata {
  return value?.isTensor === true && value.type === "float32";
}

/** Whether a shape is any number of rows of `columns` columns. */
function fits(shape: readonly (number | string)[], columns: number): boolean {
  return shape.length === 2 && isOpen(shape[0]) && shape[1] === columns;
}

/** A dimension with a name, or none, may have any size. */
function isOpen(dimension: number | string | undefined): boolean {
  return typeof dimension === "string" || (typeof dimension === "number" && dimension < 0);
}

function describeValue(value: InferenceSession.ValueMetadata): string {
  return value.isTensor ? `"${value.name}" ${value.type} [${value.shape.join(", ")}]` : `"${value.name}", no tensor`;
}

function differ(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return a !== b;
  if (Object.is(a, b)) return false;
  return !(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a)));
}

function describeError(error: unknown): string {
  return `it could not be opened: ${error instanceof Error ? error.message.slice(0, 300) : String(error)}`;
}

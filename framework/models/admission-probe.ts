/**
 * The program of an admission's child process: reads a model, judges it, opens it, asks it, and prints a verdict.
 *
 * `admission-probe.ts <request as JSON>`
 * @module
 */
import "./onnx-telemetry.ts";
import { readFileSync } from "node:fs";
import { env, InferenceSession } from "onnxruntime-node";
import { judgeContent } from "./admission-rules.ts";
import { findNoDistribution } from "./distribution-rule.ts";
import { listNodes } from "./function-rules.ts";
import type { OnnxModel } from "./onnx-graph.ts";
import {
  type Admission,
  type ModelSignature,
  type ProbeRequest,
  type ProbeVerdict,
  probeRequestSchema,
} from "./probe-verdict.ts";
import { inputName, type ModelSession, openSession } from "./session.ts";

const probeRows = 256;
/** How many single rows are timed at most, and for how long, in milliseconds. */
const timedRows = 500;
const timedMilliseconds = 2_000;
/** A row must get the same answer alone and among others. */
const tolerance = 1e-5;
/** What columns may hold: codes, ordinary and extreme numbers, and nothing. */
const values = [0, 1, -1, 0.5, 17, 250, -40.25, 1e6, Number.NaN, 3.4e38, -3.4e38, 1e-38];

const request = probeRequestSchema.parse(JSON.parse(process.argv[2] ?? ""));
const verdict = await judge(readFileSync(request.path), request).catch(
  (error: unknown): ProbeVerdict => ({ reason: describeError(error) }),
);
process.stdout.write(`${JSON.stringify(verdict)}\n`);

/** Why a model is refused, or what was found. */
async function judge(bytes: Uint8Array, { features, task, width, limits }: ProbeRequest): Promise<ProbeVerdict> {
  const content = summarize(judgeContent(bytes, features, limits));
  if ("reason" in content) return content;
  // From bytes, in an empty folder: data outside the file are not to be found.
  const loaded = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  const misfit = judgeSignature(loaded, features, width);
  const signature = misfit === undefined ? describeSignature(loaded, content) : undefined;
  await loaded.release();
  if (misfit !== undefined || !signature) return { reason: misfit ?? "it has no input and output" };
  const session = await openSession(bytes, features, width);
  const strange = await ask(session, { features, task, width });
  if (strange !== undefined) return { reason: strange };
  return { admission: { signature, ...(await measure(session, features)) } };
}

/** Why its answers are refused, or nothing. */
async function ask(
  session: ModelSession,
  { features, task, width }: Pick<ProbeRequest, "features" | "task" | "width">,
): Promise<string | undefined> {
  const matrix = createRows(features);
  const together = await session.predict(matrix, probeRows);
  const again = await session.predict(matrix, probeRows);
  for (const row of [0, 1, probeRows - 1]) {
    const alone = await session.predict(matrix.slice(row * features, (row + 1) * features), 1);
    for (const [place, answer] of alone.entries()) {
      const [among, then] = [together[row * width + place], again[row * width + place]];
      if (differ(answer, among)) return `a row is answered ${answer} alone and ${among} among ${probeRows}`;
      if (differ(among, then)) return `the same row is answered ${among}, then ${then}`;
    }
  }
  if (task === "multiclass") {
    // Of a row that is missing or too large a model may say nothing.
    const told = together.filter((_, at) => isTold(together, at - (at % width), width));
    const wrong = findNoDistribution(told, width);
    return wrong === undefined
      ? undefined
      : `it answers ${wrong}, where probabilities of ${width} classes are expected`;
  }
  const outside = task === "binary" ? together.find((answer) => answer < 0 || answer > 1 + tolerance) : undefined;
  return outside === undefined ? undefined : `it answers ${outside} where a probability is expected`;
}

/** Whether a row is answered with numbers alone. */
function isTold(answers: Float32Array, from: number, width: number): boolean {
  return answers.subarray(from, from + width).every((answer) => !Number.isNaN(answer));
}

/** Times single rows, each by itself. */
async function measure(session: ModelSession, features: number): Promise<Omit<Admission, "signature">> {
  const matrix = createRows(features);
  const times: number[] = [];
  const end = performance.now() + timedMilliseconds;
  while (times.length < timedRows && (times.length === 0 || performance.now() < end)) {
    const row = times.length % probeRows;
    const began = performance.now();
    await session.predict(matrix.slice(row * features, (row + 1) * features), 1);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  const slow = times[Math.ceil(times.length * 0.99) - 1] ?? 0;
  return { peakBytes: process.resourceUsage().maxRSS * 1024, p99Milliseconds: Math.round(slow * 1e4) / 1e4 };
}

function createRows(features: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: probeRows * features },
    (_, at) => values[(at * 7 + Math.floor(at / features)) % values.length] ?? 0,
  );
}

/** What the signature says of a graph, which need not be kept for it while a runtime opens the file. */
type Summary = Pick<ModelSignature, "opsets" | "nodes">;

function summarize(content: ReturnType<typeof judgeContent>): Summary | { readonly reason: string } {
  if ("reason" in content) return content;
  const { graph, functions, opsets }: OnnxModel = content.model;
  return {
    opsets: Object.fromEntries(
      opsets.map(({ domain, version: opset }) => [domain || "ai.onnx", Number(opset)] as const).sort(),
    ),
    nodes: [graph, ...functions].reduce((total, { nodes }) => total + listNodes(nodes).length, 0),
  };
}

function describeSignature(session: InferenceSession, { opsets, nodes }: Summary): ModelSignature | undefined {
  const [input] = session.inputMetadata;
  const [output] = session.outputMetadata;
  if (!input?.isTensor || !output?.isTensor) return undefined;
  const describe = ({ name, type, shape }: InferenceSession.TensorValueMetadata) => ({ name, type, shape: [...shape] });
  return {
    onnxruntime: env.versions.node ?? env.versions.common,
    opsets,
    nodes,
    input: describe(input),
    output: describe(output),
  };
}

function judgeSignature(session: InferenceSession, features: number, width: number): string | undefined {
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
    (output.shape.length === 1 ? width === 1 && isOpen(output.shape[0]) : fits(output.shape, width));
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

/**
 * A model, loaded and ready to answer. Only models that have passed admission may be opened here.
 * @module
 */
import "./onnx-telemetry.ts";
import { InferenceSession, Tensor } from "onnxruntime-node";

export interface ModelSession {
  /**
   * Answers `rows` rows of a matrix in row order: the probability of a binary label being true, the value, or of several classes
   * the probability of each, row by row.
   *
   * @throws RangeError when the matrix has another size.
   */
  predict(matrix: Float32Array, rows: number): Promise<Float32Array>;
  /** Frees the model; nothing may be asked of it after. */
  close(): Promise<void>;
}

/** The name of a model's one input. */
export const inputName = "features";

/** Threads of the process do not compete: one answer uses one core, and more requests use more. */
const sessionOptions: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  logSeverityLevel: 3,
};

/**
 * Opens a model.
 *
 * @param onnx the path of the file, or its bytes.
 * @param width how many inputs the model has, which are the columns of its matrix.
 * @param answers how many numbers it answers a row with. @default 1
 */
export async function openSession(onnx: string | Uint8Array, width: number, answers = 1): Promise<ModelSession> {
  const session = await (typeof onnx === "string"
    ? InferenceSession.create(onnx, sessionOptions)
    : InferenceSession.create(onnx, sessionOptions));
  const [output] = session.outputNames;
  if (output === undefined) throw new TypeError("the model has no output");
  return {
    async predict(matrix, rows) {
      if (matrix.length !== rows * width) {
        throw new RangeError(`the matrix has ${matrix.length} values, expected ${rows} rows of ${width}`);
      }
      if (rows === 0) return new Float32Array(0);
      const results = await session.run({ [inputName]: new Tensor("float32", matrix, [rows, width]) });
      const found = results[output]?.data;
      if (!(found instanceof Float32Array) || found.length !== rows * answers) {
        const expected = answers === 1 ? "one FLOAT" : `${answers} FLOATs`;
        throw new TypeError(
          `the model answered ${found?.length ?? 0} values for ${rows} rows, expected ${expected} for each`,
        );
      }
      return found;
    },
    close: () => session.release(),
  };
}

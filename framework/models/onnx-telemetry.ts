/**
 * Tells ONNX Runtime to report nothing: from 1.29 on it sends the names of models and what it runs on to its makers unless it is told
 * before it is loaded, and leaves a file among the temporary ones for each process.
 *
 * Source: https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
 * @module
 */

// Of this process, and so of those that it starts with its environment. Not of one whose threads alone import this: their environment is
// a copy, which the runtime does not read. The value is no setting of ours: nothing turns it on again.
process.env["ORT_DISABLE_TELEMETRY"] = "1";

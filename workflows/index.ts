/**
 * Every workflow, for the bundle. An exported function's name is its workflow type.
 * @module
 */
// biome-ignore-all lint/performance/noBarrelFile: the bundler wants every workflow from one module
export { datasetEntity } from "./dataset/workflow.ts";
export { endpointEntity } from "./endpoint/workflow.ts";
export { evaluate } from "./evaluate/workflow.ts";
export { ingest } from "./ingest/workflow.ts";
export { look } from "./look/workflow.ts";
export { materialise } from "./materialise/workflow.ts";
export { materialiseOnline } from "./materialise-online/workflow.ts";
export { modelEntity } from "./model/workflow.ts";
export { release } from "./release/workflow.ts";
export { score } from "./score/workflow.ts";
export { serve } from "./serve/workflow.ts";
export { train } from "./train/workflow.ts";
export { tune } from "./tune/workflow.ts";

/**
 * What is counted of the live version, by the names of Triton's metrics, which dashboards know. Pure.
 * @module
 */
import type { InferenceStatistics } from "../inference-statistics.ts";
import type { Metric } from "./metric-text.ts";

/** The version, and what is counted of it. */
export interface CountedModel {
  readonly model: string;
  readonly version: string;
  readonly statistics: InferenceStatistics;
}

/** The metrics of a version. @param counted undefined while none is loaded */
export function describeModelMetrics(counted: CountedModel | undefined): readonly Metric[] {
  const describe = (name: string, help: string, read: (statistics: InferenceStatistics) => number): Metric => ({
    name,
    type: "counter",
    help,
    samples: counted
      ? [{ labels: { model: counted.model, version: counted.version }, value: read(counted.statistics) }]
      : [],
  });
  return [
    describe("nv_inference_request_success", "Inferences that were answered.", ({ success }) => success.count),
    describe("nv_inference_request_failure", "Inferences that were refused or failed.", ({ fail }) => fail.count),
    describe("nv_inference_count", "Rows that were answered.", ({ rows }) => rows),
    describe("nv_inference_exec_count", "Inferences that the model was run for.", ({ runs }) => runs),
    describe("nv_inference_request_duration_us", "Time of the inferences that were answered.", ({ success }) =>
      Math.round(success.ns / 1000),
    ),
    describe("nv_inference_compute_infer_duration_us", "Time of the model in them.", ({ compute }) =>
      Math.round(compute.ns / 1000),
    ),
  ];
}

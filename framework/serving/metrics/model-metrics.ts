/**
 * What is counted of the live versions, by the names of Triton's metrics, which dashboards know. Pure.
 * @module
 */
import type { InferenceStatistics } from "../inference-statistics.ts";
import type { ComparedRows } from "../variants/variant-counts.ts";
import type { Metric } from "./metric-text.ts";

/** What is read of a variant. */
export interface CountedVariant {
  readonly name: string;
  readonly mirror: number;
  readonly live: {
    readonly package: { readonly model: string };
    readonly version: string;
    readonly statistics: InferenceStatistics;
  };
  readonly counts: { readonly compared: ComparedRows; readonly isGivenUp: boolean };
}

/** The metrics of an endpoint's variants: each model once, with the label `variant` where there are several. */
export function describeModelMetrics(variants: readonly CountedVariant[]): readonly Metric[] {
  const models = variants.filter(({ live }, i) => variants.findIndex((other) => other.live === live) === i);
  const describe = (name: string, help: string, read: (statistics: InferenceStatistics) => number): Metric => ({
    name,
    type: "counter",
    help,
    samples: models.map(({ name: variant, live }) => ({
      labels: { model: live.package.model, version: live.version, ...(variants.length > 1 && { variant }) },
      value: read(live.statistics),
    })),
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

/** The metrics of the variants that are asked unseen. */
export function describeUnseenMetrics(variants: readonly CountedVariant[]): readonly Metric[] {
  const unseen = variants.filter(({ mirror }) => mirror > 0);
  const outcomes = ["rows", "failed", "skipped"] as const;
  return [
    {
      name: "steward_variant_compared_total",
      type: "counter",
      help: "Rows that a variant was given unseen, by what became of them: compared, failed, or skipped for lack of time.",
      samples: unseen.flatMap(({ name: variant, counts }) =>
        outcomes.map((outcome) => ({
          labels: { variant, outcome: outcome === "rows" ? "compared" : outcome },
          value: counts.compared[outcome],
        })),
      ),
    },
    {
      name: "steward_variant_disagreements_total",
      type: "counter",
      help: "Rows on which a variant, asked unseen, disagreed with the answer that was given.",
      samples: unseen.map(({ name: variant, counts }) => ({ labels: { variant }, value: counts.compared.disagreed })),
    },
    {
      name: "steward_variant_given_up",
      type: "gauge",
      help: "1 where a variant is asked unseen no more, since processes of the server ended while it was.",
      samples: unseen.map(({ name: variant, counts }) => ({ labels: { variant }, value: Number(counts.isGivenUp) })),
    },
  ];
}

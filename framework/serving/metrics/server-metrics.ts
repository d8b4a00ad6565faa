/**
 * What a model server counts.
 * @module
 */
import { Counter } from "./counter.ts";
import { Histogram } from "./histogram.ts";

/** The counters of a server. Nothing that a caller may choose is a label. */
export class ServerMetrics {
  readonly requests = new Counter({
    name: "steward_requests_total",
    help: "Requests that were answered, by route and HTTP status.",
    labels: ["route", "status"],
  });
  readonly durations = new Histogram({
    name: "steward_request_seconds",
    help: "How long requests took that were answered, by route.",
    label: "route",
  });
  /** As KServe calls it. */
  readonly predictions = new Histogram({
    name: "request_predict_seconds",
    help: "How long the model took of an inference.",
    label: "model_name",
  });
  readonly rows = new Counter({
    name: "steward_rows_total",
    help: "Rows that were predicted, by route.",
    labels: ["route"],
  });
  readonly lookups = new Counter({
    name: "steward_online_lookups_total",
    help: "Rows that were looked up in a table of the online store, by why they were served as they were.",
    labels: ["table", "reason"],
  });

  readonly labels = new Counter({
    name: "steward_feedback_labels_total",
    help: "Labels of answers that were recorded, those that were sent again among them.",
    labels: [],
  });

  readonly spans = new Counter({
    name: "steward_spans_total",
    help: "Spans of requests that are traced, by what became of them: exported, dropped or failed.",
    labels: ["outcome"],
  });

  /** Counts a request that is answered now. @param started when it came, as `performance.now()` tells it */
  count(route: string, status: number, started: number): void {
    this.requests.add({ route, status: String(status) });
    this.durations.observe(route, (performance.now() - started) / 1000);
  }
}

/**
 * What is logged to a run by one request, and what it may be. Pure.
 * @module
 */
import { posix } from "node:path";
import { z } from "zod";
import { double, keyValues, longestKey, whole } from "../field.ts";
import { invalid } from "../tracking-failure.ts";

/** A value of a metric, as it is sent. */
export const metricSchema = z.object({
  key: z.string(),
  value: double,
  timestamp: whole,
  step: whole.nullish().transform((step) => step ?? 0),
  model_id: z.string().max(64).nullish(),
  dataset_name: z.string().max(500).nullish(),
  dataset_digest: z.string().max(36).nullish(),
});

export type LoggedMetric = z.output<typeof metricSchema>;

/** A key and its value. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** What one request logs to a run: all of it is there, or nothing. */
export interface RunEntry {
  readonly runId: string;
  /** Who logs it. */
  readonly actor: string;
  readonly metrics: readonly LoggedMetric[];
  /** Written once: another value for a key is refused, the same one is no error. */
  readonly params: readonly KeyValue[];
  /** The last one for a key counts. */
  readonly tags: readonly KeyValue[];
}

export const batchSchema = z.object({
  run_id: z.string().min(1),
  metrics: z.array(metricSchema).default([]),
  params: keyValues,
  tags: keyValues,
});

/** How large the body of a batch may be, in bytes. */
export const largestBatch = 1_000_000;

const mostMetrics = 1000;
const mostPairs = 100;
const mostTogether = 1000;
const longestParam = 6000;
const longestTag = 8000;

/** What the server alone says of a run, as tags. */
export const ownPrefix = "steward.";
/** The tag that says who created a run, as the server knows it. */
export const actorTag = "steward.actor";

/**
 * Holds an entry against the limits, those of MLflow.
 * @throws TrackingFailure 400 for the first thing that is too long, too many, or named as nothing may be
 */
export function checkEntry({ metrics, params, tags }: Pick<RunEntry, "metrics" | "params" | "tags">): void {
  checkCount("metrics", metrics.length, mostMetrics);
  checkCount("params", params.length, mostPairs);
  checkCount("tags", tags.length, mostPairs);
  checkCount("metrics, params, and tags", metrics.length + params.length + tags.length, mostTogether);
  for (const { key, timestamp } of metrics) {
    checkKey(key, "metric");
    if (timestamp < 0) throw invalid(`Invalid timestamp ${timestamp} of metric '${key}': it must not be negative`);
  }
  const seen = new Set<string>();
  for (const { key, value } of params) {
    checkKey(key, "parameter");
    checkLength(`the value of parameter '${key}'`, value, longestParam);
    if (seen.has(key)) throw invalid(`Duplicate parameter keys have been submitted: '${key}'`);
    seen.add(key);
  }
  for (const tag of tags) checkTag(tag);
}

/** @throws TrackingFailure 400 for a tag that may not be set */
export function checkTag({ key, value }: KeyValue): void {
  checkKey(key, "tag");
  checkLength(`the value of tag '${key}'`, value, longestTag);
  if (key.startsWith(ownPrefix)) throw invalid(`tags that begin with '${ownPrefix}' are set by the server alone`);
}

/** @throws TrackingFailure 400 for a key that is none, or that would be another when it is taken for a path */
export function checkKey(key: string, what: string): void {
  if (key === "") throw invalid(`Missing value for required parameter 'key' of a ${what}.`);
  checkLength(`the key of a ${what}`, key, longestKey);
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(key)) {
    throw invalid(
      `Invalid value "${key}" for the key of a ${what}: Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).`,
    );
  }
  if (posix.normalize(key) !== key || key === "." || key.startsWith("..") || key.startsWith("/") || key.endsWith("/")) {
    throw invalid(
      `Invalid value "${key}" for the key of a ${what}: Names may be treated as files in certain cases, and must not resolve to other names when treated as such.`,
    );
  }
}

function checkLength(what: string, value: string, most: number): void {
  if (value.length > most) throw invalid(`${what} exceeds the maximum length of ${most} characters`);
}

function checkCount(what: string, count: number, most: number): void {
  if (count > most) {
    throw invalid(`A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}.`);
  }
}

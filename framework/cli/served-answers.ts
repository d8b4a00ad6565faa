/**
 * Whether a package, loaded by a real model server, answers over the network as its model does in an evaluation.
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatOf } from "../definitions/format.ts";
import { openModel, readSample } from "../evaluation/model-tests/sample.ts";
import { formatCount } from "../evaluation/number-text.ts";
import type { Subject } from "../evaluation/predict-test-rows.ts";
import type { FeatureRow } from "../evaluation/test-split.ts";
import { refusesUnseen } from "../models/encode.ts";
import type { ModelPackage } from "../models/model-package.ts";
import { type ServerOptions, startServer } from "../serving/server.ts";
import { predictOne } from "./prediction.ts";

/** What a server needs of the store but the ref in production, which is said to be the package. */
export type ServedStore = Omit<ServerOptions["store"], "readRef">;

/** What a comparison came to. */
export interface ServedVerdict {
  readonly verdict: "pass" | "fail" | "inconclusive";
  /** One sentence with the numbers. */
  readonly reason: string;
  /** How many rows were compared. */
  readonly rows: number;
  /** How many of them were answered otherwise. */
  readonly exceeding: number;
}

const comparedRows = 20;
/** How far answers may be apart, in units of the larger of 1 and the answer. */
const tolerance = 1e-5;

/** Serves the package on a free port of this machine, without a log of requests, and compares some of its test rows. */
export async function compareServed(subject: Subject, store: ServedStore): Promise<ServedVerdict> {
  const { package: made, packageDigest } = subject;
  const fetchFile: ServedStore["fetchFile"] = (reference) => store.fetchFile(reference);
  const sample = await readSample({ candidate: subject, fetchFile, most: comparedRows });
  const rows = sample.map((row) => toRequest(made, row)).filter((row) => isServed(made, row));
  await using model = await openModel(subject, fetchFile);
  const expected = await model.predict(rows);
  const answers = await askServer({ made, packageDigest, rows, store });
  return decideServed([...expected], answers);
}

/** Holds the server's answers against the model's. */
export function decideServed(expected: readonly number[], answers: readonly (number | string)[]): ServedVerdict {
  const count = formatCount(expected.length, "row");
  const of = { rows: expected.length, exceeding: 0 };
  if (expected.length === 0) return { verdict: "inconclusive", reason: "served: no row can be asked", ...of };
  const off = expected.flatMap((value, row) => {
    const got = answers[row];
    const near = typeof got === "number" && Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value));
    return near ? [] : [{ row, got, value }];
  });
  const [first] = off;
  if (!first)
    return { verdict: "pass", reason: `served: ${count} are answered within ${tolerance} of the model`, ...of };
  const reason = `served: row ${first.row} is answered ${first.got}, and the model answers ${first.value}; ${off.length} of ${count} differ`;
  return { verdict: "fail", reason, ...of, exceeding: off.length };
}

interface Asked {
  readonly made: ModelPackage;
  readonly packageDigest: string;
  readonly rows: readonly FeatureRow[];
  readonly store: ServedStore;
}

async function askServer({ made, packageDigest, rows, store }: Asked): Promise<readonly (number | string)[]> {
  const folder = await mkdtemp(join(tmpdir(), "steward-served-"));
  const release = {
    format: formatOf("production"),
    generation: 1,
    version: 1,
    package: packageDigest,
    evaluation: packageDigest,
  };
  const reports: string[] = [];
  const server = await startServer({
    endpoint: made.model,
    model: made.model,
    store: {
      getJson: store.getJson.bind(store),
      fetchFile: store.fetchFile.bind(store),
      readName: store.readName.bind(store),
      readRef: async () => ({ value: release, etag: "1" }),
    },
    segmentFolder: folder,
    log: { requests: "none", durability: "memory" },
    port: 0,
    pollMilliseconds: 20,
    report: (line) => void reports.push(line),
  });
  try {
    const address = `http://127.0.0.1:${server.port}`;
    await waitReady(`${address}/v2/models/${encodeURIComponent(made.model)}/ready`, reports);
    const answers: (number | string)[] = [];
    for (const features of rows) {
      const { outputs } = await predictOne({ address, model: made.model, id: randomUUID(), features });
      const answer = outputs[made.output];
      answers.push(typeof answer === "number" ? answer : String(answer));
    }
    return answers;
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const patience = 30_000;

async function waitReady(url: string, reports: readonly string[]): Promise<void> {
  const end = performance.now() + patience;
  while (performance.now() < end) {
    const { ok } = await fetch(url);
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(
    `the model server did not load the package in ${patience / 1000} s: ${reports.at(-1) ?? "it said nothing"}`,
  );
}

/** A row as a caller would send it: tables hold truths as 0 and 1. */
function toRequest({ inputs }: ModelPackage, row: FeatureRow): FeatureRow {
  return Object.fromEntries(
    inputs.map(({ name, type }) => {
      const value = row[name] ?? null;
      return [name, type === "boolean" && value !== null ? Number(value) !== 0 : value];
    }),
  );
}

/** Whether a server answers a row, and does not refuse a text that no training row had. */
function isServed({ inputs, categories, fitted }: ModelPackage, row: FeatureRow): boolean {
  return inputs.every(({ name, type }) => {
    if (type !== "category" || row[name] === null || !refusesUnseen(fitted, name)) return true;
    return (categories[name] ?? []).includes(String(row[name]));
  });
}

/**
 * Scores a version of a dataset: what is not in the store yet is scored in slices by a process of its own, each kept under its identity as
 * soon as it is written, so that whoever begins again goes on where another ended; in the end all of them are a version.
 * @module
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "../data/progress.ts";
import { formatOf } from "../definitions/format.ts";
import type { Digest } from "../plan/digest.ts";
import { artefactNames, nameArtefact } from "../store/artefacts.ts";
import type { Store } from "../store/store.ts";
import { encodeInputs } from "./encoded-inputs.ts";
import { findParts, findScored } from "./find-scored.ts";
import { makeFeatures } from "./made-features.ts";
import { type PlannedFile, type PlannedSlice, planScoredFiles } from "./planned-file.ts";
import { listAnswers, selectScored } from "./scored-columns.ts";
import { type SelectScored, selectColumns, selectComputed, selectMade } from "./scored-rows.ts";
import { composeScoredVersion } from "./scored-version.ts";
import type { SliceRequest } from "./scorer-message.ts";
import { scoreSlices } from "./scorer-process.ts";
import {
  nameScored,
  type ScoredPart,
  type ScoreRequest,
  type ScoreResult,
  type Scoring,
  scoringPrefix,
} from "./scoring.ts";
import { formatPace } from "./scoring-pace.ts";
import { readSubject, type ScoringSubject } from "./scoring-subject.ts";

export interface ScoreOptions {
  readonly request: ScoreRequest;
  readonly store: Store;
  /** An existing folder, which whoever goes on finds again. */
  readonly workFolder: string;
  /** Where indexes of joined sets are kept. @default they are made anew */
  readonly indexFolder?: string;
  /** How many slices are scored at once: a core each. */
  readonly threads: number;
  /** @default nothing aborts */
  readonly signal?: AbortSignal;
  /** Shown how far it is, in one line. @default nobody is */
  readonly show?: (line: string) => void;
  /** Told how far features are that look at other rows. @default nobody is told */
  readonly onProgress?: (progress: Progress) => void;
}

/** Scores, unless that was done before. Repeated, it changes nothing. */
export async function scoreDataset(options: ScoreOptions): Promise<ScoreResult> {
  const { request, store, workFolder, indexFolder, signal, onProgress } = options;
  const known = await findScored(store, request.identity);
  if (known) return known;
  const subject = await readSubject(store, request);
  let made: Promise<string> | undefined;
  const make = (): Promise<string> => {
    made ??= makeFeatures({ subject, store, workFolder, indexFolder, signal, onProgress });
    return made;
  };
  const files = await planScoredFiles({ subject, ...request, store, make });
  const slices = files.flatMap((file) => file.slices);
  const parts = await findParts(
    store,
    slices.map(({ identity }) => identity),
  );
  const missing = slices.filter(({ identity }) => !parts.has(identity));
  if (missing.length > 0) await scoreMissing({ ...options, subject, missing, parts });
  return await keepScored(options, { subject, files, parts });
}

interface Missing extends ScoreOptions {
  readonly subject: ScoringSubject;
  readonly missing: readonly PlannedSlice[];
  /** What is there; what is made is put beside it. */
  readonly parts: Map<Digest, ScoredPart>;
}

async function scoreMissing(options: Missing): Promise<void> {
  const { store, workFolder, threads, signal, show, subject, missing, parts } = options;
  const { inputs, classes, onnx } = subject.package;
  const folder = join(workFolder, "scorer");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { setup, refusing, inputs: encoded } = encodeInputs(subject.package);
  const pace = formatPace(
    subject.dataset.version.rows,
    [...parts.values()].reduce((sum, { rows }) => sum + rows, 0),
  );
  await scoreSlices(tellSlices({ ...options, folder, encoded }), {
    onnx: await store.fetchFile(onnx),
    width: inputs.length,
    answers: classes?.length ?? 1,
    setup: [...setup],
    refusing: [...refusing],
    threads: Math.min(threads, missing.length),
    folder,
    signal,
    onRows: (rows) => show?.(pace(rows)),
    onSlice: async ({ id, path }, scored) => {
      const slice = missing[id];
      if (!slice) throw new TypeError("a slice was scored that nobody asked for");
      const part = { format: formatOf("scored-part"), object: await store.putFile(path), ...scored };
      const { sha256 } = await store.putJson(part);
      await nameArtefact(store, artefactNames.scoredPart(slice.identity), sha256);
      parts.set(slice.identity, part);
      await rm(path);
    },
  });
  await rm(folder, { recursive: true, force: true });
}

/** The slices that are missing, as a scorer is told them: the file of each is brought here when it is its turn. */
async function* tellSlices(
  options: Missing & { readonly folder: string; readonly encoded: readonly string[] },
): AsyncGenerator<SliceRequest> {
  const { request, subject, missing, folder, encoded } = options;
  const select = chooseSelect(subject);
  const columns = [...selectScored(subject.kept, { ...subject.package, digest: request.package })];
  for (const [id, { from, to, fetch }] of missing.entries()) {
    const rows = select(await fetch(), { from, to });
    yield {
      id,
      most: to - from,
      rows,
      inputs: [...encoded],
      columns,
      readsRows: true,
      path: join(folder, `${id}.parquet`),
    };
  }
}

function chooseSelect(subject: ScoringSubject): SelectScored {
  const rows = { dataset: subject.dataset.spec, kept: subject.kept };
  switch (subject.way.kind) {
    case "columns":
      return selectColumns(rows, subject.package);
    case "rows":
      return selectComputed(rows, subject);
    case "examples":
      return selectMade();
  }
}

interface Scored {
  readonly subject: ScoringSubject;
  readonly files: readonly PlannedFile[];
  readonly parts: ReadonlyMap<Digest, ScoredPart>;
}

/** Stores the version with its record, and names it. */
async function keepScored({ request, store }: ScoreOptions, { subject, files, parts }: Scored): Promise<ScoreResult> {
  const { identity, model, version: release, package: digest } = request;
  const { spec, version: scored } = subject.dataset;
  const dataset = nameScored(spec.name, model);
  const version = await composeScoredVersion(store, {
    name: dataset,
    columns: [...subject.kept, ...listAnswers(subject.package)],
    eventTime: spec.eventTime,
    key: spec.key,
    identity,
    files: files.map(({ source, fingerprint, slices }) => {
      return { source, fingerprint, parts: slices.flatMap((slice) => parts.get(slice.identity) ?? []) };
    }),
  });
  const { sha256: root } = await store.putJson(version);
  // Slice by slice: files with the same bytes have the same parts.
  const slices = files.flatMap((file) => file.slices);
  const refused = slices.reduce((sum, slice) => sum + (parts.get(slice.identity)?.refused ?? 0), 0);
  const result = { root, rows: version.rows, refused, leftOut: scored.rows - version.rows };
  const scoring: Scoring = {
    format: formatOf("scoring"),
    model,
    version: release,
    package: digest,
    dataset,
    datasets: Object.fromEntries(Object.entries(request.datasets).map(([name, { root }]) => [name, root])),
    columns: [...request.columns],
    ...result,
  };
  // First: a version without it counts as none. What was recorded before is the same but for a root that is lost: the name below says the one that is there.
  await store.writeOnce(`${scoringPrefix}${identity}`, scoring);
  await nameArtefact(store, artefactNames.scored(identity), root);
  return result;
}

/**
 * Finding what was scored before.
 * @module
 */
import { mapConcurrently } from "../data/concurrency.ts";
import { datasetVersionSchema } from "../data/dataset-version.ts";
import { readVersionFiles } from "../data/version-files.ts";
import type { Digest } from "../plan/digest.ts";
import { artefactNames, type NameStore, readArtefact } from "../store/artefacts.ts";
import type { Store } from "../store/store.ts";
import { unlessLost } from "../store/unless-lost.ts";
import {
  type ScoredPart,
  type ScoreResult,
  type Scoring,
  scoredPartSchema,
  scoringPrefix,
  scoringSchema,
} from "./scoring.ts";

type FindStore = NameStore & Pick<Store, "has" | "getJson">;

/** How many parts are looked for at once. */
const lookersUp = 16;

/** A scoring that came to its end and is whole. @returns nothing where there is none */
export async function findScored(store: FindStore, identity: Digest): Promise<ScoreResult | undefined> {
  const root = await readArtefact(store, artefactNames.scored(identity));
  const version = root !== undefined && (await unlessLost(store.getJson(root, datasetVersionSchema)));
  const scoring = version && (await readScoring(store, identity));
  if (root === undefined || !version || !scoring) return undefined;
  for await (const { parts } of readVersionFiles(store, version)) {
    const has = await mapConcurrently(parts, lookersUp, ({ object }) => store.has(object.sha256));
    if (has.includes(false)) return undefined;
  }
  const { rows, refused, leftOut } = scoring;
  return { root, rows, refused, leftOut };
}

/**
 * What is recorded of a scoring, with the root of its version as it is now: where rows had to be scored again it may be another one than
 * it was first.
 * @returns nothing where it never came to its end
 */
export async function readScoring(store: NameStore, identity: Digest): Promise<Scoring | undefined> {
  const value = await store.readName(`${scoringPrefix}${identity}`);
  if (value === undefined) return undefined;
  const scoring = scoringSchema.parse(value);
  return { ...scoring, root: (await readArtefact(store, artefactNames.scored(identity))) ?? scoring.root };
}

/** The parts that are in the store already, by their slices' identities. */
export async function findParts(store: FindStore, identities: readonly Digest[]): Promise<Map<Digest, ScoredPart>> {
  const parts = new Map<Digest, ScoredPart>();
  await mapConcurrently(identities, lookersUp, async (identity) => {
    const digest = await readArtefact(store, artefactNames.scoredPart(identity));
    const part = digest === undefined ? undefined : await unlessLost(store.getJson(digest, scoredPartSchema));
    if (part && (await store.has(part.object.sha256))) parts.set(identity, part);
  });
  return parts;
}

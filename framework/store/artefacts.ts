/**
 * Artefacts: results found again by their identity. A name is written once; when what it names was lost or altered and had
 * to be made again, the next attempt gets the next name, so that the first record stays.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { versioned } from "../definitions/versioned.ts";

/** What this needs of a store. */
export interface NameStore {
  readName(name: string): Promise<unknown>;
  writeOnce(name: string, value: unknown): Promise<{ readonly created: boolean; readonly value: unknown }>;
}

const artefact = versioned("artefact", { digest: z.string().regex(/^[0-9a-f]{64}$/) });

/** The write-once names of artefacts. */
export const artefactNames = {
  version: (identity: string) => `versions/${identity}`,
  trainingSet: (identity: string) => `training-sets/${identity}`,
  run: (identity: string) => `runs/${identity}`,
  package: (identity: string) => `packages/${identity}`,
  evaluation: (identity: string) => `evaluations/${identity}`,
  scored: (identity: string) => `scored/${identity}`,
  scoredPart: (identity: string) => `scored-parts/${identity}`,
  /** The look that decided an experiment. */
  decidedLook: (identity: string) => `decided-looks/${identity}`,
  /** The look that stopped an arm of an experiment last, while that is undecided: it names all that were stopped. */
  stoppedLook: (identity: string) => `stopped-looks/${identity}`,
} as const;

/** The digest of the latest artefact under a name. @returns nothing when there is none */
export async function readArtefact(store: NameStore, name: string): Promise<string | undefined> {
  let latest: string | undefined;
  for (let attempt = 1; ; attempt++) {
    const value = await store.readName(`${name}/${attempt}`);
    if (value === undefined) return latest;
    latest = artefact.parse(value).digest;
  }
}

/** Names an artefact. Naming the same again changes nothing. */
export async function nameArtefact(store: NameStore, name: string, digest: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { value } = await store.writeOnce(`${name}/${attempt}`, { format: formatOf("artefact"), digest });
    if (artefact.parse(value).digest === digest) return;
  }
}

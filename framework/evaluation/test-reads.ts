/**
 * How often test rows are read: each time is a write-once name, written before the rows are, so that a reading that was cut off
 * counts too. Whoever chooses by the same test rows again and again fits them, and the count says so.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { versioned } from "../definitions/versioned.ts";
import type { TestReads } from "../engine/entity-status.ts";
import type { TrainingSet } from "../features/training-set.ts";
import { type Digest, digestOf } from "../plan/digest.ts";
import type { NameStore } from "../store/artefacts.ts";

const testRead = versioned("test-read", {
  /** The package that was judged. */
  package: z.string(),
  /** The attempt that read them: no two have the same. */
  by: z.string(),
});

/** What the names of all readings begin with. */
const testReadPrefix = "test-reads/";

/**
 * What test rows are called: by the version of the dataset that they are rows of, and from when until when. With other features they
 * are the same rows, and what is chosen by them is chosen by them again.
 *
 * @param root the root of the version of the spine's dataset
 */
export function identifyTestRows({ splits: { test } }: Pick<TrainingSet, "splits">, root: Digest): Digest {
  return digestOf({ root, from: test.from, to: test.to });
}

/** @param rows what `identifyTestRows` says */
function nameOf(rows: string, number: number): string {
  return `${testReadPrefix}${rows}/${number}`;
}

/** Records that test rows are about to be read. The same attempt again changes nothing. */
export async function recordTestRead(
  store: NameStore,
  rows: string,
  read: { readonly package: string; readonly by: string },
): Promise<void> {
  for (let number = 1; ; number++) {
    const { value } = await store.writeOnce(nameOf(rows, number), { format: formatOf("test-read"), ...read });
    if (testRead.parse(value).by === read.by) return;
  }
}

/** How often test rows were read for a package, and for how many packages at all. */
export async function countTestReads(
  store: Pick<NameStore, "readName">,
  rows: string,
  packageDigest: string,
): Promise<TestReads> {
  const packages: string[] = [];
  for (let number = 1; ; number++) {
    const value = await store.readName(nameOf(rows, number));
    if (value === undefined) break;
    packages.push(testRead.parse(value).package);
  }
  return {
    candidate: packages.filter((one) => one === packageDigest).length,
    candidates: new Set(packages).size,
  };
}

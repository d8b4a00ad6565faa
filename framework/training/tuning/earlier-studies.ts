/**
 * Studies of a training job, as write-once names: that one began, and which trials of earlier ones its sampler was told of, so
 * that whoever goes on with it tells the same.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import { objectiveSpec, type TuningSpec } from "../../definitions/tuning-spec.ts";
import { versioned } from "../../definitions/versioned.ts";
import type { Digest } from "../../plan/digest.ts";
import type { Trial } from "./study.ts";
import { listTrials, readTrial } from "./study-record.ts";

/** What this needs of a store. */
export interface StudyStore {
  readName(name: string): Promise<unknown>;
  writeOnce(name: string, value: StudyBegun): Promise<{ readonly value: unknown }>;
  listNames(prefix: string): AsyncIterable<string>;
}

const studyBegunSchema = versioned("study", {
  objectives: z.array(objectiveSpec),
  /** The trials of earlier studies that its sampler is told of first. */
  earlier: z.array(z.strictObject({ study: z.string(), numbers: z.array(z.int()) })),
});
type StudyBegun = z.output<typeof studyBegunSchema>;

/** What the names of all studies begin with. */
const studyPrefix = "studies/";

/**
 * Records that a study begins, unless that is recorded already.
 *
 * @param job the training job's name
 * @returns the trials of earlier studies of the job, with the same objectives, that its sampler is told of
 */
export async function beginStudy(
  store: StudyStore,
  job: string,
  { identity, tuning }: { readonly identity: Digest; readonly tuning: TuningSpec },
): Promise<readonly Trial[]> {
  const name = `${studyPrefix}${job}/${identity}`;
  let begun = await store.readName(name);
  if (begun === undefined) {
    const { objectives, warmStart } = tuning;
    const earlier = warmStart ? await findEarlier(store, job, { identity, objectives }) : [];
    ({ value: begun } = await store.writeOnce(name, { format: formatOf("study"), objectives, earlier }));
  }
  const told = studyBegunSchema.parse(begun).earlier;
  const trials = await Promise.all(
    told.flatMap(({ study, numbers }) => numbers.map((number) => readTrial(store, study, number))),
  );
  return trials.filter((trial) => trial !== undefined);
}

async function findEarlier(
  store: StudyStore,
  job: string,
  { identity, objectives }: Pick<StudyBegun, "objectives"> & { readonly identity: Digest },
): Promise<StudyBegun["earlier"]> {
  const found: StudyBegun["earlier"] = [];
  for await (const name of store.listNames(`${studyPrefix}${job}/`)) {
    const study = name.slice(name.lastIndexOf("/") + 1);
    if (study === identity) continue;
    const begun = studyBegunSchema.parse(await store.readName(name));
    if (JSON.stringify(begun.objectives) !== JSON.stringify(objectives)) continue;
    const trials = await listTrials(store, study);
    found.push({ study, numbers: trials.map(({ number }) => number) });
  }
  return found;
}

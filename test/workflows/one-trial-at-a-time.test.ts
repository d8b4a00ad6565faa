/**
 * A trial with no other beside it: its end tells what is next, from the record alone, on a real store and with a real sampler.
 */
import { beforeEach, expect, it } from "vitest";
import { formatOf } from "../../framework/definitions/format.ts";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import { referTo } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import type { Store } from "../../framework/store/store.ts";
import { createCoreLease } from "../../framework/training/core-lease.ts";
import type { Suggestion } from "../../framework/training/tuning/study.ts";
import { listTrials, recordTrial } from "../../framework/training/tuning/study-record.ts";
import type { ActivityTools } from "../../workflows/activity-tools.ts";
import { createTuneActivities } from "../../workflows/tune/activities.ts";
import { spender, spending } from "../support/project.ts";
import { useStore } from "../support/test-store.ts";
import { tuningOf } from "../training/tuning/trials.ts";
import { performAlone } from "./long-work.ts";

const given = useStore();
const { signal } = new AbortController();
/** Which attempt at its activities this is. */
let attempt = 1;
beforeEach(() => {
  attempt = 1;
});
const performLong: ActivityTools["performLong"] = (...asked) => performAlone({ attempt, signal })(...asked);
const perform: ActivityTools["perform"] = (work) => work();

/** A study whose trials cost nothing, the numbers of those that were carried out, and what the store was asked. */
async function beginStudy(name: string, trials: number) {
  const { store } = given;
  const training: TrainingJobSpec = { ...spending, name, tuning: tuningOf({ trials, parallel: 1, sampler: "random" }) };
  const split = { object: await store.putBytes(Buffer.alloc(0)), rows: 1, from: "2001-01-01", to: "2001-01-02" };
  const set = {
    format: formatOf("training-set"),
    identity: "set",
    task: "binary",
    features: [],
    categories: {},
    prior: 0.5,
    splits: { train: split, validation: split, test: split },
    slices: [],
  };
  await nameArtefact(store, artefactNames.trainingSet("set"), (await store.putJson(set)).sha256);
  const [spec, job] = [await store.putJson(spender), await store.putJson(training)];
  const run = digestOf({ name });
  const asked: string[] = [];
  const watched: Store = {
    ...store,
    getJson: (object, schema) => {
      asked.push(`get ${typeof object === "string" ? object : object.sha256}`);
      return store.getJson(object, schema);
    },
    readName: (each) => {
      asked.push(`read ${each}`);
      return store.readName(each);
    },
    listNames: (prefix) => {
      asked.push(`list ${prefix}`);
      return store.listNames(prefix);
    },
  };
  const tools = { store: watched, cores: createCoreLease(4), perform, performLong };
  const carriedOut: number[] = [];
  let meanwhile = async (): Promise<void> => undefined;
  const whileCarriedOut = (work: typeof meanwhile): void => {
    meanwhile = work;
  };
  const begin = () =>
    createTuneActivities(tools as Partial<ActivityTools> as ActivityTools, async (_, { suggestion }) => {
      carriedOut.push(suggestion.number);
      await meanwhile();
      return { ...suggestion, state: "completed", values: [1], intermediates: [], seconds: 1 };
    });
  const desired = {
    kind: "model",
    spec,
    training: job,
    trainer: referTo(training),
    features: {},
    datasets: {},
  } as const;
  const input = { identity: "set", run, desired };
  const runTrial = (worker: ReturnType<typeof begin>, suggestion: Suggestion) =>
    worker.runTrial({ ...input, suggestion, alone: { startedAt: Date.now() } });
  return { run, asked, carriedOut, whileCarriedOut, begin, runTrial, input, spec, job };
}

const first = { number: 0, params: { rate: 0.1 } };

it("the end of a trial tells what is next, and asks the store little, however many there were", async () => {
  const { begin, runTrial, input, run, asked, carriedOut, spec, job } = await beginStudy("alone", 4);
  const worker = begin();
  let told = await worker.nextTrial({ ...input, startedAt: Date.now(), open: [] });
  while (told.next.do === "begin") {
    const next = await runTrial(worker, told.next.suggestion);
    if (!next) throw new Error("it does not say what is next");
    told = next;
  }
  await worker.leaveStudy(input);
  expect(told).toMatchObject({ next: { do: "end", because: "trials", outcome: "chosen" }, atOnce: 1 });
  expect(carriedOut).toEqual([0, 1, 2, 3]);
  expect((await listTrials(given.store, run)).map(({ number }) => number)).toEqual([0, 1, 2, 3]);
  // What each came to is known here, and that it was recorded by nobody else.
  expect(asked.filter((each) => each.startsWith("read trial/"))).toEqual([]);
  expect(asked.filter((each) => each.startsWith("list"))).toEqual([`list trial/${run}/`]);
  expect(asked.filter((each) => each === "read training-sets/set/1")).toHaveLength(1);
  for (const { sha256 } of [spec, job]) expect(asked.filter((each) => each === `get ${sha256}`)).toHaveLength(1);
});

it("another attempt at a trial that is recorded carries nothing out, and tells the same", async () => {
  const { begin, runTrial, input, carriedOut } = await beginStudy("again", 2);
  const worker = begin();
  const told = await runTrial(worker, first);
  await worker.leaveStudy(input);
  const other = begin();
  expect(await runTrial(other, first)).toEqual(told);
  await other.leaveStudy(input);
  expect(told).toMatchObject({ next: { do: "begin", suggestion: { number: 1 } } });
  expect(carriedOut).toEqual([0]);
});

it("the end of a trial that has others beside it does not tell what is next", async () => {
  const { begin, input } = await beginStudy("beside", 1);
  expect(await begin().runTrial({ ...input, suggestion: first })).toBeUndefined();
});

it("another attempt looks whether the trial is recorded, though it was decided on here", async () => {
  const { begin, runTrial, input, run, carriedOut } = await beginStudy("retried", 2);
  const worker = begin();
  const told = await worker.nextTrial({ ...input, startedAt: Date.now(), open: [] });
  // Another worker has carried it out, and was lost before it could say so.
  const lost = { study: run, ...first, state: "completed" as const, values: [2], intermediates: [], seconds: 1 };
  await recordTrial(given.store, lost);
  attempt = 2;
  const next = await runTrial(worker, told.next.do === "begin" ? told.next.suggestion : first);
  await worker.leaveStudy(input);
  expect(carriedOut).toEqual([]);
  expect(next).toMatchObject({ next: { do: "begin", suggestion: { number: 1 } } });
  expect(next?.line).toContain("best 2");
});

it("what was recorded meanwhile by another stands, and what is next follows from that", async () => {
  const { begin, runTrial, input, run, carriedOut, whileCarriedOut } = await beginStudy("overtaken", 3);
  const worker = begin();
  const told = await worker.nextTrial({ ...input, startedAt: Date.now(), open: [] });
  whileCarriedOut(async () => {
    const other = { study: run, ...first, state: "completed" as const, values: [3], intermediates: [], seconds: 1 };
    await recordTrial(given.store, other);
  });
  const next = await runTrial(worker, told.next.do === "begin" ? told.next.suggestion : first);
  await worker.leaveStudy(input);
  expect(carriedOut).toEqual([0]);
  expect((await listTrials(given.store, run)).map(({ values }) => values)).toEqual([[3]]);
  expect(next?.line).toContain("best 3");
});

it("a worker that a trial was not decided by reads the whole record", async () => {
  const { begin, runTrial, input, carriedOut, asked } = await beginStudy("elsewhere", 3);
  const [here, there] = [begin(), begin()];
  const told = await here.nextTrial({ ...input, startedAt: Date.now(), open: [] });
  const second = await runTrial(there, told.next.do === "begin" ? told.next.suggestion : first);
  const third = await runTrial(here, second?.next.do === "begin" ? second.next.suggestion : first);
  await Promise.all([here.leaveStudy(input), there.leaveStudy(input)]);
  expect(carriedOut).toEqual([0, 1]);
  expect(third).toMatchObject({ next: { do: "begin", suggestion: { number: 2 } } });
  expect(third?.line).toContain("trial 2 of 3");
  expect(asked.filter((each) => each.startsWith("list"))).toHaveLength(3);
});

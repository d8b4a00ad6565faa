/**
 * A trial with no other beside it: its end tells what is next, from the record alone, on a real store and with a real sampler.
 */
import { expect, it } from "vitest";
import { formatOf } from "../../framework/definitions/format.ts";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import { referTo } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { artefactNames, nameArtefact } from "../../framework/store/artefacts.ts";
import type { Store } from "../../framework/store/store.ts";
import { createCoreLease } from "../../framework/training/core-lease.ts";
import type { Suggestion } from "../../framework/training/tuning/study.ts";
import { listTrials } from "../../framework/training/tuning/study-record.ts";
import type { ActivityTools } from "../../workflows/activity-tools.ts";
import { createTuneActivities } from "../../workflows/tune/activities.ts";
import { spender, spending } from "../support/project.ts";
import { useStore } from "../support/test-store.ts";
import { tuningOf } from "../training/tuning/trials.ts";

const given = useStore();
const { signal } = new AbortController();
const performLong = ((_step, work) =>
  work({
    signal,
    workFolder: "",
    show: () => undefined,
    showProgress: () => undefined,
  })) as ActivityTools["performLong"];
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
  const begin = () =>
    createTuneActivities(tools as Partial<ActivityTools> as ActivityTools, async (_, { suggestion }) => {
      carriedOut.push(suggestion.number);
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
  return { run, asked, carriedOut, begin, runTrial, input, spec, job };
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
  // Once before each trial, lest it be carried out twice; what it came to is known here.
  const trials = asked.filter((each) => each.startsWith("read trial/"));
  expect(trials).toEqual([0, 1, 2, 3].map((number) => `read trial/${run}/${number}`));
  expect(asked.filter((each) => each.startsWith("list"))).toHaveLength(5);
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

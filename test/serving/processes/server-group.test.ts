import { expect, it } from "vitest";
import { type OwnAnswers, ServerGroup } from "../../../framework/serving/processes/server-group.ts";

const live = (model: string, version: string) => ({ package: { model }, version }) as never;
const count = (value: number) => ({ count: value, ns: value });
const statistics = (version: string, rows: number) => ({
  name: "late",
  version,
  last_inference: 1,
  inference_count: rows,
  execution_count: 1,
  inference_stats: { success: count(1), fail: count(0), compute_infer: count(1) },
});

const own: OwnAnswers = {
  metrics: async () => [{ name: "rows", type: "gauge", help: "Rows.", samples: [{ labels: {}, value: 1 }] }],
  statistics: () => ({ model_stats: [statistics("3", 5), statistics("4", 1)] }),
  evidence: () => ({ endpoint: "desk", generation: 2, variants: [] }),
  versions: () => [
    { model: "late", version: "3" },
    { model: "late", version: "4" },
  ],
};

/** A member beside one other, which answers as it is told. */
function beside(other: Readonly<Record<string, unknown>>) {
  const answers = new Map<string, () => unknown>();
  return {
    index: 0,
    on: (name: string, answer: () => unknown) => void answers.set(name, answer),
    gather: async (name: string) => {
      const mine = await answers.get(name)?.();
      return { values: other[name] === undefined ? [mine] : [mine, other[name]], past: [] };
    },
  };
}

it("a server by itself answers for itself", async () => {
  const group = new ServerGroup(own);
  expect(await group.metrics()).toEqual(await own.metrics());
  expect(await group.statistics([live("late", "3")])).toEqual({ model_stats: [statistics("3", 5)] });
  expect(await group.evidence()).toEqual(own.evidence());
  expect(await group.findShared([live("late", "3"), live("late", "4")])).toEqual(["3", "4"]);
});

it("one of two answers for both, and names those versions alone that both have", async () => {
  const group = new ServerGroup(
    own,
    beside({
      statistics: { model_stats: [statistics("3", 7)] },
      versions: [{ model: "late", version: "3" }],
      evidence: { endpoint: "desk", generation: 1, variants: [] },
    }),
  );
  expect((await group.statistics([live("late", "3")])).model_stats[0]?.inference_count).toBe(12);
  expect(await group.findShared([live("late", "3"), live("late", "4")])).toEqual(["3"]);
  expect((await group.evidence()).generation).toBe(1);
  expect((await group.metrics())[0]?.samples).toEqual([{ labels: { process: "0" }, value: 1 }]);
});

it("a process that does not listen yet keeps no version from being named", async () => {
  let isListening = false;
  const versions = () => (isListening ? own.versions() : undefined);
  const beginning = new Map<string, () => unknown>();
  const on = (name: string, answer: () => unknown) => void beginning.set(name, answer);
  new ServerGroup({ ...own, versions }, { index: 1, on, gather: async () => ({ values: [], past: [] }) });
  const others = async () => [await beginning.get("versions")?.()].filter((value) => value !== undefined);
  const gather = async () => ({ values: [own.versions(), ...(await others())], past: [] });
  const group = new ServerGroup(own, { index: 0, on: () => undefined, gather });
  expect(await group.findShared([live("late", "3")])).toEqual(["3"]);
  isListening = true;
  expect(await group.findShared([live("late", "3"), live("late", "5")])).toEqual(["3"]);
});

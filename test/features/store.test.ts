import { describe, expect, it } from "vitest";
import { buildTrainingSet } from "../../framework/features/build-training-set.ts";
import { trainingSetSchema } from "../../framework/features/training-set.ts";
import { useStore } from "../support/test-store.ts";
import { storeVersion } from "./folder-store.ts";
import { column, dataset, features, trainingJob } from "./given.ts";

describe("a training set in the object store", () => {
  const given = useStore();

  it("is found again by its reference, with its splits", async () => {
    const { store, folder } = given;
    const spec = dataset("days", { time: "timestamp", high: "number" });
    const year = "SELECT TIMESTAMP '2024-01-01' + to_days(i::INTEGER) AS time, i / 3 AS high FROM range(100) AS t(i)";
    const { reference, trainingSet } = await buildTrainingSet({
      training: trainingJob({ features: [{ set: "days", by: {} }], label: column("high") }),
      features: { days: features("days", "days", { month: { op: "month", of: column("time") } }) },
      datasets: { days: await storeVersion(Object.assign(store, { folder }), spec, [year]) },
      identity: "days",
      store,
      workFolder: folder,
    });
    expect(await given.open().getJson(reference, trainingSetSchema)).toEqual(trainingSet);
    expect(await store.stat(trainingSet.splits.train.object.sha256)).toEqual(trainingSet.splits.train.object);
  });
});

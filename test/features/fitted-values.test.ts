import { describe, expect, it } from "vitest";
import type { PreprocessingStep } from "../../framework/definitions/preprocessing.ts";
import { trainingSetSchema } from "../../framework/features/training-set.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import { failure } from "../support/failure.ts";
import { createFolderStore } from "./folder-store.ts";
import { column, literal } from "./given.ts";
import { build, read, routes, tenDays } from "./orders.ts";

/** Rows in an order that their columns' order has no part in. */
function sortRows(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  return rows.map((row) => toCanonicalJson(row)).sort();
}

describe("a training set with preprocessing", () => {
  it("fits preprocessing on the training rows alone, and keeps the rows as a caller would send them", async () => {
    await using store = await createFolderStore();
    const steps = (name: string, preprocessing: PreprocessingStep[]) => {
      const own = routes.columns.find((one) => one.name === name);
      if (!own) throw new Error(`no ${name}`);
      return { ...own, preprocessing };
    };
    const columns = [
      steps("price", [{ op: "scaled", by: "min-max" }]),
      steps("city", [{ op: "category", unseen: "other", min: 29 }]),
      steps("ratings", [
        { op: "imputed", by: "median" },
        { op: "scaled", by: "standard" },
      ]),
    ];
    const late = [`${tenDays} UNION ALL SELECT TIMESTAMP '2024-03-10 12:00:00', 'late', true, 1e6, 400`];
    const plain = await build(store, { parts: late });
    const given = { parts: late, features: { orders: { ...routes, columns } } };
    const built = await build(store, given);
    expect(await build(store, given)).toEqual(built);

    const { trainingSet } = built;
    expect(trainingSetSchema.parse(JSON.parse(JSON.stringify(trainingSet)))).toEqual(trainingSet);
    const train = await read(store, plain, "train");
    const ratings = train.map((row) => row["ratings"] as number | null);
    const known = ratings.flatMap((value) => value ?? []).sort((a, b) => a - b);
    const median =
      ((known[Math.floor((known.length - 1) / 2)] ?? 0) + (known[Math.ceil((known.length - 1) / 2)] ?? 0)) / 2;
    const filled = ratings.map((value) => value ?? median);
    const mean = filled.reduce((sum, value) => sum + value, 0) / filled.length;
    const deviation = Math.sqrt(filled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / filled.length);
    const prices = train.map((row) => Number(row["price"]));
    expect(trainingSet.fitted).toEqual({
      price: [{ op: "scaled", center: 0, scale: Math.max(...prices) }],
      city: [{ op: "category", unseen: "other", other: "(other)" }],
      ratings: [
        { op: "imputed", value: expect.closeTo(median, 12) },
        { op: "scaled", center: expect.closeTo(mean, 12), scale: expect.closeTo(deviation, 12) },
      ],
    });
    const counts = Map.groupBy(train, (row) => row["city"]);
    const frequent = [...counts].flatMap(([city, rows]) => (city !== null && rows.length >= 29 ? [String(city)] : []));
    expect(frequent.length).toBeGreaterThan(0);
    expect(frequent.length).toBeLessThan(5);
    expect(trainingSet.categories["city"]).toEqual(["(other)", ...frequent].sort());

    for (const split of ["train", "validation", "test"] as const) {
      const raw = (await read(store, plain, split)).map(({ gift: _, ...row }) => row);
      expect(sortRows(await read(store, built, split))).toEqual(sortRows(raw));
    }
  });

  it("says of all features at once that there is nothing to fit them on", async () => {
    await using store = await createFolderStore();
    const columns = ["a", "b"].map((name) => ({
      name,
      type: "number" as const,
      expression: { op: "divide", left: column("price"), right: literal(0) } as const,
      preprocessing: [{ op: "imputed", by: "mean" } as const],
    }));
    const error = await failure(build(store, { features: { orders: { ...routes, columns } } }));
    expect(error.problems.map(({ code, at }) => [code, at])).toEqual([
      ["preprocessing-unfit", "orders.a"],
      ["preprocessing-unfit", "orders.b"],
    ]);
    expect(error.message).toContain('the preprocessing of "a" cannot be fitted: it is missing in every training row');
  });

  it("calls the others of a category by a name that no value has", async () => {
    await using store = await createFolderStore();
    const named = tenDays.replace("'b', 'ä'", "'(other)', '((other))'");
    const columns = routes.columns.map((one) =>
      one.name === "city" ? { ...one, preprocessing: [{ op: "category", unseen: "other", min: 2 } as const] } : one,
    );
    const { trainingSet } = await build(store, { parts: [named], features: { orders: { ...routes, columns } } });
    expect(trainingSet.fitted?.["city"]).toEqual([{ op: "category", unseen: "other", other: "(((other)))" }]);
    expect(trainingSet.categories["city"]).toEqual(["(((other)))", "((other))", "(other)", "B", "a", "😀"]);
  });
});

import { describe, expect, it } from "vitest";
import { chooseKept, listAnswers } from "../../framework/scoring/scored-columns.ts";
import { dataset } from "../features/given.ts";
import { failure } from "../support/failure.ts";

const orders = dataset(
  "orders",
  { time: "timestamp", id: "integer", city: "string", price: "number", predicted_value: "number" },
  { key: ["id"] },
);

describe("the columns of scored rows", () => {
  it("keep event time and key, and what is asked for, in the order of the dataset", () => {
    const kept = (asked: readonly string[]) => chooseKept(orders, asked, { task: "binary" }).map(({ name }) => name);
    expect(kept([])).toEqual(["time", "id"]);
    expect(kept(["price", "id", "city"])).toEqual(["time", "id", "city", "price"]);
  });

  it("refuse all at once what is not there and what has the name of an answer", async () => {
    const asked = async () => chooseKept(orders, ["prize", "predicted_value"], { task: "regression" });
    expect((await failure(asked())).problems).toMatchObject([
      { code: "scoring-column", at: "orders", what: expect.stringContaining('"prize"'), fix: 'did you mean "price"?' },
      { code: "scoring-column", at: "orders", what: expect.stringContaining('"predicted_value" of dataset') },
    ]);
    expect(chooseKept(orders, ["predicted_value"], { task: "binary" })).toHaveLength(3);
    const folded = dataset("orders", { time: "timestamp", Predicted_By: "string" });
    expect(
      (await failure((async () => chooseKept(folded, ["Predicted_By"], { task: "binary" }))())).problems,
    ).toMatchObject([{ code: "scoring-column", what: expect.stringContaining('"Predicted_By"') }]);
  });

  it.each([
    [{ task: "regression" }, ["predicted_value", "predicted_by"]],
    [{ task: "binary" }, ["predicted_probability", "predicted_label", "predicted_by"]],
    [{ task: "multiclass", classes: ["a", "b"] }, ["predicted_probabilities", "predicted_label", "predicted_by"]],
  ] as const)("say what a model answers: %o", (answering, names) => {
    const answers = listAnswers({ ...answering, classes: "classes" in answering ? [...answering.classes] : undefined });
    expect(answers.map(({ name }) => name)).toEqual(names);
    expect(answers.find(({ type }) => type === "vector")?.length).toBe("classes" in answering ? 2 : undefined);
  });
});

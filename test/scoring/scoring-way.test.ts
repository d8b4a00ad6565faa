import { describe, expect, it } from "vitest";
import type { ExpressionTree } from "../../framework/definitions/expression-tree.ts";
import { chooseWay, type ScoredPair } from "../../framework/scoring/scoring-way.ts";
import { column, dataset, features, literal, trainingJob, window } from "../features/given.ts";
import { failure } from "../support/failure.ts";

const orders = dataset("orders", { time: "timestamp", city: "string", price: "number" });
const plain = features("plain", "orders", {
  dear: { op: "gt", left: column("price"), right: { op: "literal", value: 3 } },
});
const usual = features("usual", "orders", {
  usual: window("mean", column("price"), { by: [column("city")], over: "2 days", lag: "1 hour" }),
});
const weather = features("weather", "stations", { rain: column("rain") });

function pair(change: Partial<ScoredPair> & { readonly sets?: ScoredPair["training"]["features"] } = {}): ScoredPair {
  const { sets = [{ set: "plain", by: {} }], ...rest } = change;
  return {
    model: { model: "stars", inputs: [{ name: "dear", type: "number" }] },
    dataset: orders,
    training: trainingJob({ features: [...sets], label: column("price") }),
    features: { plain, usual, weather },
    ...rest,
  };
}

async function choose(chosen: ScoredPair) {
  return chooseWay(chosen);
}

describe("how the features of scored rows are found", () => {
  it("is from each row alone where no feature looks at another", () => {
    expect(chooseWay(pair())).toEqual({ kind: "rows", inPlaceOf: "orders", joined: [] });
  });

  it("is as a training set has them where windows or joined sets look at others", () => {
    expect(chooseWay(pair({ sets: [{ set: "usual", by: {} }] }))).toMatchObject({ kind: "examples", joined: [] });
    const joined = [
      { set: "plain", by: {} },
      { set: "weather", by: { city: column("city") } },
    ];
    expect(chooseWay(pair({ sets: joined }))).toEqual({ kind: "examples", inPlaceOf: "orders", joined: ["stations"] });
  });

  it("is from another dataset that has what they are computed from, in the place of the one that was trained on", () => {
    const later = dataset("later", { time: "timestamp", price: "number" });
    expect(chooseWay(pair({ dataset: later }))).toEqual({ kind: "rows", inPlaceOf: "orders", joined: [] });
  });

  it("is from columns that are the features, of their types", async () => {
    expect(chooseWay(pair({ dataset: dataset("made", { time: "timestamp", dear: "integer" }) }))).toEqual({
      kind: "columns",
      joined: [],
    });
    const text = pair({ dataset: dataset("made", { time: "timestamp", dear: "string" }) });
    expect((await failure(choose(text))).problems[0]?.code).toBe("scoring-impossible");
  });

  describe("of a dataset with columns of the features' names that are also what they are computed from", () => {
    const inputs = [{ name: "price", type: "number" }] as const;
    const thousands: ExpressionTree = { op: "divide", left: column("price"), right: literal(1000) };
    const over = { by: [column("city")], over: "2 days", lag: "1 hour" };
    const ask = (expression: ExpressionTree, other = { ...orders, name: "later" }) =>
      pair({
        dataset: other,
        model: { model: "stars", inputs: [...inputs] },
        features: { plain: features("plain", "orders", { price: expression, far: column("price") }) },
      });

    it.each([
      ["transforms", thousands],
      ["sums up over other rows", window("mean", column("price"), over)],
    ])("is no way where a feature %s the column of its name: either could be meant", async (_, expression) => {
      const { problems } = await failure(choose(ask(expression)));
      expect(problems).toMatchObject([
        {
          code: "scoring-impossible",
          at: "model/stars",
          what: 'the columns of dataset "later" may be the features of model "stars", or what they are computed from',
          fix: 'call the feature otherwise than the column, or score "orders"',
        },
      ]);
    });

    it("is from columns where the feature is its column, or the dataset has not all that it is computed from", () => {
      expect(chooseWay(ask(column("price")))).toMatchObject({ kind: "columns" });
      const text = { ...pair(), model: { model: "stars", inputs: [{ name: "city", type: "category" } as const] } };
      const city = features("plain", "orders", { city: ["category", { op: "category", of: column("city") }] });
      const later = { ...orders, name: "later" };
      expect(chooseWay({ ...text, dataset: later, features: { plain: city } })).toMatchObject({ kind: "columns" });
      const perGuest: ExpressionTree = { op: "divide", left: column("price"), right: column("guests") };
      expect(chooseWay(ask(perGuest))).toMatchObject({ kind: "columns" });
    });

    it("is from rows of the dataset that was trained on", () => {
      expect(chooseWay(ask(thousands, orders))).toMatchObject({ kind: "rows" });
    });
  });

  it.each([
    ["has not the columns", dataset("made", { time: "timestamp", city: "string" }), "plain", 'no column "price"'],
    [
      "has not the rows that windows look at",
      { ...orders, name: "later" },
      "usual",
      "features that look at other rows",
    ],
  ])("is no way where a dataset %s", async (_, other, set, got) => {
    const { problems } = await failure(choose(pair({ dataset: other, sets: [{ set, by: {} }] })));
    expect(problems).toMatchObject([
      { code: "scoring-impossible", at: "model/stars", got: expect.stringContaining(got) },
    ]);
  });
});

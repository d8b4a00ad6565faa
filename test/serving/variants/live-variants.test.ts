import { describe, expect, it } from "vitest";
import type { LiveModel } from "../../../framework/serving/live-model.ts";
import { LiveVariants } from "../../../framework/serving/variants/live-variants.ts";
import { VariantCounts } from "../../../framework/serving/variants/variant-counts.ts";
import { variant } from "./given-routing.ts";

type Row = readonly [name: string, version: number, weight: number, mirror?: number, model?: string];

const inputs = [{ name: "wind", type: "number" }];

function createSet(rows: readonly Row[], source: "routing" | "production" = "routing"): LiveVariants {
  const loaded = rows.map(([name, version, weight, mirror, model = "storm"]) => ({
    variant: variant({ name, version, weight, package: `p${version}`, model, ...(mirror !== undefined && { mirror }) }),
    live: { package: { model, inputs }, version: String(version), digest: `p${version}` } as unknown as LiveModel,
    counts: new VariantCounts(),
  }));
  return new LiveVariants({ source, generation: 7, salt: "s", loaded });
}

const names = (variants: readonly { readonly name: string }[]) => variants.map(({ name }) => name);

describe("a set of variants", () => {
  it.each<[string, readonly Row[], string]>([
    [
      "the one of that name",
      [
        ["canary", 2, 500],
        ["champion", 1, 9500],
      ],
      "champion",
    ],
    [
      "the first that answers anybody where that one does not",
      [
        ["champion", 1, 0],
        ["a", 2, 0],
        ["b", 3, 10_000],
      ],
      "b",
    ],
    [
      "the first that answers anybody where there is none of that name",
      [
        ["a", 1, 5000],
        ["b", 2, 5000],
      ],
      "a",
    ],
  ])("has as its champion %s", (_title, rows, champion) => {
    expect(createSet(rows).champion.name).toBe(champion);
  });

  it("of one asks nobody for a hash, and tells nobody a name", () => {
    const set = createSet([["champion", 1, 10_000]], "production");
    expect(set.only).toBe(set.champion);
    expect(set.assign("anybody")).toBe(set.champion);
    expect(set.champion).toMatchObject({ told: undefined, note: {}, unseen: [] });
  });

  it("with an unseen one besides tells callers no name, and its records theirs", () => {
    const set = createSet([
      ["champion", 1, 10_000],
      ["shadow", 2, 0, 10_000],
    ]);
    expect(set.only).toBe(set.champion);
    expect(set.champion).toMatchObject({ told: undefined, note: { variant: "champion", routing: 7 } });
    expect(names(set.champion.unseen)).toEqual(["shadow"]);
    expect(set.all[1]?.unseen).toEqual([]);
  });

  it("of several tells each one's name, and asks each for what others answered", () => {
    const set = createSet([
      ["champion", 1, 9000],
      ["canary", 2, 1000, 500],
      ["shadow", 3, 0, 10_000],
    ]);
    expect(set.only).toBeUndefined();
    expect(set.all.map(({ told }) => told)).toEqual(["champion", "canary", "shadow"]);
    expect(set.all.map(({ unseen }) => names(unseen))).toEqual([["canary", "shadow"], ["shadow"], ["canary"]]);
    expect(names(set.answering)).toEqual(["champion", "canary"]);
    const shares = Array.from({ length: 2000 }, (_, i) => set.assign(String(i)).name);
    expect(new Set(shares)).toEqual(new Set(["champion", "canary"]));
    expect(shares.filter((name) => name === "canary").length).toBeGreaterThan(120);
  });

  it("finds and lists what answers callers, and nothing that is unseen", () => {
    const set = createSet([
      ["canary", 2, 1000],
      ["champion", 1, 8000],
      ["arm", 4, 1000, 0, "rain"],
      ["shadow", 3, 0, 10_000],
    ]);
    const find = (model: string, version?: string) => set.find({ model, version })?.name;
    expect(find("storm")).toBe("champion");
    expect(find("storm", "2")).toBe("canary");
    expect(find("storm", "3")).toBeUndefined();
    expect(find("storm", "4")).toBeUndefined();
    expect(find("rain")).toBe("arm");
    expect(set.list("storm").map(({ version }) => version)).toEqual(["1", "2"]);
  });
});

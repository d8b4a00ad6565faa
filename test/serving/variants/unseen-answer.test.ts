import { describe, expect, it } from "vitest";
import { countDisagreements, deriveUnseenId, isMirrored } from "../../../framework/serving/variants/unseen-answer.ts";

describe("two answers", () => {
  const classes = ["a", "b", "c"];
  it.each([
    ["labels that are the same", { task: "binary" }, [0.5, 0.1], [0.9, 0.49], 0],
    ["labels that differ", { task: "binary" }, [0.5, 0.1, 0.7], [0.4999, 0.6, 0.8], 2],
    ["numbers up to a thousandth", { task: "regression" }, [1000, -5, 0], [1001, -5.005, 0], 0],
    ["numbers by more than a thousandth", { task: "regression" }, [1000, -5, 0, 1], [1001.1, -5.01, 1e-9, -1], 4],
    [
      "the most probable class",
      { task: "multiclass", classes },
      [0.5, 0.3, 0.2, 0, 0.5, 0.5],
      [0.4, 0.3, 0.3, 0, 0.9, 0.1],
      0,
    ],
    ["another class", { task: "multiclass", classes }, [0.5, 0.3, 0.2, 0, 0.5, 0.5], [0.3, 0.4, 0.3, 0, 0.4, 0.6], 2],
  ] as const)("of %s disagree on as many rows", (_title, kind, own, other, expected) => {
    expect(
      countDisagreements({ ...kind, classes: "classes" in kind ? [...kind.classes] : undefined }, [own, other]),
    ).toBe(expected);
  });
});

describe("what a variant is asked unseen", () => {
  const shadow = { name: "shadow", salt: "s", mirror: 2500 };
  const ids = Array.from({ length: 20_000 }, (_, i) => `id-${i}`);
  it("is its share of ids, always the same ones, and more of them when it grows", () => {
    const chosen = new Set(ids.filter((id) => isMirrored(shadow, id)));
    expect(chosen.size).toBeGreaterThan(4_750);
    expect(chosen.size).toBeLessThan(5_250);
    const more = new Set(ids.filter((id) => isMirrored({ ...shadow, mirror: 5000 }, id)));
    expect([...chosen].filter((id) => !more.has(id))).toEqual([]);
    expect(ids.every((id) => isMirrored({ ...shadow, mirror: 10_000 }, id))).toBe(true);
    expect(ids.some((id) => isMirrored({ ...shadow, mirror: 0 }, id))).toBe(false);
  });

  it("is chosen for each variant by itself", () => {
    const both = ids.filter((id) => isMirrored(shadow, id) && isMirrored({ ...shadow, name: "other" }, id));
    expect(both.length).toBeGreaterThan(1_100);
    expect(both.length).toBeLessThan(1_400);
  });

  it("is recorded under an id of its own, which follows from the answer's", () => {
    const id = deriveUnseenId("mine", "shadow");
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(deriveUnseenId("mine", "shadow")).toBe(id);
    expect(new Set([id, deriveUnseenId("mine", "other"), deriveUnseenId("yours", "shadow")]).size).toBe(3);
  });
});

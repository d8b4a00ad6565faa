import { describe, expect, it } from "vitest";
import { assignVariant, placeUnit } from "../../../framework/serving/variants/assignment.ts";
import { allPoints } from "../../../framework/serving/variants/routing.ts";

const units = Array.from({ length: 100_000 }, (_, i) => `customer-${i}`);

/** The sum of (found − expected)² / expected. */
function chiSquare(found: readonly number[], expected: (i: number) => number): number {
  return found.reduce((sum, count, i) => sum + (count - expected(i)) ** 2 / expected(i), 0);
}

describe("the place of a unit", () => {
  it.each([
    ["salt", "unit"],
    ["", ""],
    ["checkout-colour", "customer-17"],
    ["zürich", "客户"],
  ])("of salt %j and unit %j is what SHA-256 says", async (salt, unit) => {
    const bytes = new TextEncoder().encode(`${salt}\n${unit}`);
    const digest = new DataView(await crypto.subtle.digest("SHA-256", bytes));
    const first = digest.getUint32(0) * 2 ** 16 + digest.getUint16(4);
    expect(placeUnit(salt, unit)).toBe(Math.floor((first / 2 ** 48) * 10_000));
  });

  it("is as likely to be one as another", () => {
    const found = new Array<number>(100).fill(0);
    for (const unit of units) {
      const place = placeUnit("uniform", unit);
      expect(place >= 0 && place < allPoints && Number.isInteger(place)).toBe(true);
      found[Math.floor(place / 100)] = (found[Math.floor(place / 100)] ?? 0) + 1;
    }
    // 99 degrees of freedom: one in a thousand is beyond 148.2.
    expect(chiSquare(found, () => units.length / 100)).toBeLessThan(148.2);
  });

  it("under one salt says nothing of that under another", () => {
    const found = new Array<number>(16).fill(0);
    for (const unit of units) {
      const [one, other] = ["first", "second"].map((salt) => Math.floor((placeUnit(salt, unit) * 4) / allPoints));
      const cell = (one ?? 0) * 4 + (other ?? 0);
      found[cell] = (found[cell] ?? 0) + 1;
    }
    // 15 degrees of freedom: one in a thousand is beyond 37.7.
    expect(chiSquare(found, () => units.length / 16)).toBeLessThan(37.7);
  });
});

describe("the variant of a unit", () => {
  const split = (...weights: readonly number[]) => ({
    salt: "split",
    variants: weights.map((weight, i) => ({ name: String(i), weight })),
  });

  it("is each in proportion to its weight", () => {
    const weights = [5000, 2500, 2000, 500];
    const found = weights.map(() => 0);
    for (const unit of units) {
      const name = Number(assignVariant(split(...weights), unit)?.name);
      found[name] = (found[name] ?? 0) + 1;
    }
    // 3 degrees of freedom: one in a thousand is beyond 16.3.
    expect(chiSquare(found, (i) => (units.length * (weights[i] ?? 0)) / allPoints)).toBeLessThan(16.3);
  });

  it("stays while those before it keep their weights, and moves only from one that shrinks to one that grows", () => {
    const moves = new Map<string, number>();
    for (const unit of units.slice(0, 20_000)) {
      const before = assignVariant(split(9500, 500), unit)?.name;
      const after = assignVariant(split(7500, 2500), unit)?.name;
      moves.set(`${before} to ${after}`, (moves.get(`${before} to ${after}`) ?? 0) + 1);
    }
    expect([...moves.keys()].sort()).toEqual(["0 to 0", "0 to 1", "1 to 1"]);
    expect(moves.get("0 to 1")).toBeGreaterThan(3_500);
  });

  it("is none that has no weight, and nothing where the weights do not reach", () => {
    for (const unit of units.slice(0, 2_000)) expect(assignVariant(split(0, 10_000, 0), unit)?.name).toBe("1");
    expect(units.slice(0, 100).some((unit) => assignVariant(split(10), unit) === undefined)).toBe(true);
  });
});

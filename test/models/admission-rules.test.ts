import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AdmissionLimits, judgeContent, usualLimits } from "../../framework/models/admission-rules.ts";
import { Dice } from "../data/dice.ts";
import { hostileModels } from "./hostile-models.ts";
import { foldedModel, functionChain, goodTree, loopModel } from "./hostile-parts.ts";
import { linearModel } from "./onnx-bytes.ts";

const converted = join(import.meta.dirname, "converted");
const files = readdirSync(converted).map((name) => ({ name, bytes: readFileSync(join(converted, name)) }));
const own = [linearModel([0.5, -0.25]), linearModel([3, 1], "regression"), goodTree, functionChain(64)];

function judge(bytes: Uint8Array, features = 2, limits: Partial<AdmissionLimits> = {}): string {
  const verdict = judgeContent(bytes, features, { ...usualLimits, ...limits });
  return "reason" in verdict ? verdict.reason : "taken";
}

describe("judgeContent", () => {
  it.each(hostileModels)("refuses $title", ({ file, reason }) => {
    expect(judge(file)).toMatch(reason);
  });

  it.each(files)("takes what converters make: $name", ({ name, bytes }) => {
    const expected = name.startsWith("sklearn-neighbours")
      ? "operator Scan runs a graph as often as it is told"
      : "taken";
    expect(judge(bytes, 3)).toBe(expected);
    expect(judge(bytes, 3, { controlFlow: ["Scan"] })).toBe("taken");
  });

  it("takes models that are small, deep within the limit, and sized by what only opening them shows", () => {
    for (const bytes of [...own, foldedModel(2n ** 14n)]) expect(judge(bytes)).toBe("taken");
  });

  it("takes an operator with inner graphs where it is allowed, and judges what is in them", () => {
    expect(judge(loopModel(3n), 2, { controlFlow: ["Loop"] })).toBe("taken");
    expect(judge(loopModel(3n), 2, { controlFlow: ["Scan"] })).toMatch(/Loop/);
  });

  it("answers for whatever bytes, in time: models with some of their bytes changed, cut and doubled", () => {
    const dice = new Dice(11);
    const given = [...own, ...files.map(({ bytes }) => bytes)];
    const reasons = new Map<string, number>();
    const began = performance.now();
    for (let round = 0; round < 4_000; round++) {
      const bytes = mutate(given[round % given.length] ?? new Uint8Array(), dice);
      const reason = judge(bytes, 3);
      expect(reason).not.toMatch(/undefined|\bNaN\b|\[object/);
      const kind = reason.replace(/[0-9]+|"[^"]*"/g, "…");
      reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
    }
    expect(performance.now() - began).toBeLessThan(30_000);
    // A fuzz in which everything were refused for one reason would look at one line.
    expect(reasons.size).toBeGreaterThan(20);
    expect(reasons.get("taken")).toBeGreaterThan(100);
  });
});

/** Changes a few bytes, and at times where the file ends or what stands twice in it. */
function mutate(bytes: Uint8Array, dice: Dice): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let change = dice.whole(0, 5); change >= 0; change--) {
    const at = dice.whole(0, copy.length - 1);
    copy[at] = dice.pick([0, 1, 0x7f, 0x80, 0xff, dice.whole(0, 255), (copy[at] ?? 0) ^ (1 << dice.whole(0, 7))]);
  }
  const at = dice.whole(0, copy.length - 1);
  return dice.pick([
    copy,
    copy,
    copy.subarray(0, at),
    Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(dice.whole(0, copy.length - 1))]),
  ]);
}

import { describe, expect, it } from "vitest";
import { findNameFault, foldName, reportColumnNames } from "../../framework/definitions/name.ts";
import type { Problem } from "../../framework/definitions/problem.ts";

function findColumnFaults(name: string): string[] {
  const problems: Problem[] = [];
  reportColumnNames([name], "rides.schema", (problem) => problems.push(problem));
  return problems.map(({ what }) => what);
}

describe("the name of a definition", () => {
  it.each(["a", "7", "late-arrival", "a".repeat(63)])("may be %s", (name) => {
    expect(findNameFault(name)).toBeUndefined();
  });

  it.each(["", "-", "a-", "A", "a.b", "a/b", "a_b", "ä", "constructor", "a".repeat(64), "a\n", "..", "__proto__"])(
    "may not be %j",
    (name) => {
      expect(findNameFault(name)).toBeDefined();
    },
  );
});

describe("the name of a column", () => {
  it.each([
    "delay",
    "Délai",
    "задержка",
    "遅延",
    "καθυστέρηση",
    "delay in minutes",
    "x/y",
    "🌦",
    "constructor",
    "Δt",
    "λ_max",
    "ρ_air",
    "µ_temp",
    "CO₂",
    "дата_utc",
  ])("may be %s", (name) => {
    expect(findColumnFaults(name)).toEqual([]);
  });

  it.each([
    ["", "is empty"],
    [" ", "is empty"],
    ["a\nb", "holds a character that is not shown"],
    ["a\u202eb", "holds a character that is not shown"],
    ["a\u0000b", "holds a character that is not shown"],
    ["a\ud800", "holds a character that is not shown"],
    ["d\u0435lay", "mixes Latin and Cyrillic letters, some of which look alike"],
    ["d\u03bflay", "mixes Latin and Greek letters, some of which look alike"],
    ["route_\u041dub", "mixes Latin and Cyrillic letters, some of which look alike"],
    ["a".repeat(256), "is longer than 255 characters"],
  ])("may not be %j", (name, fault) => {
    expect(findColumnFaults(name).join()).toContain(fault);
  });
});

describe("two names", () => {
  it.each([
    ["case", "Delay", "dELAY"],
    ["composition", "caf\u00e9", "cafe\u0301"],
    ["width", "\uff41\uff42", "ab"],
    ["a ligature", "\ufb00", "ff"],
    ["letters that look alike in another script", "\u0441\u043e\u0440", "cop"],
    ["Greek letters that look Latin", "\u03bf", "o"],
  ])("are taken for one another by %s", (_, a, b) => {
    expect(foldName(a)).toBe(foldName(b));
  });

  it.each([
    ["delay", "delays"],
    ["cafe", "caf\u00e9"],
    ["ab", "ba"],
  ])("are told apart: %s, %s", (a, b) => {
    expect(foldName(a)).not.toBe(foldName(b));
  });
});

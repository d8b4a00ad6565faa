import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { quoteText } from "../../framework/data/sql.ts";
import { parsePattern, showPattern, translatePattern } from "../../framework/definitions/pattern.ts";
import { takeCount } from "../support/drawn.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-pattern-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function translate(pattern: RegExp): string {
  const translation = translatePattern(pattern);
  if ("unsupported" in translation) throw new Error(`${String(pattern)}: ${translation.unsupported}`);
  return translation.re2;
}

/** Texts that tell engines apart: line ends, white space beyond ASCII, what is two units or two code points, digits of other scripts. */
const odd = [
  "",
  "a",
  "A",
  "b",
  "ab",
  "abc",
  "0",
  "12",
  "_",
  "-",
  ".",
  "\\",
  "]",
  "\n",
  "a\n",
  "\na",
  "\r",
  "\t",
  "\v",
  "\f",
  " ",
  "\u00a0",
  "\u2028",
  "\u2029",
  "\u3000",
  "\ufeff",
  "\u0085",
  "\u180e",
  "\u200b",
  "é",
  "e\u0301",
  "ß",
  "ſ",
  "K",
  "٣",
  "😀",
  "😀😀",
  "👩‍🚀",
  "\u{10ffff}",
  "\ue000",
  "\ud7ff",
  "\0",
  "a\0b",
];

/** What both engines say of texts, pattern by pattern. */
async function compare(patterns: readonly RegExp[], texts: readonly string[]): Promise<readonly string[]> {
  return withDuckDb(folder, async (db) => {
    await db.run(`CREATE TABLE texts AS SELECT unnest([${texts.map(quoteText).join(", ")}]) AS x`);
    const differing: string[] = [];
    for (const pattern of patterns) {
      const found = await db.rows(
        `SELECT regexp_matches(x, ${quoteText(translate(pattern))}) AS matches FROM texts ORDER BY rowid`,
        z.object({ matches: z.boolean() }),
      );
      for (const [index, { matches }] of found.entries()) {
        const text = texts[index] ?? "";
        if (pattern.test(text) !== matches) differing.push(`${String(pattern)} of ${JSON.stringify(text)}`);
      }
    }
    return differing;
  });
}

const right = [
  /a/,
  /^a$/,
  /^$/,
  /^a|b$/,
  /^(?:a|b)+$/,
  /^(a)(?<last>b)?c*$/u,
  /^[a-c_-]{2,}$/,
  /^[A-Z]{2}-\d{2,4}$/,
  /^\d+$/,
  /^\w+$/,
  /^\s$/,
  /^\s+$/u,
  /^\S$/u,
  /^\D$/u,
  /^\W$/u,
  /^[\s\d]$/,
  /^[^\s\d]$/u,
  /^[\D]$/u,
  /^.$/u,
  /^..$/u,
  /^.*$/u,
  /a?b??c+?/,
  /^[^a]{1,2}$/u,
  /^[😀é]$/u,
  /^\u{1F600}+$/u,
  /^\ud83d\ude00$/u,
  /^\x41\u0042?$/,
  /^[\]\\^-]$/,
  /^\.$/,
  /^\0$/,
  /^[\n\r\t\v\f]$/,
  /(?:)/,
  /^a{0}$/,
  /^(?:a{2}){2,3}$/,
  /^\/$/,
  /^(?:|a)+$/,
  /^(?:a*)*$/,
  /^[ -~]*$/,
  /^(?:[A-Z]{3}|\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2})?)$/,
];

describe("a pattern of the subset", () => {
  it("is judged alike by JavaScript and by RE2, whatever the text", async () => {
    expect(await compare(right, odd)).toEqual([]);
  });

  it("is judged alike, made by chance of all that a pattern may have", async () => {
    const unit = fc.constantFrom(
      ..."a b c A 0 9 _ é \\d \\w \\s [a-c] [\\w-] [\\s0] \\n \\. (?:a|b) (ab|c) (?:) ^ $ (?:a|^)".split(" "),
    );
    const wide = fc.constantFrom(..."😀 . [^a] [^\\s] \\D \\W \\S [\\W\\d] [é😀] \\u{1F600}".split(" "));
    const quantifier = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "+?");
    const quantified = (atom: fc.Arbitrary<string>) =>
      fc.tuple(atom, quantifier).map(([text, count]) => (text === "^" || text === "$" ? text : text + count));
    const source = (atom: fc.Arbitrary<string>) =>
      fc
        .tuple(
          fc.constantFrom("", "^"),
          fc.array(quantified(atom), { minLength: 1, maxLength: 5 }),
          fc.constantFrom("", "$"),
        )
        .map(([start, parts, end]) => start + parts.join("") + end);
    const pattern = fc.oneof(
      source(unit).map((text) => new RegExp(text)),
      source(fc.oneof(unit, wide)).map((text) => new RegExp(text, "u")),
    );
    const text = fc.string({
      unit: fc.constantFrom("a", "b", "0", "_", "é", "😀", "\n", "\u2028", " ", "\u00a0"),
      maxLength: 5,
    });
    const patterns = fc.sample(pattern, { numRuns: takeCount(600, 150), seed: 20_240_229 });
    const texts = [...odd, ...fc.sample(text, { numRuns: 300, seed: 7 })];
    expect(await compare(patterns, texts)).toEqual([]);
  });

  it("has a size that RE2 takes", async () => {
    // The widest classes, as often as the subset allows.
    const largest = [
      /^[^a]{600}$/u,
      /^\S{150}$/u,
      /^[\s\S]{70}$/u,
      /^[a-zé😀]{600}$/u,
      /^(?:a{10}){100}$/,
      /^.{300}$/u,
    ];
    expect(
      await compare(
        largest.filter((one) => "re2" in translatePattern(one)),
        ["", "b".repeat(600)],
      ),
    ).toEqual([]);
    expect(largest.filter((one) => "re2" in translatePattern(one)).length).toBeGreaterThan(2);
  });

  it("is read back as it was written", () => {
    for (const pattern of [...right, /a\/b/u]) {
      const { source, flags } = parsePattern(showPattern(pattern));
      expect(new RegExp(source, flags)).toEqual(pattern);
    }
  });
});

/** What no tool reads as a literal. */
const written = (source: string) => new RegExp(source);

describe("a pattern outside the subset", () => {
  it.each<[string, RegExp]>([
    ["the flag i of a pattern", /a/i],
    ["the flag m of a pattern", /^a/m],
    ["the flag s of a pattern", /./su],
    ["the flag g of a pattern", /a/g],
    ["the flag y of a pattern", /a/y],
    ["the flag v of a pattern", /a/v],
    ["a lookahead in a pattern", /a(?=b)/],
    ["a lookahead in a pattern", /a(?!b)/],
    ["a lookbehind in a pattern", /(?<=a)b/],
    ["a lookbehind in a pattern", /(?<!a)b/],
    ["flags within a pattern", /(?i:a)/],
    ["a backreference in a pattern", /(a)\1/],
    ["a backreference in a pattern", /(?<x>a)\k<x>/],
    ["a word boundary in a pattern", /\ba/],
    ["a word boundary in a pattern", /[\b]/],
    ['"\\p{…}" in a pattern', /\p{L}/u],
    ['"\\c" in a pattern', /\cA/],
    ['"." in a pattern without the flag u', /./],
    ['"\\S" in a pattern without the flag u', /\S/],
    ['a negated class, "[^…]", in a pattern without the flag u', /[^a]/],
    ["a pattern with a character beyond U+FFFF without the flag u", /😀/],
    ["a pattern with half a character", /\ud83d/u],
    ["a pattern with half a character", /\ud83d\ude00/],
    ['an empty class, "[]", in a pattern', written("[]")],
    ['an empty class, "[^]", in a pattern', written("[^]")],
    ["a range of a pattern that begins or ends in a set", /[\d-z]/],
    ['a pattern with an unescaped "{"', /a{x/],
    ['a pattern with an unescaped "]"', /a]/],
    ["a pattern that repeats more than 1000 times", /a{1001}/],
    ["a pattern that repeats more than 1000 times", /(?:a{50}){50}/],
    ["a pattern that repeats too much", /[^a]{999}/u],
    ["a pattern of more than 1000 characters", new RegExp("a".repeat(1001))],
    ["a pattern nested more than 50 deep", new RegExp(`${"(".repeat(60)}${")".repeat(60)}`)],
    ['"\\u" in a pattern without what belongs to it', written("\\u{2}")],
    ['"\\e" in a pattern', written("\\e")],
  ])("is refused by name: %s", (unsupported, pattern) => {
    expect(translatePattern(pattern)).toEqual({ unsupported });
  });
});

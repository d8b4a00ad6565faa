import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nouns } from "../../docs/generate/noun.ts";
import { composePages } from "../../docs/generate/page.ts";
import * as language from "../../framework/index.ts";
import { root } from "./document.ts";

describe("the generated pages", () => {
  it.each(composePages())("$path is what npm run docs writes", ({ path, text }) => {
    expect(readFileSync(join(root, path), "utf8")).toBe(text);
  });

  it("have every word of the language", () => {
    const shown = new Set(
      nouns.flatMap(({ about, shows }) => ["declaration" in about ? about.declaration : "", ...shows]),
    );
    expect(Object.keys(language).filter((name) => !shown.has(name))).toEqual([]);
  });
});

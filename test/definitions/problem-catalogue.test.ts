import { describe, expect, it } from "vitest";
import { problemCatalogue } from "../../framework/definitions/problem-catalogue.ts";

const codes = Object.keys(problemCatalogue);

describe("the catalogue of problems", () => {
  it("is sorted by code", () => {
    expect(codes).toEqual([...codes].sort());
  });

  it.each(Object.entries(problemCatalogue))("says of %s in a sentence what it means, and what to do", (_, entry) => {
    expect(entry.means).toMatch(/^[A-Z].{10,}[^.]\.$/);
    // It ends a printed line, and is a sentence of its own on the page.
    expect(entry.fix).toMatch(/^(?:[a-z]|[A-Z_]{2}).{6,}[^.]$/);
  });
});

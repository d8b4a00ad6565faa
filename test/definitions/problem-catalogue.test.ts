import { describe, expect, it } from "vitest";
import { problemCatalogue } from "../../framework/definitions/problem-catalogue.ts";
import { projectProblems } from "../../framework/definitions/project-problems.ts";
import { scoringProblems } from "../../framework/definitions/scoring-problems.ts";
import { stackProblems } from "../../framework/definitions/stack-problems.ts";
import { trackingProblems } from "../../framework/definitions/tracking-problems.ts";
import { trainingProblems } from "../../framework/definitions/training-problems.ts";

const codes = Object.keys(problemCatalogue);

describe("the catalogue of problems", () => {
  it("is sorted by code", () => {
    expect(codes).toEqual([...codes].sort());
  });

  it("has each code in one of its parts, each of which is sorted", () => {
    const parts = [projectProblems, scoringProblems, stackProblems, trackingProblems, trainingProblems].map((part) =>
      Object.keys(part),
    );
    for (const part of parts) expect(part).toEqual([...part].sort());
    expect(parts.flat().sort()).toEqual(codes);
  });

  it.each(Object.entries(problemCatalogue))("says of %s in a sentence what it means, and what to do", (_, entry) => {
    expect(entry.means).toMatch(/^[A-Z].{10,}[^.]\.$/);
    // It ends a printed line, and is a sentence of its own on the page.
    expect(entry.fix).toMatch(/^(?:[a-z]|[A-Z_]{2}).{6,}[^.]$/);
  });
});

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import type { FileSource } from "../../framework/definitions/source.ts";
import { locateSource } from "../../framework/definitions/source-location.ts";
import { csv, input, parquet } from "../../framework/index.ts";

let root = "";
let folder = "";
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "steward-source-")));
  folder = join(root, "examples", "flights");
  mkdirSync(join(folder, "data"), { recursive: true });
  writeFileSync(join(folder, "data", "a.csv"), "a\n");
  for (const name of ["plain", "@scoped/pkg"]) {
    mkdirSync(join(root, "node_modules", name, "data"), { recursive: true });
    writeFileSync(join(root, "node_modules", name, "package.json"), JSON.stringify({ name, exports: "./index.js" }));
    writeFileSync(join(root, "node_modules", name, "data", "a.csv"), "a\n");
  }
});
afterAll(() => rmSync(root, { recursive: true }));

function findCode(source: FileSource, inputs?: Record<string, string>): string | undefined {
  try {
    locateSource(folder, source, inputs);
    return undefined;
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return error.problems[0]?.code;
  }
}

describe("the file of a source", () => {
  it.each([
    ["relative to the project file", csv("data/a.csv"), "examples/flights/data/a.csv"],
    ["in a package above, past its exports", csv("npm:plain/data/a.csv"), "node_modules/plain/data/a.csv"],
    ["in a scoped package", csv("npm:@scoped/pkg/data/a.csv"), "node_modules/@scoped/pkg/data/a.csv"],
  ])("is found %s", (_, source, expected) => {
    expect(locateSource(folder, source)).toBe(join(root, expected));
  });

  it.each([
    ["relative to the project file", csv("data/*.csv"), "examples/flights/data/*.csv"],
    ["outside of its folder", csv("../**/a.csv"), "examples/**/a.csv"],
    ["in a package", csv("npm:@scoped/pkg/data/{a,b}.csv"), "node_modules/@scoped/pkg/data/{a,b}.csv"],
    ["that finds nothing, which is for the plan to tell", csv("data/*.gz"), "examples/flights/data/*.gz"],
  ])("may be a pattern %s", (_, source, expected) => {
    expect(locateSource(folder, source)).toBe(join(root, expected));
  });

  it("is the file that its path names, whatever characters that has", () => {
    const odd = join(root, "odd {x,y}");
    mkdirSync(odd);
    writeFileSync(join(odd, "a*.csv"), "a\n");
    expect(locateSource(odd, csv("a*.csv"))).toBe(join(odd, "a*.csv"));
    expect(locateSource(odd, csv("b*.csv"))).toBe(join(root, "odd \\{x,y\\}", "b*.csv"));
  });

  it("is found where an input says, which may be a path of any form", () => {
    const source = parquet(input("flights.path"));
    expect(source).toEqual({ kind: "file", format: "parquet", path: "input:flights.path" });
    for (const value of ["data/a.csv", "npm:plain/data/a.csv", join(folder, "data", "a.csv")]) {
      expect(locateSource(folder, source, { "flights.path": value })).toMatch(/data\/a\.csv$/);
    }
  });

  it.each([
    ["of a file that is not there", csv("data/b.csv"), "source-missing"],
    ["of a package that is not installed", csv("npm:absent/a.csv"), "source-missing"],
    ["of a package's file that is not there", csv("npm:plain/b.csv"), "source-missing"],
    ["of a path out of a package", csv("npm:plain/../plain/data/a.csv"), "source-missing"],
    ["of a pattern out of a package", csv("npm:plain/../*.csv"), "source-missing"],
    ["of a pattern of a package that is not installed", csv("npm:absent/*.csv"), "source-missing"],
    ["of a package alone", csv("npm:plain"), "source-missing"],
    ["of an input that is not supplied", csv(input("toString")), "input-missing"],
  ])("is a problem where it is %s", (_, source, code) => {
    expect(findCode(source, { other: "x" })).toBe(code);
  });
});

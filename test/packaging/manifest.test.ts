/**
 * @module
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { composeManifest } from "../../packaging/manifest.ts";

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
const repository = read("package.json");

describe("composeManifest", () => {
  it("gives importers declarations and JavaScript where this repository has TypeScript", () => {
    expect(composeManifest(repository).exports).toEqual({
      ".": { types: "./framework/index.d.ts", default: "./framework/index.js" },
      "./stack": { types: "./stacks/index.d.ts", default: "./stacks/index.js" },
      "./job": { types: "./framework/training/job/job.d.ts", default: "./framework/training/job/job.js" },
      "./package.json": "./package.json",
    });
  });

  it("leaves out what only this repository needs", () => {
    expect(Object.keys(composeManifest(repository))).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(private|scripts|devDependencies)$/)]),
    );
  });

  it.each(["version", "exports", "peerDependencies"])("refuses a manifest without %s", (field) => {
    const { [field]: _, ...rest } = repository;
    expect(() => composeManifest(rest)).toThrow(field);
  });
});

describe("create-steward", () => {
  const create = read("create-steward/package.json");

  it("has the version of the package that its projects ask for", () => {
    expect(create.version).toBe(repository.version);
  });

  it("depends on nothing", () => {
    expect(Object.keys(create)).not.toEqual(expect.arrayContaining([expect.stringMatching(/dependencies$/i)]));
  });

  it("asks for the compiler and the zod that the package is made for", () => {
    const { dependencies } = JSON.parse(
      readFileSync(new URL("../../create-steward/template/_package.json", import.meta.url), "utf8"),
    );
    expect(dependencies.zod).toBe(repository.peerDependencies.zod);
    expect(dependencies.typescript).toBe(repository.devDependencies.typescript.replace("^", "~"));
  });
});

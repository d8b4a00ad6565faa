/**
 * The package as a team gets it, with nothing but registries: packed, installed into an empty folder, deployed, asked, taken
 * down.
 * @module
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportApi } from "../../packaging/api-report.ts";
import { packAll, type Tarballs } from "../../packaging/pack.ts";
import { createTeamProject, type TeamProject } from "../support/team-project.ts";

const root = join(import.meta.dirname, "../..");
let folder: string;
let tarballs: Tarballs;
/** The folder that was packed, in which the types of what it depends on are found. */
const built = join(root, "dist", "steward");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steward-pack-"));
  tarballs = await packAll(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed package", () => {
  it("has entries that every importer understands", async () => {
    const manifest = JSON.parse(readFileSync(join(built, "package.json"), "utf8"));
    const { messages } = await publint({ pkgDir: built, strict: true, pack: false });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  it("has types that fit its code wherever ES modules are imported", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(readFileSync(tarballs.steward)));
    // A CommonJS importer gets ES modules, as the manifest's "type" says, and Node 10 knows no "exports".
    if (!analysis.types) throw new Error("the package has no types");
    const problems = analysis.problems.filter(
      (problem) =>
        problem.kind !== "CJSResolvesToESM" &&
        !(problem.kind === "NoResolution" && problem.resolutionKind === "node10"),
    );
    expect(problems).toEqual([]);
  });

  it("shows importers what its API report says", () => {
    expect(reportApi(built, { write: false })).toEqual({
      path: join(root, "packaging", "steward.api.md"),
      changed: false,
    });
  });

  it("has no path of the machine that built it", () => {
    const files = readdirSync(built, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const texts = files.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), "utf8")] as const);
    expect(texts.length).toBeGreaterThan(500);
    expect(texts.filter(([, text]) => text.includes(root)).map(([name]) => name)).toEqual([]);
  });
});

describe("a project made with it in an empty folder", () => {
  let project: TeamProject;

  beforeAll(async () => {
    project = await createTeamProject(tarballs);
  });
  afterAll(() => project.end());

  it("installs without a warning", () => {
    expect(project.created.code).toBe(0);
    expect(project.created.output).toContain("✔ wrote");
    expect(project.created.output).not.toMatch(/\bwarn\b/i);
  });

  it("compiles, and a mistake does not: neither with the compiler nor with a plan", async () => {
    expect(await project.run("npm", ["run", "check"])).toMatchObject({ code: 0 });
    project.edit("project.ts", (text) => text.replace("day.wind.last(yesterday)", "day.windd.last(yesterday)"));
    const checked = await project.run("npm", ["run", "check"]);
    const planned = await project.run("npx", ["steward", "plan"]);
    project.edit("project.ts", (text) => text.replace("day.windd.last(yesterday)", "day.wind.last(yesterday)"));
    expect(checked.code).not.toBe(0);
    expect(checked.output).toContain("windd");
    expect(planned.code).toBe(1);
    expect(planned.stderr).toContain("windd");
  });

  it("knows what columns may be told beyond zod", async () => {
    project.edit("project.ts", (text) => text.replace('known: "1 day"', 'known: "1"'));
    const checked = await project.run("npm", ["run", "check"]);
    project.edit("project.ts", (text) => text.replace('known: "1" ', 'known: "1 day" '));
    expect(checked.code).not.toBe(0);
    expect(checked.output).toContain('"1"');
  });

  it("is deployed, answers, and goes down", async () => {
    const planned = await project.run("npx", ["steward", "plan"]);
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining("rain-training") });

    const up = await project.run("npx", ["pulumi", "up", "-s", "local", "--yes", "--skip-preview"]);
    expect(up.output).toContain("version 1 in production");
    expect(up.code).toBe(0);

    const asked = await project.run("npx", ["steward", "predict", "rain-tomorrow", "--json"]);
    const { outputs } = JSON.parse(asked.stdout).answer;
    expect(outputs).toEqual({ probability: expect.any(Number), label: outputs.probability >= 0.5 });
    expect(Math.abs(outputs.probability - 0.5)).toBeLessThan(0.5);

    const again = await project.run("npx", ["steward", "plan", "--check"]);
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining("no changes") });

    const down = await project.run("npx", ["steward", "down"]);
    expect(down).toMatchObject({ code: 0, stdout: expect.stringContaining("Nothing is lost") });
    expect(project.processes()).toEqual([]);
  });
});

/**
 * @module
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const program = join(import.meta.dirname, "../../create-steward/index.js");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-create-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function create(...words: readonly string[]) {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...words], { cwd: folder });
    return { code: 0, stdout, stderr: "" };
  } catch (error) {
    return error as { readonly code: number; readonly stdout: string; readonly stderr: string };
  }
}
const read = (path: string) => readFileSync(join(folder, path), "utf8");

describe("create-steward", () => {
  it("writes a project under its name, with the files that a package cannot carry under theirs", async () => {
    const { stdout } = await create("rain", "--no-install");
    expect(stdout).toContain(
      `wrote ${readdirSync(join(folder, "rain"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length} files`,
    );
    expect(readdirSync(join(folder, "rain"))).toEqual(
      expect.arrayContaining([".gitignore", ".npmrc", "package.json", "project.ts", "Pulumi.yaml", "train.py"]),
    );
    expect(read("rain/project.ts")).toContain('project("rain"');
    expect(read("rain/Pulumi.yaml")).toMatch(/^name: "rain"$/m);
    const { name, dependencies } = JSON.parse(read("rain/package.json"));
    expect({ name, steward: dependencies.steward }).toEqual({ name: "rain", steward: expect.stringMatching(/^\^\d/) });
  });

  it("leaves no placeholder", async () => {
    await create("rain", "--no-install", "--name", "snow");
    for (const entry of readdirSync(join(folder, "rain"), { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        expect(readFileSync(join(entry.parentPath, entry.name), "utf8")).not.toMatch(/\{\{(name|steward)\}\}/);
    expect(read("rain/project.ts")).toContain('project("snow"');
  });

  it("writes into the folder it stands in when that is empty but for git", async () => {
    mkdirSync(join(folder, ".git"));
    const { code } = await create(".", "--no-install", "--name", "rain");
    expect(code).toBe(0);
    expect(read("project.ts")).toContain('project("rain"');
  });

  it("depends on a packed file by its path from the project", async () => {
    writeFileSync(join(folder, "steward-1.2.3.tgz"), "");
    await create("rain", "--no-install", "--steward", "steward-1.2.3.tgz");
    expect(JSON.parse(read("rain/package.json")).dependencies.steward).toBe("file:../steward-1.2.3.tgz");
  });

  it.each([
    [[], "one folder is needed (got none)"],
    [["a", "b"], "one folder is needed (got a b)"],
    [["Rain!"], '"Rain!" is no name of a project'],
    [["rain", "--name=-rain-"], "no name of a project"],
    [["rain", "--colour"], "✖ Unknown option '--colour' — see"],
    [["rain", "--steward", "./gone.tgz"], "there is no file"],
  ])("refuses %j, says why, and writes nothing", async (words, message) => {
    const { code, stderr } = await create(...words, "--no-install");
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("    at ");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("says in a line what the system refuses", async () => {
    writeFileSync(join(folder, "rain"), "");
    const { code, stderr } = await create("rain", "--no-install");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^✖ .*rain'\n$/);
  });

  it("refuses a folder with files, and leaves them", async () => {
    mkdirSync(join(folder, "rain"));
    writeFileSync(join(folder, "rain", "thesis.md"), "years of work");
    const { code, stderr } = await create("rain", "--no-install");
    expect(code).toBe(2);
    expect(stderr).toContain("is not empty (got thesis.md)");
    expect(readdirSync(join(folder, "rain"))).toEqual(["thesis.md"]);
  });
});

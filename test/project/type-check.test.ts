import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as sources from "../../framework/project/parsed-sources.ts";
import { checkTypes } from "../../framework/project/type-check.ts";
import { head, ProjectFolder } from "./project-folder.ts";

let folder: ProjectFolder;
let checks: ReturnType<typeof vi.spyOn>;
beforeEach(() => {
  folder = new ProjectFolder();
  checks = vi.spyOn(sources, "cacheSources");
});
afterEach(() => {
  vi.restoreAllMocks();
  folder[Symbol.dispose]();
});

const right = `${head}export default make();\n`;

/** Checks a project file; whether that took the compiler. */
async function check(name = "project.ts") {
  checks.mockClear();
  const problems = await checkTypes({ file: folder.path(name), root: folder.folder });
  return { problems, asked: checks.mock.calls.length > 0 };
}

/** Writes files as if that were long ago: a verdict rests on nothing that was written while it was made. */
function writeOld(files: Readonly<Record<string, string>>): void {
  folder.write(files);
  for (const name of Object.keys(files)) utimesSync(folder.path(name), 1, 1);
}

describe("a project file whose types are wrong", () => {
  it("is refused with every error at once, each at its line, and none of packages or this framework", async () => {
    folder.write({
      "project.ts": `${head}const a: number = "x";
import { wrong } from "./other.ts";
export default make({ a, wrong });
`,
      "other.ts": "export const wrong: string = 1;\nexport const untyped = (x) => x;\n",
    });
    expect(await folder.findProblems("project.ts")).toMatchObject([
      {
        code: "project-type-error",
        what: "Type 'number' is not assignable to type 'string'.",
        file: "other.ts",
        line: 1,
      },
      { code: "project-type-error", what: expect.stringContaining("implicitly has an 'any' type"), line: 2 },
      {
        code: "project-type-error",
        what: "Type 'string' is not assignable to type 'number'.",
        file: "project.ts",
        line: 2,
      },
    ]);
  });

  it.each([
    [
      "a package that is not installed",
      'import x from "not-there/deep";',
      "project-import-missing",
      "npm install not-there",
    ],
    ["a package of a scope", 'import x from "@not/there";', "project-import-missing", "npm install @not/there"],
    ["a file that is not there", 'import x from "./absent.ts";', "project-import-missing", "mend the path"],
    ["an enum", "enum A { x }", "project-type-error", "erasable TypeScript"],
    ["a namespace", "namespace A { export const x = 1; }", "project-type-error", "erasable TypeScript"],
    [
      "a parameter property",
      "class A { constructor(readonly x: number) {} }",
      "project-type-error",
      "erasable TypeScript",
    ],
  ])("because of %s is told what to do", async (_, text, code, fix) => {
    folder.write({ "project.ts": `${right}${text}\nexport const used = [${/[xA]\b/.exec(text)?.[0]}];\n` });
    expect(await folder.findProblems("project.ts")).toMatchObject([
      { code, fix: expect.stringContaining(fix), file: "project.ts", line: 3 },
    ]);
  });

  it("is told its syntax first, in JavaScript too", async () => {
    folder.write({ "project.ts": "export default make(;\n", "project.mjs": "\nexport default (;\n" });
    expect(await folder.findProblems("project.ts")).toMatchObject([{ code: "project-type-error", line: 1 }]);
    expect(await folder.findProblems("project.mjs")).toMatchObject([{ code: "project-type-error", line: 2 }]);
  });

  it("is judged by the nearest tsconfig.json, and by strict options where there is none", async () => {
    folder.write({ "strict/project.ts": `export const f = (x) => x;\n` });
    expect(await folder.findProblems("strict/project.ts")).toMatchObject([{ code: "project-type-error", line: 1 }]);
    folder.write({ "tsconfig.json": '{ "compilerOptions": { "strict": false, "module": "nodenext" } }' });
    expect((await check("strict/project.ts")).problems).toEqual([]);
    folder.write({
      "strict/tsconfig.json": '{ "extends": "../tsconfig.json", "compilerOptions": { "strict": true } }',
    });
    expect((await check("strict/project.ts")).problems).toMatchObject([{ line: 1 }]);
    folder.write({ "strict/tsconfig.json": '{ "compilerOptions": { "strict": false, "stict": true } }' });
    expect(await folder.findProblems("strict/project.ts")).toMatchObject([
      { what: expect.stringContaining("stict"), file: "strict/tsconfig.json", line: 1 },
    ]);
  });
});

describe("a verdict that a project is clean", () => {
  beforeEach(() => writeOld({ "project.ts": right, "base.ts": "export const make = () => 1;\n" }));

  it("is kept until a file of the project changes, also one that it imports", async () => {
    expect(await check()).toEqual({ problems: [], asked: true });
    expect(await check()).toEqual({ problems: [], asked: false });
    writeOld({ "base.ts": "export const make = (must: number) => must;\n" });
    expect(await check()).toMatchObject({ problems: [{ line: 2 }], asked: true });
  });

  it.each([
    [
      "a nearer tsconfig.json comes",
      () => writeOld({ "tsconfig.json": '{ "compilerOptions": { "module": "nodenext" } }' }),
    ],
    ["a package becomes another", () => writeOld({ "node_modules/tiny/package.json": package2 })],
    [
      "packages are installed, also with their old versions",
      () => writeOld({ "node_modules/.package-lock.json": "{}" }),
    ],
    ["what maps imports comes", () => writeOld({ "package.json": '{ "imports": {} }' })],
    ["the verdict is broken", () => breakVerdict()],
  ])("is void when %s", async (_, change) => {
    rmSync(folder.path("node_modules"));
    mkdirSync(folder.path("node_modules"));
    symlinkSync(resolve("node_modules/typescript"), folder.path("node_modules/typescript"));
    writeOld({
      "node_modules/tiny/package.json":
        '{ "name": "tiny", "version": "1.0.0", "type": "module", "types": "tiny.d.ts" }',
      "node_modules/tiny/tiny.d.ts": "export const tiny: number;\n",
      "project.ts": `import { tiny } from "tiny";\nexport default tiny;\n`,
    });
    expect([await check(), await check()]).toMatchObject([{ asked: true }, { asked: false }]);
    change();
    expect(await check()).toMatchObject({ asked: true });
  });
  const package2 = '{ "name": "tiny", "version": "1.0.1", "type": "module", "types": "tiny.d.ts" }';
  const breakVerdict = () => {
    const verdicts = folder.path(".steward/type-check");
    for (const name of readdirSync(verdicts)) writeFileSync(`${verdicts}/${name}`, "{");
  };

  it("is not kept of a project that is wrong, nor of a file that was written while it was read", async () => {
    writeOld({ "project.ts": "export const a: number = '';\n" });
    expect([await check(), await check()]).toMatchObject([{ asked: true }, { asked: true }]);
    const future = Date.now() / 1000 + 60;
    writeOld({ "project.ts": right });
    utimesSync(folder.path("project.ts"), future, future);
    expect([await check(), await check()]).toMatchObject([{ asked: true }, { asked: true }]);
  });

  it("need not be kept: where it cannot be written, the project is checked each time", async () => {
    // A file where the folder would be keeps out also whoever may write everywhere.
    folder.write({ ".steward": "" });
    expect([await check(), await check()]).toMatchObject([
      { problems: [], asked: true },
      { problems: [], asked: true },
    ]);
  });
});

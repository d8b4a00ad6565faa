import { describe, expect, it } from "vitest";
import { listTypeScriptImports } from "../../framework/definitions/typescript-imports.ts";

describe("the imports of a TypeScript trainer", () => {
  it.each<[string, string, { files?: string[]; packages?: string[] }]>([
    ["a file", 'import { tree } from "./tree.ts";', { files: ["./tree.ts"] }],
    ["a file for its effect", 'import "../setup.ts"', { files: ["../setup.ts"] }],
    ["a re-export", 'export * from "./all.ts"; export { a as b } from "./b.ts"', { files: ["./all.ts", "./b.ts"] }],
    ["a dynamic import", 'const { a } = await import("./late.ts");', { files: ["./late.ts"] }],
    ["an import of many lines", 'import rows, {\n  type Row,\n  read,\n} from "./rows.ts";', { files: ["./rows.ts"] }],
    ["data", 'import steps from "./steps.json" with { type: "json" };', { files: ["./steps.json"] }],
    ["a package", 'import { train } from "forest";', { packages: ["forest"] }],
    ["a part of a package with a scope", 'import * as m from "@math/tree/fast.js"', { packages: ["@math/tree"] }],
    ["a package once", 'import a from "a"; import b from "a/b";', { packages: ["a"] }],
    ["a type that has a name of its own", 'import type from "typed";', { packages: ["typed"] }],
    ["two on a line", 'import a from "a";import b from "./b.ts"', { packages: ["a"], files: ["./b.ts"] }],
    ["the job itself", 'import { job } from "steward/job";', {}],
    ["what Node brings", 'import fs from "node:fs"; import path from "path";', {}],
    ["a type alone", 'import type { Row } from "./row.ts"; export type { A } from "typed";', {}],
    ["one that is a comment", '// import a from "a"\n/* import "./b.ts" */', {}],
    ["one whose name is made as it runs", "await import(`./steps/$" + "{name}.ts`)", {}],
  ])("are found: %s", (_, text, { files = [], packages = [] }) => {
    expect(listTypeScriptImports(text)).toEqual({ files, packages });
  });
});

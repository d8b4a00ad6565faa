import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";

const outputs = { endpoints: {}, status: {}, temporalUi: "http://127.0.0.1:1" };
vi.mock("../../stacks/stack.ts", () => ({ declareStack: async () => outputs }));

const root = join(import.meta.dirname, "../..");

describe("the program of a stack", () => {
  it("exports those outputs alone that the stack has: Pulumi warns of each that is undefined", async () => {
    const { main } = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8"));
    const program = await import(join(root, main));
    expect(Object.keys(program)).toEqual(["default"]);
    expect(Object.keys(program.default)).toEqual(["endpoints", "status", "temporalUi"]);
  });

  it("is exported as it is by that of a new project", () => {
    const program = readFileSync(join(root, "create-steward/template/index.ts"), "utf8");
    expect(program).toMatch(/^export \{ default \} from "steward\/stack";$/m);
    expect(program.match(/^export/gm)).toHaveLength(1);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadProject } from "../../framework/definitions/project-file.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-project-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe("a project file", () => {
  it("gives its default export, its folder and its path", async () => {
    const file = resolve("examples/flights/project.ts");
    expect(await loadProject(file)).toMatchObject({
      project: { kind: "project", name: "flights" },
      folder: resolve("examples/flights"),
      file,
    });
  });

  it.each([
    ["is missing", () => join(folder, "absent.ts"), "does not exist"],
    ["is named by a relative path", () => "examples/flights/project.ts", "is not absolute"],
    ["has no default export", () => write("none.mjs", "export const a = 1;"), "no default export"],
    ["exports something else", () => write("other.mjs", "export default { kind: 'dataset' };"), "is no project"],
    ["throws", () => write("throws.mjs", "throw new TypeError('no such thing');"), "TypeError: no such thing"],
    ["is no program", () => write("broken.mjs", "export default ("), "cannot be evaluated"],
  ])("is refused when it %s, by its path", async (_, locate, text) => {
    const file = locate();
    const loading = loadProject(file);
    await expect(loading).rejects.toThrow(text);
    await expect(loading).rejects.toMatchObject({
      problems: [{ code: "project-file-invalid", file: relative(process.cwd(), file) }],
    });
  });
});

/**
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { digestSources } from "../../framework/toolchain/source-digest.ts";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(root, "node_modules", ".sources-"));
const name = folder.slice(root.length + 1);

afterAll(() => rmSync(folder, { recursive: true }));

describe("digestSources", () => {
  it("changes with the bytes, the path and the presence of a source, and with nothing else", async () => {
    mkdirSync(join(folder, "deep"));
    writeFileSync(join(folder, "deep", "a.ts"), "export {};");
    const first = await digestSources([name]);
    writeFileSync(join(folder, "notes.md"), "no source");
    expect(await digestSources([name])).toBe(first);
    writeFileSync(join(folder, "deep", "a.ts"), "export { };");
    const edited = await digestSources([name]);
    writeFileSync(join(folder, "deep", "trainer.py"), "");
    const added = await digestSources([name]);
    expect(new Set([first, edited, added]).size).toBe(3);
    writeFileSync(join(folder, "deep", "a.ts"), "export {};");
    rmSync(join(folder, "deep", "trainer.py"));
    expect(await digestSources([name])).toBe(first);
  });
});

import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { moduleFolder, pinnedTools, toolNames } from "../../framework/toolchain/tools.ts";
import { findLockEntry, readLockEntry } from "../../framework/toolchain/wheel-install.ts";

const tools = Object.values(pinnedTools);

describe("the pinned tools", () => {
  it("are got wheels first", () => {
    expect(toolNames.map((name) => pinnedTools[name].kind).join(" ")).toMatch(/^(wheel )+(server ?)+$/);
  });

  it.each(tools.filter((tool) => tool.kind === "server"))(
    "$name has the version that its go.mod requires",
    async (tool) => {
      const mod = await readFile(new URL("go.mod", moduleFolder(tool)), "utf8");
      expect(mod).toContain(`\ntool ${tool.package}\n`);
      const required = [...mod.matchAll(/^\t(\S+) (v\S+)/gm)].filter(([, path = ""]) => tool.package.startsWith(path));
      // The longest path is the module that holds the package.
      const [, , version = ""] = required.sort(([, a = ""], [, b = ""]) => b.length - a.length)[0] ?? [];
      // A commit's time has no separators in a module version.
      expect([version, version.replace(/^v0\.0\.0-(\d+)-.*/, "$1")]).toContain(
        tool.name === "minio" ? tool.version.replace(/\D/g, "") : `v${tool.version}`,
      );
    },
  );

  it.each(tools.filter((tool) => tool.kind === "wheel"))("$name is locked to digests in wheels.lock", async (tool) => {
    const [requirement, ...hashes] = (await readLockEntry(tool)).trimEnd().split("\n");
    expect(requirement).toBe(`${tool.wheel}==${tool.version} \\`);
    expect(hashes.length).toBeGreaterThanOrEqual(4);
    for (const line of hashes) expect(line).toMatch(/^ {4}--hash=sha256:[0-9a-f]{64}( \\)?$/);
  });
});

describe("findLockEntry", () => {
  const lock = "# a\na==1 \\\n    --hash=x \\\n    --hash=y\n# b\nb==2 \\\n    --hash=z\n";
  it.each([
    ["a", "1", "a==1 \\\n    --hash=x \\\n    --hash=y\n"],
    ["b", "2", "b==2 \\\n    --hash=z\n"],
    ["b", "1", undefined],
    ["c", "1", undefined],
  ])("%s %s", (wheel, version, entry) => {
    expect(findLockEntry(lock, { wheel, version })).toBe(entry);
  });
});

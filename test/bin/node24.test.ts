import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const bin = join(import.meta.dirname, "../../bin");

it.each(["18.20.8", "20.20.2", "22.17.1"])(
  "under Node %s, with no newer one installed, says which to take and starts nothing",
  (version) => {
    const folder = mkdtempSync(join(tmpdir(), "steward-old-"));
    try {
      cpSync(bin, join(folder, "bin"), { recursive: true });
      const versions = JSON.stringify({ ...process.versions, node: version });
      const pretend = `data:text/javascript,Object.defineProperty(process,"versions",{value:${encodeURIComponent(versions)}})`;
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["--import", pretend, join(folder, "bin/steward.js"), "doctor"],
        { encoding: "utf8", env: { PATH: "/nowhere" } },
      );
      expect(stderr).toMatch(new RegExp(`^✖ Node ${version} is too old.* use Node \\d+`));
      expect([status, stdout]).toEqual([1, ""]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

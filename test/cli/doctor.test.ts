import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { localStack, Workspace } from "./steward.ts";

const findings = z.array(
  z.object({
    section: z.string(),
    what: z.string(),
    verdict: z.string(),
    detail: z.string(),
    cost: z.object({ seconds: z.number() }).optional(),
  }),
);
const program = join(import.meta.dirname, "../../bin/steward.js");

/** Runs the doctor on a machine whose PATH has nothing but Node. */
function runDoctor(folder: string, ...words: string[]) {
  const bin = mkdtempSync(join(tmpdir(), "steward-bin-"));
  try {
    symlinkSync(process.execPath, join(bin, "node"));
    return spawnSync(process.execPath, [program, "doctor", ...words], {
      cwd: folder,
      env: { PATH: bin, HOME: bin },
      encoding: "utf8",
    });
  } finally {
    rmSync(bin, { recursive: true, force: true });
  }
}

it("on a machine with nothing says what is missing, what the rest costs, and fails", () => {
  using workspace = new Workspace({ "Pulumi.local.yaml": localStack });
  const { status, stdout, stderr } = runDoctor(workspace.folder);
  expect(stderr).toBe("");
  expect(status).toBe(1);
  expect(stdout).toMatch(/✖ python .*No "python3" on PATH is new enough/);
  expect(stdout.replace(/\s+/g, " ")).toMatch(
    /! minio \S+ not there yet: about 2 min, 250 MB to fetch, 148 MB on disk/,
  );
  expect(stdout).toMatch(/first npx pulumi up gets:\nabout \d+ min .* MB to fetch, \d+ MB on disk, on two cores\./);
  // A path is never broken: whoever copies it needs it whole.
  const lines = stdout.split("\n").map((line) => line.replace(/\S*\/\S*$/, ""));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

it("prints the same as JSON, and names a stack that is not there", () => {
  using workspace = new Workspace({ "Pulumi.local.yaml": localStack });
  const { stdout } = runDoctor(workspace.folder, "--json", "--stack", "other");
  const found = findings.parse(JSON.parse(stdout));
  expect(found.find(({ what }) => what.startsWith("temporal-server"))).toMatchObject({
    verdict: "warning",
    cost: { seconds: 210 },
  });
  expect(found.at(-1)).toMatchObject({
    verdict: "missing",
    detail: expect.stringContaining('there is no stack "other"'),
  });
});

import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gatherFiles } from "../../stacks/gather.ts";
import { failure } from "../support/failure.ts";
import { habits, shop, spending, visits } from "../support/project.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "steward-gather-"));
  writeFileSync(join(folder, "visits.csv"), "at,shop,spent\n");
  cpSync(join(import.meta.dirname, "../support/tiny-trainer"), folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);

describe("gatherFiles", () => {
  it("finds sources and trainers by the names of their definitions", async () => {
    const { sources, trainers } = await gatherFiles({ ...shop, definitions: [visits, habits, spending] }, folder, {});
    expect(sources).toEqual({ visits: { location: join(folder, "visits.csv"), fingerprint: sha256 } });
    const { file: entry, lock } = spending.trainer;
    const files = [entry, lock].sort().map((path) => ({ path, sha256, size: expect.any(Number) }));
    expect(trainers).toEqual({ spending: { folder, entry, lock, files } });
  });

  it("tells all that is missing at once, each of its definition", async () => {
    const lost = { ...visits, source: { ...visits.source, path: "lost.csv" } };
    const job = { ...spending, trainer: { ...spending.trainer, file: "none.py" } };
    const { problems } = await failure(gatherFiles({ ...shop, definitions: [lost, habits, job] }, folder, {}));
    expect(problems.map(({ at }) => at)).toEqual(["visits.source.path", "spending.trainer.file"]);
  });
});

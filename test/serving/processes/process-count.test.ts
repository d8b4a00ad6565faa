import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { countProcesses } from "../../../framework/serving/processes/process-count.ts";
import {
  listLeftFolders,
  listProcessFolders,
  locateProcess,
} from "../../../framework/serving/processes/process-folder.ts";

it.each([
  [undefined, "linux", 2, 2],
  [undefined, "linux", 64, 4],
  [undefined, "linux", 0, 1],
  [8, "linux", 2, 8],
  [0, "linux", 2, undefined],
  [undefined, "darwin", 8, undefined],
  [4, "darwin", 8, undefined],
] as const)("where %s are asked for, on %s with %d cores, there are %s", (asked, platform, cores, count) => {
  expect(countProcesses(asked, { platform, cores })).toBe(count);
});

it("processes have folders of their own, and those of any number of them are found", async () => {
  const folder = await mkdtemp(join(tmpdir(), "steward-processes-"));
  try {
    const [first, second, eleventh] = [0, 1, 10].map((index) => locateProcess(folder, index)) as [
      string,
      string,
      string,
    ];
    expect(first).toBe(folder);
    expect(await listProcessFolders(folder)).toEqual([folder]);
    await mkdir(eleventh);
    await mkdir(second);
    await writeFile(join(folder, "requests-1.jsonl"), "");
    await mkdir(join(folder, "process-0"));
    expect(await listProcessFolders(folder)).toEqual([first, second, eleventh]);
    // Which of them are there says nothing of their numbers.
    await rm(second, { recursive: true });
    expect(await listLeftFolders(folder, 2)).toEqual([eleventh]);
    expect(await listLeftFolders(folder, 11)).toEqual([]);
    await mkdir(second);
    expect(await listLeftFolders(folder, 1)).toEqual([second, eleventh]);
    expect(await listProcessFolders(join(folder, "none"))).toEqual([join(folder, "none")]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

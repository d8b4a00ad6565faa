import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FileLooks } from "../../framework/data/file-looks.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-looks-"));
  await writeFile(join(folder, "a"), "abc");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("what is seen of a file is what the system says, at the first look and at every other", async () => {
  const looks = new FileLooks();
  const path = join(folder, "a");
  const expected = await stat(path, { bigint: true });
  for (let look = 0; look < 3; look++) expect(await looks.look(path)).toEqual(expected);
});

it("a file that is not there is none at every look", async () => {
  const looks = new FileLooks();
  for (let look = 0; look < 3; look++)
    await expect(looks.look(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
});

it("many looks leave others their turn", async () => {
  const looks = new FileLooks();
  let turns = 0;
  let isDone = false;
  const others = (async () => {
    for (; !isDone; turns++) await turn();
  })();
  for (let look = 0; look < 1_000; look++) await looks.look(join(folder, "a"));
  isDone = true;
  await others;
  expect(turns).toBeGreaterThan(10);
});

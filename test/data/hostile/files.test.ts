/**
 * What is no sound file at all, whatever is in it.
 * @module
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Format, specOf } from "./hostile-case.ts";
import { useReader } from "./reading.ts";

const reader = useReader();
const sockets = createServer();
afterAll(() => sockets.close());

const isRoot = process.getuid?.() === 0;
const good = "t,s,n,i,b\n2024-01-01,x,1.5,2,true\n";
const formats: readonly Format[] = ["csv", "json", "parquet"];

/** Makes something under a path, and what is said of it. */
const things: readonly (readonly [name: string, make: (path: string) => void | Promise<void>, says: string])[] = [
  ["nothing", () => {}, "ENOENT"],
  ["a folder", (path) => mkdirSync(path), "not a file"],
  ["a pipe that nobody writes to", (path) => void execFileSync("mkfifo", [path]), "not a file"],
  ["a socket", (path) => new Promise((resolve) => sockets.listen(path, resolve)), "not a file"],
  ["a device without end", (path) => symlinkSync("/dev/zero", path), "not a file"],
  ["a link to itself", (path) => symlinkSync(path, path), "ELOOP"],
  ["a link to nothing", (path) => symlinkSync(`${path}-gone`, path), "ENOENT"],
  ["a file below a file", (path) => writeFileSync(path, ""), "ENOTDIR"],
];

describe("a source that is", () => {
  it.each(things)("%s is rejected, in any format", async (name, make, says) => {
    for (const format of formats) {
      const path = join(reader.folder(), `${name.replaceAll(" ", "-")}.${format}`);
      if (sockets.listening) sockets.close();
      await make(path);
      const asked = name === "a file below a file" ? join(path, "below") : path;
      const outcome = await reader.read(specOf(format, {}), asked);
      expect(outcome).toMatchObject({ verdict: "rejected" });
      expect(outcome.says.join()).toContain(says);
    }
  });

  it("a file that may not be read is rejected", async ({ skip }) => {
    if (isRoot) skip("root may read every file");
    const path = await reader.write(good, ".csv");
    chmodSync(path, 0o000);
    expect((await reader.read(specOf("csv", {}), path)).says.join()).toContain("EACCES");
  });

  it("a file of another length at every look is rejected or read as it is, and never hangs", async () => {
    const path = await reader.write(good + "2024-01-02,y,1,2,true\n".repeat(50_000), ".csv");
    const cutting = setInterval(() => truncateSync(path, good.length), 5);
    const outcome = await reader.read(specOf("csv", {}), path);
    clearInterval(cutting);
    expect(["accepted", "rejected"]).toContain(outcome.verdict);
  });

  it("a sound file after all of these is accepted", async () => {
    const path = await reader.write(good, ".csv");
    expect(await reader.read(specOf("csv", {}), path)).toMatchObject({ verdict: "accepted" });
  });
});

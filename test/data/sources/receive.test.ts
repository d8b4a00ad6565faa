import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { receive } from "../../../framework/data/sources/receive.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-receive-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = { onBytes: () => undefined, onEnd: () => undefined };

it("leaves no file of what broke off, not even one that was about to be opened", async () => {
  const turns = Array.from({ length: 50 }, async (_, turn) => {
    const body = new Readable({ read: () => undefined });
    setImmediate(() => body.destroy(new Error("broken off")));
    await expect(receive(body, join(folder, `${turn}`), options)).rejects.toThrow("broken off");
  });
  await Promise.all(turns);
  await sleep(50);
  expect(await readdir(folder)).toEqual([]);
});

it("ends for a signal that has come already", async () => {
  const signal = AbortSignal.abort(new Error("enough"));
  const received = receive(Readable.from([Buffer.from("a")]), join(folder, "a"), { ...options, signal });
  await expect(received).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
});

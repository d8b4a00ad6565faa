import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseGpus, type GpuClaim } from "../../framework/training/gpu-claims.ts";
import type { GpuDevice } from "../../framework/training/gpu-devices.ts";
import { createGpuLease, type LentGpus } from "../../framework/training/gpu-lease.ts";
import { failure } from "../support/failure.ts";
import { fakeDevices } from "../support/fake-gpus.ts";

describe("who is served next", () => {
  const both = ["x", "y"];
  it.each<[name: string, claims: readonly Omit<GpuClaim, "name">[], served: (readonly string[] | undefined)[]]>([
    ["one who asks alone", [{ count: 1, among: both }], [["x"]]],
    [
      "two, in the order of asking",
      [
        { count: 1, among: both },
        { count: 1, among: both },
      ],
      [["x"], ["y"]],
    ],
    [
      "not one beside a holder of all",
      [
        { count: 2, among: both, holds: both },
        { count: 1, among: both },
      ],
      [undefined, undefined],
    ],
    [
      "not one who came after one who waits for more",
      [
        { count: 1, among: both, holds: ["x"] },
        { count: 2, among: both },
        { count: 1, among: both },
      ],
      [undefined, undefined, undefined],
    ],
    [
      "one who waits for others than those before",
      [
        { count: 1, among: ["x"], holds: ["x"] },
        { count: 1, among: ["x"] },
        { count: 1, among: ["y"] },
      ],
      [undefined, undefined, ["y"]],
    ],
  ])("is %s", (_name, given, served) => {
    const claims = given.map((claim, i) => ({ name: `${i}`, ...claim }));
    // A claim that holds devices asks for nothing.
    const answers = claims.map(({ name, holds }) => (holds ? undefined : chooseGpus(claims.toReversed(), name)));
    expect(answers).toEqual(served);
  });
});

describe("the lease of a machine's GPUs", () => {
  let folder: string;
  let devices: readonly GpuDevice[];
  const children: ChildProcess[] = [];
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), "steward-lease-")), "claims");
    devices = fakeDevices("NVIDIA H100", "NVIDIA T4");
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(join(folder, ".."), { recursive: true, force: true });
  });

  const lease = () => createGpuLease({ folder, list: async () => devices, graceMilliseconds: 300 });
  const listClaims = () => readdirSync(folder).filter((name) => name.endsWith(".json"));
  const listUuids = (lent: LentGpus) => lent.devices.map(({ uuid }) => uuid);
  const uuids = () => devices.map(({ uuid }) => uuid);

  /** Takes without waiting for it; what comes of it is in the answer. */
  function start(count: number, options: { readonly type?: string; readonly signal?: AbortSignal } = {}) {
    const said: string[] = [];
    const { type, signal } = options;
    const taken = lease().take("job", { count, type }, { signal, onWait: (line) => said.push(line) });
    const state: { lent?: LentGpus } = {};
    taken.then(
      (lent) => {
        state.lent = lent;
      },
      () => undefined,
    );
    return { said, taken, state };
  }
  const saysThatItWaits = ({ said }: { readonly said: readonly string[] }) =>
    vi.waitFor(() => expect(said).not.toEqual([]), { timeout: 20_000 });

  /** Another process that takes as many, and what it printed. */
  function startHolder(count: number) {
    const program = join(import.meta.dirname, "../support/gpu-holder.ts");
    const child = spawn(process.execPath, [program, folder, JSON.stringify(devices), String(count)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { PATH: process.env["PATH"] },
    });
    children.push(child);
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
    const prints = (start: string) =>
      vi.waitFor(() => expect(lines.some((line) => line.startsWith(start))).toBe(true), { timeout: 30_000 });
    return { child, lines, prints };
  }

  it("lends each device once, and the one that is given back to who waits", async () => {
    const first = await lease().take("job", { count: 1 });
    const second = await lease().take("job", { count: 1 });
    expect([...listUuids(first), ...listUuids(second)]).toEqual(uuids());
    const third = start(1);
    await saysThatItWaits(third);
    expect(third.said).toEqual(["waits its turn: 1 GPU, 0 of 2 free"]);
    second.release();
    expect(listUuids(await third.taken)).toEqual(listUuids(second));
  });

  it("lends devices of the type that is asked for, and counts those", async () => {
    const first = await lease().take("job", { count: 1, type: "t4" });
    expect(first.devices.map(({ name }) => name)).toEqual(["NVIDIA T4"]);
    const second = start(1, { type: "t4" });
    await saysThatItWaits(second);
    expect(second.said).toEqual(['waits its turn: 1 GPU of type "t4", 0 of 1 free']);
    expect(listUuids(await lease().take("job", { count: 1 }))).toEqual(uuids().slice(0, 1));
    first.release();
    await second.taken;
  });

  it("serves in the order of asking, so that a job that asks for both is not overtaken", async () => {
    const first = await lease().take("job", { count: 1 });
    const both = start(2);
    await saysThatItWaits(both);
    const small = start(1);
    await saysThatItWaits(small);
    expect([...both.said, ...small.said]).toEqual([
      "waits its turn: 2 GPUs, 1 of 2 free",
      "waits its turn: 1 GPU, 1 of 2 free",
    ]);
    first.release();
    const lent = await both.taken;
    expect(small.state.lent).toBeUndefined();
    lent.release();
    await small.taken;
  });

  it("refuses what there never is, instead of waiting for it", async () => {
    const { problems } = await failure(lease().take("late", { count: 3 }));
    expect(problems).toMatchObject([{ code: "gpu-unavailable", at: "late.resources.gpu.count" }]);
    expect((await failure(lease().take("late", { count: 1, type: "h200" }))).problems).toMatchObject([
      { at: "late.resources.gpu.type" },
    ]);
  });

  it("lets who waits go, with nothing left of the claim", async () => {
    const first = await lease().take("job", { count: 2 });
    const leaving = new AbortController();
    const second = start(1, { signal: leaving.signal });
    await saysThatItWaits(second);
    const third = start(1);
    await saysThatItWaits(third);
    leaving.abort(new Error("no longer wanted"));
    await expect(second.taken).rejects.toThrow("no longer wanted");
    expect(listClaims()).toHaveLength(2);
    first.release();
    (await third.taken).release();
    expect(listClaims()).toEqual([]);
  });

  it("takes devices back once, however often they are given", async () => {
    const first = await lease().take("job", { count: 2 });
    first.release();
    const second = await lease().take("job", { count: 2 });
    first.release();
    expect(listClaims()).toHaveLength(1);
    second.release();
  });

  it("goes on waiting where somebody has cleaned up", async () => {
    const first = await lease().take("job", { count: 2 });
    const second = start(1);
    await saysThatItWaits(second);
    for (const name of listClaims().slice(1)) rmSync(join(folder, name));
    writeFileSync(join(folder, "000000000000-00000000.json"), "no claim");
    first.release();
    await second.taken;
  });

  it.each<[name: string, make: () => void]>([
    ["a file", () => writeFileSync(folder, "")],
    ["a link to a folder", () => symlinkSync(tmpdir(), folder)],
  ])("refuses %s in the place of its folder", async (_name, make) => {
    make();
    const { problems } = await failure(lease().take("job", { count: 1 }));
    expect(problems).toMatchObject([{ code: "folder-read-only", file: folder }]);
  });

  describe("among processes", () => {
    it("lends what another one holds only when that one gives it back", async () => {
      const other = startHolder(2);
      await other.prints("holds");
      const own = start(1);
      await saysThatItWaits(own);
      expect(own.said).toEqual(["waits its turn: 1 GPU, 0 of 2 free"]);
      other.child.stdin?.end();
      await own.taken;
      await other.prints("gave back");
    });

    it("lends what a killed one held, once its job has had time to end", async () => {
      const other = startHolder(2);
      await other.prints("holds");
      const own = start(2);
      await saysThatItWaits(own);
      const killed = performance.now();
      other.child.kill("SIGKILL");
      expect(listUuids(await own.taken)).toEqual(uuids());
      expect(performance.now() - killed).toBeGreaterThanOrEqual(300);
      expect(listClaims()).toHaveLength(1);
    });

    it("serves them in the order of asking, and forgets one that was killed while it waited", async () => {
      const own = await lease().take("job", { count: 1 });
      const large = startHolder(2);
      await large.prints("waits its turn: 2 GPUs, 1 of 2 free");
      const small = startHolder(1);
      await small.prints("waits its turn: 1 GPU, 1 of 2 free");
      expect(small.lines.join()).not.toContain("holds");
      large.child.kill("SIGKILL");
      await small.prints(`holds ${uuids()[1]}`);
      own.release();
      expect(listClaims()).toHaveLength(1);
    });
  });
});

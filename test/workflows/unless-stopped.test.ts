import { describe, expect, it } from "vitest";
import { unlessStopped } from "../../workflows/tune/unless-stopped.ts";

const never = new Promise<never>(() => undefined);

describe("waiting for a sampler", () => {
  it("gives what it answers, or throws what went wrong", async () => {
    const { signal } = new AbortController();
    expect(await unlessStopped(Promise.resolve(3), signal)).toBe(3);
    await expect(unlessStopped(Promise.reject(new Error("it ended")), signal)).rejects.toThrow("it ended");
  });

  it("ends at once when it is told to stop, before or meanwhile", async () => {
    const stop = new AbortController();
    const waiting = unlessStopped(never, stop.signal);
    stop.abort(new Error("cancelled"));
    await expect(waiting).rejects.toThrow("cancelled");
    await expect(unlessStopped(never, stop.signal)).rejects.toThrow("cancelled");
    await expect(unlessStopped(Promise.resolve(3), stop.signal)).rejects.toThrow("cancelled");
  });
});

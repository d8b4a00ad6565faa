import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import { createCoreLease } from "../../framework/training/core-lease.ts";
import type { GpuLease } from "../../framework/training/gpu-lease.ts";
import { takeShare } from "../../framework/training/machine-share.ts";
import { fakeDevices } from "../support/fake-gpus.ts";

/** A machine of two cores and one GPU, and what is done with the GPU in order. */
function given() {
  const [device] = fakeDevices("NVIDIA T4");
  const events: string[] = [];
  const held = createCoreLease(1);
  const gpus: GpuLease = {
    count: async () => 1,
    async take(job, { count }, options) {
      events.push(`${job} asks`);
      const end = await held.take(count, options);
      events.push(`${job} has the GPU`);
      const release = (): void => {
        events.push(`${job} gives back`);
        end();
      };
      return { devices: device ? [device] : [], release };
    },
  };
  const cores = createCoreLease(2);
  const take = (name: string, resources: Partial<TrainingJobSpec["resources"]>, signal?: AbortSignal) =>
    takeShare({ cores, gpus }, { name, resources: { cpu: 1, memory: "1 GiB", ...resources } }, { signal });
  return { events, take, device };
}

describe("a job's share of the machine", () => {
  it("is cores alone where it asks for no GPU", async () => {
    const { events, take } = given();
    const share = await take("a", {});
    expect(share.gpus).toBeUndefined();
    share.release();
    expect(events).toEqual([]);
  });

  it("has the GPUs that were lent, and gives all of it back", async () => {
    const { events, take, device } = given();
    const share = await take("a", { cpu: 2, gpu: { count: 1 } });
    expect(share.gpus).toEqual([device]);
    share.release();
    await take("b", { cpu: 2 });
    expect(events).toEqual(["a asks", "a has the GPU", "a gives back"]);
  });

  it("keeps no cores from others while it waits for a GPU", async () => {
    const { events, take } = given();
    const first = await take("a", { gpu: { count: 1 } });
    const second = take("b", { gpu: { count: 1 } });
    await nextTurn();
    // The core that is free is had by whoever needs no GPU.
    (await take("c", {})).release();
    first.release();
    await second;
    expect(events).toEqual(["a asks", "a has the GPU", "b asks", "a gives back", "b has the GPU"]);
  });

  it("gives its GPU back when it is cancelled while it waits for cores", async () => {
    const { events, take } = given();
    await take("a", { cpu: 2 });
    const leaving = new AbortController();
    const second = take("b", { gpu: { count: 1 } }, leaving.signal);
    await nextTurn();
    leaving.abort(new Error("no longer wanted"));
    await expect(second).rejects.toThrow("no longer wanted");
    expect(events).toEqual(["b asks", "b has the GPU", "b gives back"]);
  });

  it("takes no cores when there is no GPU to be had", async () => {
    const { take } = given();
    await take("a", { gpu: { count: 1 } });
    await expect(take("b", { cpu: 1, gpu: { count: 1 } }, AbortSignal.abort(new Error("too late")))).rejects.toThrow(
      "too late",
    );
    (await take("c", { cpu: 1 })).release();
  });
});

import { describe, expect, it } from "vitest";
import type { LiveModel } from "../../../framework/serving/live-model.ts";
import { type AttributedRows, LiveAttributions } from "../../../framework/serving/typed/live-attributions.ts";

/** Attributions of a version whose training set the store gives when it is told to, which is never whole. */
function prepare() {
  const { promise, reject } = Promise.withResolvers<never>();
  let reads = 0;
  const attributions = new LiveAttributions({
    getJson: () => {
      reads++;
      return promise;
    },
    fetchFile: () => promise,
  });
  const live = { package: { inputs: [], trainingSet: "t" } } as unknown as LiveModel;
  const asked: AttributedRows = { live, columns: {}, rows: 1 };
  const ask = () =>
    attributions.explain(asked).then(
      () => "answered",
      ({ status, message }) => `${status ?? "failed"} ${message}`,
    );
  return { attributions, ask, fail: () => reject(new Error("no store")), reads: () => reads };
}

describe("attributions that many ask for", () => {
  it("are refused to whoever comes while eight wait, and asked for again by those after", async () => {
    const { ask, fail, reads } = prepare();
    const first = Array.from({ length: 8 }, ask);
    expect(await ask()).toBe("503 too many wait for attributions already");
    fail();
    expect(await Promise.all(first)).toEqual(first.map(() => "failed no store"));
    expect(await ask()).toBe("failed no store");
    expect(reads()).toBe(9);
  });

  it("are given up by those who wait when the server ends", async () => {
    const { attributions, ask, fail, reads } = prepare();
    const [first, ...others] = Array.from({ length: 4 }, ask);
    await new Promise((resolve) => setImmediate(resolve));
    const closed = attributions.close();
    fail();
    expect(await first).toBe("failed no store");
    expect(await Promise.all(others)).toEqual(others.map(() => "503 the server is about to end"));
    await closed;
    expect(reads()).toBe(1);
  });
});

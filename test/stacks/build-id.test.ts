import { describe, expect, it } from "vitest";
import { identifyBuild } from "../../stacks/build-id.ts";

const supplied = { inputs: { "warehouse.url": "postgres://one" }, tracking: undefined };

describe("the id of a worker's build", () => {
  it("is the digest of its code where the stack supplies nothing", () => {
    expect(identifyBuild("486efdbc628da364", { inputs: undefined, tracking: undefined }, "key")).toBe(
      "486efdbc628da364",
    );
  });

  it("is the same for the same code and the same supplies, and of the length of a digest of code", () => {
    const id = identifyBuild("486efdbc628da364", supplied, "key");
    expect(id).toBe(identifyBuild("486efdbc628da364", { inputs: { ...supplied.inputs } }, "key"));
    expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    ["code", "586efdbc628da364", supplied, "key"],
    ["supplies", "486efdbc628da364", { inputs: { "warehouse.url": "postgres://two" } }, "key"],
    ["stack", "486efdbc628da364", supplied, "another key"],
  ])("is another for another %s", (_, code, given, key) => {
    expect(identifyBuild(code, given, key)).not.toBe(identifyBuild("486efdbc628da364", supplied, "key"));
  });
});

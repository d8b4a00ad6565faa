import { describe, expect, it } from "vitest";
import { findModelVersion } from "../../framework/cli/model-version.ts";
import { statusOf } from "../provider/specs.ts";

const none = statusOf({ kind: "model" } as never, { summary: "waiting for a version of flights" });

describe("a version of a model that is not there", () => {
  it.each([
    ["whose name nobody deployed", undefined, "production", 'there is no model "late"', "npx steward status lists"],
    ["that was never released", none, "production", "has no version in production (got waiting for a version", ""],
    ["that waits for nobody", none, "candidate", 'no candidate of model "late" waits', ""],
  ] as const)("is told %s", (_title, status, stage, what, fix) => {
    const find = () => findModelVersion("late", status, stage);
    expect(find).toThrow(what);
    expect(find).toThrow(fix);
  });
});

import { describe, expect, it } from "vitest";
import { checkNode } from "../../framework/cli/commands/doctor.ts";

describe("the version of Node", () => {
  it.each<[string, string, string | RegExp]>([
    ["22.23.4", "ok", process.execPath],
    ["24.22.1", "ok", process.execPath],
    ["24.100.0", "ok", process.execPath],
    ["26.12.1", "ok", process.execPath],
    ["24.22.0", "warning", /^security fixes since; 24\.22\.1 or newer has them/],
    ["24.9.9", "warning", /^security fixes since; 24\.22\.1 or newer/],
    ["22.18.0", "warning", /^security fixes since; 22\.23\.4 or newer/],
    ["20.19.0", "warning", "not a line with long-term support: 22, 24 or 26"],
    ["25.1.0", "warning", "not a line with long-term support: 22, 24 or 26"],
    ["nightly", "warning", "not a line with long-term support: 22, 24 or 26"],
  ])("%s is %s", (version, verdict, detail) => {
    expect(checkNode(version)).toEqual({
      what: `node ${version}`,
      verdict,
      detail: typeof detail === "string" ? detail : expect.stringMatching(detail),
    });
  });
});

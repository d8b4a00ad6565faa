import { describe, expect, it } from "vitest";
import { findMissingLines, splitCommand } from "./shown-output.ts";

const printed = `+ Model rain created (42s) version 1 in production: auc 0.7136
  package 808f29263238, asked at 127.0.0.1:9024, in 1 min 5 s`;

describe("finding what a page shows and nobody printed", () => {
  it.each<[string, string, number]>([
    ["a line as it was", "+ Model rain created (42s) version 1 in production: auc 0.7136", 0],
    [
      "another figure, digest, address and duration",
      "package af3f568e777d, asked at 127.0.0.1:80, in 41 s\nauc 0.6",
      1,
    ],
    ["another figure of the same kind", "in production: auc 0.7161", 0],
    ["what is left out within a line", "Model rain created … auc 0.7136", 0],
    ["lines left out", "+ Model rain\n…\n  package 808f29263238", 0],
    ["parts in another order", "auc 0.7136 … Model rain", 1],
    ["another version", "version 2 in production", 1],
    ["another word", "+ Model snow", 1],
  ])("%s", (_, shown, missing) => {
    expect(findMissingLines(shown, printed)).toHaveLength(missing);
  });
});

describe("splitting a command", () => {
  it("goes by quotes as a shell does", () => {
    expect(splitCommand(`predict x '{"a": 1}' --reason "on Monday"`)).toEqual([
      "predict",
      "x",
      '{"a": 1}',
      "--reason",
      "on Monday",
    ]);
  });
});

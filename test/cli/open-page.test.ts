import { expect, it } from "vitest";
import { isShown } from "../../framework/cli/open-page.ts";

const desk = { platform: "linux", isTerminal: true, env: { DISPLAY: ":0" } };

it.each<[string, boolean | undefined, Parameters<typeof isShown>[1], boolean]>([
  ["shown at a desktop", undefined, desk, true],
  ["shown on a Mac, which has no variable for it", undefined, { ...desk, platform: "darwin", env: {} }, true],
  ["not shown where it was not wished", false, desk, false],
  ["shown where it was wished", true, { ...desk, isTerminal: false }, true],
  ["not shown to a program that reads what is printed", undefined, { ...desk, isTerminal: false }, false],
  ["not shown on a machine without a screen", undefined, { ...desk, env: {} }, false],
  ["not shown from afar", undefined, { ...desk, env: { DISPLAY: ":0", SSH_CONNECTION: "a" } }, false],
  ["not shown by a build", undefined, { ...desk, env: { DISPLAY: ":0", CI: "1" } }, false],
])("a page is %s", (_title, wished, where, expected) => {
  expect(isShown(wished, where)).toBe(expected);
});

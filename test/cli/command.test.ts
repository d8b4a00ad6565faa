import { describe, expect, it } from "vitest";
import { alignColumns, type Command, formatHelp, parseCall } from "../../framework/cli/command.ts";
import { StewardError } from "../../framework/definitions/problem.ts";

const ask: Command = {
  summary: "Ask something.",
  arguments: "<who> [what]",
  count: [1, 2],
  options: {
    loud: { type: "boolean", help: "say it loudly" },
    to: { type: "string", short: "t", help: "whom (default: nobody)" },
  },
  help: "It asks.",
  exits: ["7 nobody answered"],
  run: async () => 0,
};
const look: Command = { ...ask, count: [0, 0] };
const name: Command = { ...ask, count: [1, 1] };

function refusal(words: readonly string[], command: Command) {
  try {
    parseCall("ask", command, words);
  } catch (error) {
    if (error instanceof StewardError) return error.problems[0];
    throw error;
  }
  return undefined;
}

describe("a call", () => {
  it("has its arguments and options", () => {
    const call = parseCall("ask", ask, ["ada", "-t", "bob", "--loud"]);
    expect(call.arguments).toEqual(["ada"]);
    expect([call.text("to"), call.has("loud"), call.text("loud"), call.has("to")]).toEqual([
      "bob",
      true,
      undefined,
      false,
    ]);
  });

  it.each<[string, Command, readonly string[], string, string | undefined]>([
    ["too few arguments", ask, [], '"steward ask" takes 1 or 2 arguments', "none"],
    ["too many arguments", ask, ["a", "b", "c"], '"steward ask" takes 1 or 2 arguments', '"a" "b" "c"'],
    ["arguments where none are taken", look, ["a"], '"steward ask" takes no arguments', '"a"'],
    ["two arguments for one", name, ["a", "b"], '"steward ask" takes 1 argument', '"a" "b"'],
    ["an option that is unknown", ask, ["a", "--quiet"], '"steward ask": unknown option "--quiet"', undefined],
    [
      "an option without its value",
      ask,
      ["a", "--to"],
      '"steward ask": option "-t, --to <value>" argument missing',
      undefined,
    ],
    [
      "a value for a switch",
      ask,
      ["a", "--loud=yes"],
      '"steward ask": option "--loud" does not take an argument',
      undefined,
    ],
  ])("with %s is refused", (_title, command, words, what, got) => {
    expect(refusal(words, command)).toMatchObject({ code: "command-misused", what, fix: "see npx steward ask --help" });
    expect(refusal(words, command)?.got).toBe(got);
  });

  it("for help may lack what the command needs", () => {
    expect(parseCall("ask", ask, ["--help"]).wantsHelp).toBe(true);
  });
});

describe("a help page", () => {
  it("has usage, summary, text, every option with its place in one column, and every exit code", () => {
    expect(formatHelp("ask", ask)).toBe(`npx steward ask <who> [what] [options]

Ask something.

It asks.

Options:
      --loud        say it loudly
  -t, --to <value>  whom (default: nobody)
  -h, --help        print this help

Exit codes: 0 done, 1 failed with the reason printed, 2 asked wrongly, 7 nobody answered.`);
  });
});

describe("columns", () => {
  it("begin after the longest entry, however long", () => {
    expect(
      alignColumns([
        ["a", "1"],
        ["a long one", "2"],
      ]),
    ).toEqual(["  a           1", "  a long one  2"]);
  });
});

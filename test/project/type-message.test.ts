import type ts from "typescript";
import { describe, expect, it } from "vitest";
import { flattenMessage } from "../../framework/project/type-message.ts";

/** A chain of messages, each the reason of the one before. */
function chain(...texts: readonly string[]): ts.DiagnosticMessageChain {
  const [messageText = "", ...rest] = texts;
  return { messageText, category: 1, code: 1, ...(rest.length > 0 && { next: [chain(...rest)] }) };
}

describe("what the compiler says", () => {
  it.each([
    ["one line", "wrong", "wrong"],
    ["a short chain", chain("a", "b", "c"), "a\n    b\n    c"],
    ["a long chain, without its middle", chain("a", "b", "c", "d", "e", "f"), "a\n    b\n    e\n    f"],
    ["an optional type", "'A' is not assignable to type 'B | undefined'.", "'A' is not assignable to type 'B'."],
    ["a long line", "x".repeat(400), `${"x".repeat(300)}…`],
  ])("is told in a few lines: %s", (_, message, text) => {
    expect(flattenMessage(message)).toBe(text);
  });
});

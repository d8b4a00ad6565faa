import { describe, expect, it } from "vitest";
import { formatCancelled, untilInterrupted } from "../../framework/cli/commands/score.ts";
import { Interruption } from "../../framework/toolchain/interruption.ts";

const name = "visits.scored-by.spender";

describe("what is said of scorings that were to end", () => {
  it("is how many are being ended", () => {
    expect(formatCancelled(name, { cancelled: 0, pages: [] })).toBe(`${name}: no such scoring is under way`);
    expect(formatCancelled(name, { cancelled: 1, pages: [] })).toBe(`✔ ${name}: the scoring is being ended`);
    expect(formatCancelled(name, { cancelled: 2, pages: [] })).toBe(`✔ ${name}: 2 scorings are being ended`);
  });

  it("is also which of the model's nobody can tell whether they are meant", () => {
    const lines = formatCancelled(name, { cancelled: 0, pages: ["http://ui/a", "http://ui/b"] }).split("\n");
    expect(lines[1]).toContain("2 by the model do not say what is scored");
    expect(lines.slice(2)).toEqual(["    http://ui/a", "    http://ui/b"]);
  });
});

describe("a scoring that is watched", () => {
  it("is said to go on where the watching is interrupted, with how to watch it again and to end it", async () => {
    const controller = new AbortController();
    const watched = untilInterrupted(new Promise(() => undefined), controller.signal);
    controller.abort(new Interruption("SIGINT"));
    await expect(watched).rejects.toMatchObject({
      message: "interrupted by SIGINT",
      rest: "it goes on; the same command watches it again, --cancel ends it",
      exitCode: 130,
    });
  });

  it("is what it comes to where nobody interrupts it", async () => {
    expect(await untilInterrupted(Promise.resolve("done"), new AbortController().signal)).toBe("done");
  });
});

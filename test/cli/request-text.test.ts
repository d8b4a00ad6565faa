import { describe, expect, it } from "vitest";
import { formatRecords } from "../../framework/cli/request-text.ts";

const time = "2026-03-01T09:30:00.000Z";

describe("a request in a table", () => {
  it("says when its row happens only where that is another time than that of the request", () => {
    const show = (at: string) => formatRecords([{ id: "a", time, request: { at: [at], origin: ["SEA"] } }]).at(-1);
    expect(show(time)).toMatch(/Z {2}a +origin SEA$/);
    expect(show("2026-02-28T00:00:00Z")).toMatch(/Z {2}a +at 2026-02-28T00:00:00Z, origin SEA$/);
  });

  it("says what no caller saw", () => {
    const lines = formatRecords([
      { id: "a", time, variant: "canary" },
      { id: "b", time, variant: "canary", shadow: true, of: "c" },
    ]);
    expect(lines.map((line) => line.replace(/^.*Z {2}/, ""))).toEqual([
      expect.stringMatching(/variant$/),
      "a   canary",
      "b   canary (unseen)",
    ]);
  });
});

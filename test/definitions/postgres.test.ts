import { describe, expect, it } from "vitest";
import { input } from "../../framework/definitions/input.ts";
import { postgres, push } from "../../framework/definitions/postgres.ts";
import { sourceShape } from "../../framework/definitions/source-shape.ts";

const url = input("warehouse.url");

describe("rows of a database", () => {
  it("are data, with the address as the name of an input", () => {
    const source = postgres({ url, query: "SELECT 1 AS n", cursor: "n", lag: "5 minutes" });
    const expected = {
      kind: "postgres",
      url: "input:warehouse.url",
      query: "SELECT 1 AS n",
      cursor: "n",
      lag: "5 minutes",
    };
    expect(source).toEqual(expected);
    expect(sourceShape.parse(source)).toEqual(expected);
    expect(sourceShape.parse(postgres({ url, query: "SELECT 1" }))).toEqual({
      kind: "postgres",
      url: "input:warehouse.url",
      query: "SELECT 1",
    });
  });

  it.each([
    ["an address that is written out", { url: "postgres://user:secret@db/x", query: "SELECT 1" }, "url"],
    ["no query", { url, query: "" }, "query"],
    ["a lag that is about no cursor", { url, query: "SELECT 1", lag: "1 hour" }, "lag"],
    ["an empty cursor", { url, query: "SELECT 1", cursor: "" }, "cursor"],
  ])("with %s are none", (_what, options, field) => {
    const parsed = sourceShape.safeParse(postgres(options as Parameters<typeof postgres>[0]));
    expect(parsed.error?.issues.map(({ path }) => path.join("."))).toEqual([field]);
  });
});

describe("rows that are pushed", () => {
  it("have nothing to say", () => {
    expect(sourceShape.parse(push())).toEqual({ kind: "push" });
  });
});

import { describe, expect, it } from "vitest";
import { findPlace, readPlace } from "../../framework/definitions/place.ts";
import { endpoint, project } from "../../framework/index.ts";
import { late } from "./flight-project.ts";

describe("the place of a definition", () => {
  it("is the line that called the builder, and is no part of the value", () => {
    const desk = endpoint("desk", { model: late });
    expect(findPlace(desk)).toEqual({ file: "test/definitions/place.test.ts", line: 8 });
    expect(findPlace(late)?.file).toBe("test/definitions/flight-project.ts");
    expect(Object.keys(project("p", { definitions: [] })).sort()).toEqual([
      "definitions",
      "environments",
      "kind",
      "name",
    ]);
    expect(findPlace({ ...desk })).toBeUndefined();
  });

  it("leaves the limit of stack traces as it was", () => {
    const { stackTraceLimit } = Error;
    endpoint("desk", { model: late });
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});

describe("the first own line of a stack trace", () => {
  const framework = new URL("../../framework/index.ts", import.meta.url).href;
  it.each([
    ["a module", "    at file:///a/b.ts:3:5", "/a/b.ts", 3],
    ["a function", "    at make (file:///a/b.ts:3:5)", "/a/b.ts", 3],
    ["a module that is awaited", "    at async file:///a/b.ts:3:5", "/a/b.ts", 3],
    ["one that was imported once more", "    at file:///a/b.ts?again=:3:5", "/a/b.ts", 3],
    ["a path", "    at Object.<anonymous> (/a/b.cjs:3:5)", "/a/b.cjs", 3],
    ["a folder with odd letters", "    at f (file:///a%20(x)/%C3%A9.ts:3:5)", "/a (x)/é.ts", 3],
    ["what is below Node", "    at node:internal/x:1:2\n    at file:///a/b.ts:3:5", "/a/b.ts", 3],
    [
      "what is below a package",
      "    at f (file:///a/node_modules/p/i.js:1:2)\n    at file:///a/b.ts:3:5",
      "/a/b.ts",
      3,
    ],
    ["what is below this framework", `    at f (${framework}:1:2)\n    at file:///a/b.ts:3:5`, "/a/b.ts", 3],
  ])("is found in %s", (_, frames, path, line) => {
    const place = readPlace(`Error: at odds (with 1:2)\n${frames}`);
    expect(place && { path: new URL(place.file, `file://${process.cwd()}/`).pathname, line: place.line }).toEqual({
      path: new URL(`file://${path}`).pathname,
      line,
    });
  });

  it("is none where there is none", () => {
    expect(readPlace("Error: x\n    at node:internal/x:1:2")).toBeUndefined();
    expect(readPlace(undefined)).toBeUndefined();
  });
});

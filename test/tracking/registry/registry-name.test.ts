import { describe, expect, it } from "vitest";
import {
  isLatest,
  readAlias,
  readModelName,
  readNewAlias,
  readTag,
  readTags,
  readVersion,
  text,
} from "../../../framework/tracking/registry/registry-name.ts";
import { readStage, requireActive } from "../../../framework/tracking/registry/stage.ts";

describe("names of the registry", () => {
  it.each(["late", "two words", "späť", "a.b", "$(id)", "a;b", "`a`", "-", "x".repeat(256)])(
    "takes the model %j",
    (name) => {
      expect(readModelName(name)).toBe(name);
    },
  );

  it.each(["", " ", "a/b", "a:b", "..", "..a", ".", "../a", "/a", "x".repeat(257)])("refuses the model %j", (name) => {
    expect(() => readModelName(name)).toThrow(/./);
  });

  it.each(["champion", "a-b_c", "é1"])("takes the alias %j", (alias) => {
    expect(readNewAlias(alias)).toBe(alias);
  });

  it.each(["", "a.b", "a b", "a/b", "../a", "a%2fb", "a\u0000", "x".repeat(256)])("refuses the alias %j", (alias) => {
    expect(() => readAlias(alias)).toThrow(/alias/);
  });

  it.each(["latest", "LATEST", "v1", "V20"])("asks for %j, and lets nobody give it", (alias) => {
    expect(readAlias(alias)).toBe(alias);
    expect(() => readNewAlias(alias)).toThrow("reserved");
    expect(isLatest(alias)).toBe(alias.toLowerCase() === "latest");
  });

  it("takes numbers of versions and nothing that becomes one", () => {
    expect(readVersion("12")).toBe(12);
    for (const version of ["", "x", "1.5", "-1", "1e3", "0x10", " 1", "99999999999"]) {
      expect(() => readVersion(version)).toThrow("must be an integer");
    }
  });

  it("takes tags whose keys can be names of files, the last of several winning", () => {
    const given = [
      { key: "a", value: "1" },
      { key: "a", value: "2" },
      { key: "mlflow.note.content", value: "" },
    ];
    expect(readTags(given)).toEqual(given.slice(1));
    for (const key of ["", "/a", "..", "a?b", "a\\b", "a//b", "x".repeat(251)]) {
      expect(() => readTag({ key, value: "1" })).toThrow(/key/);
    }
    expect(() => readTag({ key: "a", value: "x".repeat(100_001) })).toThrow("maximum length of 100000");
  });

  it("takes no text that a database does not keep", () => {
    expect(text.safeParse("plain é 🜁").success).toBe(true);
    expect([text.safeParse("a\u0000b").success, text.safeParse("\ud800").success]).toEqual([false, false]);
  });
});

describe("stages", () => {
  it("are known however they are capitalised", () => {
    expect(["none", "STAGING", "Production", "archived"].map(readStage)).toEqual([
      "None",
      "Staging",
      "Production",
      "Archived",
    ]);
    expect(() => readStage("Canary")).toThrow("Value must be one of None, Staging, Production, Archived.");
  });

  it("archive others only where others are in use", () => {
    expect(() => requireActive("Staging")).not.toThrow();
    expect(() => requireActive("Archived")).toThrow("not an Active stage");
  });
});

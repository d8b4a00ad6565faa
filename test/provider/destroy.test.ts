import { describe, expect, it } from "vitest";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import {
  DestroyGuard,
  type DestroyWord,
  decideDestroy,
  findLiveEndpoints,
  readDestroyWord,
} from "../../framework/provider/destroy.ts";
import { statusOf } from "./specs.ts";

const reference = { sha256: "0".repeat(64), size: 1 };
const serving = (given: Partial<EntityStatus> = {}): EntityStatus =>
  statusOf(
    { kind: "endpoint", spec: reference, model: "m", address: "http://127.0.0.1:1" },
    { name: "e", live: { kind: "endpoint", address: "http://127.0.0.1:1", package: "p", version: 1 }, ...given },
  );
const dataset = statusOf({ kind: "dataset", spec: reference, location: "/x", fingerprint: "f" });
const { live: _none, ...waiting } = serving({ name: "waiting" });

describe("findLiveEndpoints", () => {
  it.each<[string, readonly EntityStatus[], readonly string[]]>([
    ["none of no entities", [], []],
    ["those that serve, sorted", [serving({ name: "b" }), serving({ name: "a" })], ["a", "b"]],
    ["those that serve although a change of them failed", [serving({ state: "failed" })], ["e"]],
    ["not the retired", [serving({ state: "retired" })], []],
    ["not those that have never served", [waiting], []],
    ["not those of another stack", [serving({ owner: "tests/other" })], []],
    ["no other kinds", [dataset], []],
  ])("finds %s", (_title, all, expected) => {
    expect(findLiveEndpoints(all, "tests/local")).toEqual(expected);
  });
});

describe("decideDestroy", () => {
  it.each<[string, readonly string[], DestroyWord | undefined, boolean]>([
    ["nothing serves", [], undefined, false],
    ["an endpoint serves", ["e"], undefined, true],
    ["an endpoint serves and is to be retired", ["e"], "retire", false],
    ["an endpoint serves and is to be abandoned", ["e"], "abandon", false],
  ])("when %s", (_title, live, word, refused) => {
    expect(decideDestroy(live, word) !== undefined).toBe(refused);
  });

  it("names every endpoint and the ways out", () => {
    expect(decideDestroy(["a", "b"], undefined)?.message).toMatch(
      /2 endpoints still serve \(a, b\).*--retire.*--abandon/,
    );
  });
});

describe("readDestroyWord", () => {
  it("reads both words and nothing else", () => {
    expect([undefined, "", "retire", "abandon"].map(readDestroyWord)).toEqual([
      undefined,
      undefined,
      "retire",
      "abandon",
    ]);
    expect(() => readDestroyWord("yes")).toThrow('got "yes"');
  });
});

describe("DestroyGuard", () => {
  const list = (entities: readonly EntityStatus[]) => async () => ({ entities, owner: "tests/local" });

  it("admits deletes of a program that has declared something, whatever serves", async () => {
    const guard = new DestroyGuard(undefined);
    guard.noteProgram();
    await expect(guard.admit(list([serving()]))).resolves.toBeUndefined();
  });

  it("refuses every delete of a destroy while an endpoint serves, with one look", async () => {
    const guard = new DestroyGuard(undefined);
    let looks = 0;
    const look = async () => {
      looks += 1;
      return { entities: [serving()], owner: "tests/local" };
    };
    const deletes = await Promise.allSettled([guard.admit(look), guard.admit(look), guard.admit(look)]);
    expect(deletes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(looks).toBe(1);
  });

  it("admits a destroy when nothing serves", async () => {
    await expect(
      new DestroyGuard(undefined).admit(list([dataset, serving({ state: "retired" })])),
    ).resolves.toBeUndefined();
  });

  it("asks nobody when the stack is abandoned, so that it works without an engine", async () => {
    const guard = new DestroyGuard("abandon");
    await expect(guard.admit(() => Promise.reject(new Error("no engine")))).resolves.toBeUndefined();
    expect(guard.abandons).toBe(true);
  });

  it("leaves entities to be retired when they are removed from a program, whatever the word", () => {
    const guard = new DestroyGuard("abandon");
    guard.noteProgram();
    expect(guard.abandons).toBe(false);
  });

  it("refuses when it cannot find out what serves, and says how to go on", async () => {
    const admitted = new DestroyGuard(undefined).admit(() => Promise.reject(new Error("no engine")));
    await expect(admitted).rejects.toThrow(/got no engine.*--abandon/);
  });
});

import { describe, expect, it } from "vitest";
import { cutLock, readNodeLock } from "../../framework/definitions/node-lock.ts";

const locked = (version: string, more: object = {}) => ({
  version,
  resolved: `r/${version}`,
  integrity: `sha512-${version}`,
  ...more,
});

const lock = readNodeLock(
  JSON.stringify({
    name: "flights",
    lockfileVersion: 3,
    packages: {
      "": { name: "flights", dependencies: { forest: "^1.0.0" }, devDependencies: { linter: "^9.0.0" } },
      "node_modules/forest": locked("1.2.0", {
        dependencies: { leaf: "^2.0.0" },
        optionalDependencies: { fast: "^1.0.0" },
        dev: true,
      }),
      "node_modules/forest/node_modules/leaf": locked("2.0.0", { dependencies: { root: "*" } }),
      "node_modules/leaf": locked("1.0.0"),
      "node_modules/root": locked("3.0.0", { dependencies: { leaf: "^1.0.0" }, peerDependencies: { soil: "*" } }),
      "node_modules/linter": locked("9.0.0"),
      "node_modules/mine": { resolved: "packages/mine", link: true },
      "node_modules/bare": { version: "1.0.0" },
      "node_modules/half": locked("1.0.0", { dependencies: { absent: "*" } }),
    },
  }),
);
if (!lock) throw new Error("the lock is one");

describe("the part of a lock that a trainer needs", () => {
  it("is the packages it imports and what they need, where Node would find them, and no more", () => {
    const { lock: part, unlocked } = cutLock(lock, ["forest"]);
    expect(unlocked).toEqual([]);
    expect(Object.keys(part.packages)).toEqual([
      "",
      "node_modules/forest",
      "node_modules/forest/node_modules/leaf",
      "node_modules/leaf",
      "node_modules/root",
    ]);
    expect(part.packages[""]).toEqual({ dependencies: { forest: "1.2.0" } });
    expect(part.packages["node_modules/forest"]).not.toHaveProperty("dev");
  });

  it("does not change with what the trainer does not import", () => {
    const { "node_modules/linter": _linter, ...packages } = lock.packages;
    expect(cutLock({ ...lock, packages }, ["forest"])).toEqual(cutLock(lock, ["forest"]));
  });

  it.each([
    ["a package that is not there", "absent", ["absent"]],
    ["a folder of the project", "mine", ["mine"]],
    ["a package without the digest of its bytes", "bare", ["bare"]],
    ["a package that needs one which is not there", "half", ["absent"]],
  ])("lacks %s", (_, name, unlocked) => {
    expect(cutLock(lock, [name]).unlocked).toEqual(unlocked);
  });

  it.each([
    ["no JSON", "{"],
    ["another file", '{"dependencies": {}}'],
    ["one of npm 6", '{"lockfileVersion": 1, "packages": {}}'],
  ])("is not read from %s", (_, text) => {
    expect(readNodeLock(text)).toBeUndefined();
  });
});

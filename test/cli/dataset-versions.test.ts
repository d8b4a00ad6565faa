import { describe, expect, it } from "vitest";
import { openVersion, readAddress, readDatasetHistory } from "../../framework/cli/dataset-versions.ts";
import type { VersionRecord } from "../../framework/data/version-log.ts";
import type { EntityStatus, LiveDataset } from "../../framework/engine/entity-status.ts";
import { failure } from "../support/failure.ts";

const root = (letter: string) => letter.repeat(64);
const record = (number: number, letter: string): VersionRecord => ({
  format: "version-record/1",
  dataset: "flights",
  number,
  root: root(letter),
  rows: 1,
  quarantined: 0,
  at: "2024-01-01T00:00:00.000Z",
  cause: [],
  identity: "",
});
const live: LiveDataset = { kind: "dataset", root: root("b"), rows: 1, quarantined: 0, identity: "", number: 2 };
const status = (name: string, change: Partial<EntityStatus> = {}) =>
  ({ kind: "dataset", name, ...change }) as EntityStatus;

/** A store with these names, in which the versions of these roots are. */
function storeOf(names: Readonly<Record<string, VersionRecord>>, held: readonly string[] = []) {
  return {
    async *listNames(prefix: string) {
      yield* Object.keys(names).filter((name) => name.startsWith(prefix));
    },
    readName: async (name: string) => names[name] as never,
    writeOnce: async () => ({ created: false, value: null }),
    has: async (digest: string) => held.includes(digest),
    getJson: async () => ({ dataset: "flights" }) as never,
  };
}

const names = {
  "datasets/flights/1": record(1, "a"),
  "datasets/flights/2": record(2, "b"),
  "datasets/old/1": record(1, "c"),
};

describe("a dataset", () => {
  it("is known by its entity, by its log, or by both", async () => {
    const store = storeOf(names);
    const statuses = [status("flights", { live }), status("new")];
    expect(await readDatasetHistory(store, statuses, "flights")).toEqual({
      dataset: "flights",
      records: [record(1, "a"), record(2, "b")],
      live,
    });
    expect(await readDatasetHistory(store, statuses, "new")).toEqual({ dataset: "new", records: [] });
    expect((await readDatasetHistory(store, statuses, "old")).records).toHaveLength(1);
  });

  it.each([
    ["flihgts", '✖ there is no dataset "flihgts" (expected one of flights, new, old) — did you mean "flights"?'],
    ["../flights", '✖ there is no dataset "../flights" (expected one of flights, new, old) — '],
    ["model", '✖ there is no dataset "model" (expected one of flights, new, old) — '],
  ])("%s is not known, and those that are are listed", async (name, message) => {
    const statuses = [status("flights"), status("new"), { ...status("model"), kind: "model" as const }];
    expect((await failure(readDatasetHistory(storeOf(names), statuses, name))).message).toContain(message);
  });

  it("is not known where none is deployed", async () => {
    expect((await failure(readDatasetHistory(storeOf({}), [], "flights"))).message).toContain(
      "expected one that is deployed; none is",
    );
  });
});

describe("a version", () => {
  const history = { dataset: "flights", records: [record(1, "a"), record(2, "b")], live };

  it("is opened by what it was called", async () => {
    const store = storeOf(names, [root("a"), root("b")]);
    expect(await openVersion(store, history, undefined)).toMatchObject({ number: 2, version: { dataset: "flights" } });
    expect(await openVersion(store, history, "1")).toMatchObject({ root: root("a") });
  });

  it("that is none is told with those that there are", async () => {
    const store = storeOf(names);
    expect((await failure(openVersion(store, history, "7"))).message).toContain(
      `✖ dataset "flights" has no version "7" (expected one of 2 (bbbbbbbbbbbb), 1 (aaaaaaaaaaaa))`,
    );
    const many = { dataset: "flights", records: Array.from({ length: 25 }, (_, i) => record(i + 1, "a")) };
    expect((await failure(openVersion(store, many, "99"))).message).toMatch(
      /one of 25 .*, 6 \(aaaaaaaaaaaa\), 5 older ones\)/,
    );
    const unlogged = { dataset: "flights", records: [], live };
    expect((await failure(openVersion(store, unlogged, "1"))).message).toContain("expected one of live (bbbbbbbbbbbb)");
    expect((await failure(openVersion(store, { dataset: "flights", records: [] }, undefined))).message).toContain(
      'dataset "flights" has no live version (expected a version; it has none yet)',
    );
  });

  it("that was removed is told with how it comes back", async () => {
    const error = await failure(openVersion(storeOf(names), history, "1"));
    expect(error.problems).toMatchObject([
      { code: "version-unknown", at: "flights", what: 'version 1 of dataset "flights" is in the store no more' },
    ]);
  });

  it.each(["", "@3", "flights@"])('cannot be called "%s"', (text) => {
    expect(() => readAddress(text)).toThrow("expected <dataset>, <dataset>@<number> or <dataset>@<root>");
  });
});

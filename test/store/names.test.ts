import { describe, expect, it } from "vitest";
import { FencedError } from "../../framework/store/names.ts";
import { failure } from "../support/failure.ts";
import { useStore } from "../support/test-store.ts";

const given = useStore();

describe("write-once names", () => {
  it("take the value of exactly one of 32 writers, and tell it to all", async () => {
    for (let round = 0; round < 5; round++) {
      const name = `race/${round}`;
      const answers = await Promise.all(
        Array.from({ length: 32 }, (_, writer) => given.open().writeOnce(name, { writer })),
      );
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      const winner = answers.find(({ created }) => created)?.value;
      expect(answers.map(({ value }) => value)).toEqual(Array.from({ length: 32 }, () => winner));
      expect(await given.store.readName(name)).toEqual(winner);
    }
  });

  it("are nothing before they are written, and may lie under one another", async () => {
    expect(await given.store.readName("versions/a")).toBeUndefined();
    expect(await given.store.writeOnce("versions/a", "first")).toEqual({ created: true, value: "first" });
    expect(await given.store.writeOnce("versions/a/b", "below")).toEqual({ created: true, value: "below" });
    expect(await given.store.readName("versions/a")).toBe("first");
  });

  it("that hold no JSON are a located error", async () => {
    await given.tamper("names/broken.json", "{");
    expect((await failure(given.store.readName("broken"))).problems).toMatchObject([
      { code: "store-document-invalid" },
    ]);
  });

  it.each([
    "",
    "/a",
    "a/",
    "a//b",
    "..",
    "a/../b",
    "a/..",
    ".hidden",
    "a\u0000",
    "a b",
    "a\\b",
    "ä",
    "a?b",
    "%2e%2e/a",
    "x".repeat(701),
  ])("refuse %j, wherever a name is asked for", async (name) => {
    const askers: (() => Promise<unknown>)[] = [
      () => given.store.writeOnce(name, 1),
      () => given.store.readName(name),
      () => given.store.readRef(name),
      () => given.store.moveRef(name, { generation: 1, value: 1 }),
      () => given.store.exportHistory(name, Buffer.from("x")),
      () => given.store.has(name),
    ];
    for (const ask of askers) {
      expect((await failure(Promise.resolve().then(ask))).problems).toMatchObject([{ code: "store-name-invalid" }]);
    }
  });
});

describe("refs", () => {
  it("move to a higher generation and tell their value", async () => {
    expect(await given.store.readRef("model/production")).toBeUndefined();
    await given.store.moveRef("model/production", { generation: 0, value: "a" });
    await given.store.moveRef("model/production", { generation: 7, value: { digest: "b" } });
    expect(await given.store.readRef("model/production")).toMatchObject({ generation: 7, value: { digest: "b" } });
  });

  it("stand still for a stale mover, who learns what stands", async () => {
    await given.store.moveRef("r", { generation: 5, value: "late" });
    const error = await failure(given.store.moveRef("r", { generation: 4, value: "stale" }));
    expect(await failure(given.store.moveRef("r", { generation: 4, value: "late" }))).toBeInstanceOf(FencedError);
    expect(error).toBeInstanceOf(FencedError);
    expect(error).toMatchObject({ current: { generation: 5, value: "late" }, problems: [{ code: "ref-fenced" }] });
    expect(await given.store.readRef("r")).toMatchObject({ generation: 5, value: "late" });
  });

  it("take one generation once: the same value again is no error, another one is", async () => {
    await given.store.moveRef("r", { generation: 1, value: { a: 1, b: 2 } });
    await given.store.moveRef("r", { generation: 1, value: { b: 2, a: 1 } });
    expect(await failure(given.store.moveRef("r", { generation: 1, value: "other" }))).toBeInstanceOf(FencedError);
  });

  it("end at the highest generation, never having gone back, when many move them at once", async () => {
    for (let round = 0; round < 5; round++) {
      const name = `contended/${round}`;
      const generations = Array.from({ length: 24 }, (_, index) => index + 1);
      const seen: number[] = [];
      let moving = true;
      const watching = (async () => {
        while (moving) seen.push((await given.store.readRef(name))?.generation ?? 0);
      })();
      const moves = await Promise.allSettled(
        generations.map((generation) => given.open().moveRef(name, { generation, value: `value ${generation}` })),
      );
      moving = false;
      await watching;
      const refused = moves.flatMap((move) => (move.status === "rejected" ? [move.reason] : []));
      expect(refused.every((reason) => reason instanceof FencedError)).toBe(true);
      expect(moves.at(-1)?.status).toBe("fulfilled");
      expect(await given.store.readRef(name)).toMatchObject({ generation: 24, value: "value 24" });
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    }
  });

  it("let one of two movers of one generation win", async () => {
    for (let round = 0; round < 10; round++) {
      const moves = await Promise.allSettled(
        ["a", "b"].map((value) => given.open().moveRef("duel", { generation: round, value })),
      );
      expect(moves.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      const winner = moves[0]?.status === "fulfilled" ? "a" : "b";
      expect(await given.store.readRef("duel")).toMatchObject({ generation: round, value: winner });
    }
  });

  it("answer a poller who has the latest with no more than that", async () => {
    await given.store.moveRef("polled", { generation: 1, value: "one" });
    const first = await given.store.readRef("polled");
    expect(await given.store.readRef("polled", { unlessEtag: first?.etag })).toBe("unchanged");
    await given.store.moveRef("polled", { generation: 2, value: "two" });
    expect(await given.store.readRef("polled", { unlessEtag: first?.etag })).toMatchObject({ value: "two" });
    expect(await given.store.readRef("absent", { unlessEtag: first?.etag })).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { useStore } from "../support/test-store.ts";

const given = useStore();

async function listNames(prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of given.store.entries.list(prefix)) names.push(name);
  return names;
}

describe("entries", () => {
  it("are written once, read, listed in order, and removed", async () => {
    const { entries } = given.store;
    expect(await entries.write("log/b", Buffer.from("2"))).toBe(true);
    expect(await entries.write("log/a", Buffer.from("1"))).toBe(true);
    expect(await entries.write("log/a", Buffer.from("3"))).toBe(false);
    expect((await entries.read("log/a"))?.toString()).toBe("1");
    expect(await listNames("log/")).toEqual(["log/a", "log/b"]);
    await entries.remove(["log/a", "log/never"]);
    expect(await entries.read("log/a")).toBeUndefined();
    expect(await listNames("")).toEqual(["log/b"]);
    expect(await entries.write("log/a", Buffer.from("3"))).toBe(true);
  });

  it("are none of the store's objects, names or refs", async () => {
    await given.store.entries.write("a", Buffer.from("{}"));
    const others: unknown[] = [];
    for await (const object of given.store.inventory.objects()) others.push(object);
    for await (const name of given.store.listNames("")) others.push(name);
    for await (const name of given.store.listRefs()) others.push(name);
    expect(others).toEqual([]);
  });

  it("have names like all else", async () => {
    await expect(given.store.entries.write("../a", Buffer.from(""))).rejects.toThrow("store-name-invalid");
  });
});

it("a piece of an object is read from any place of it", async () => {
  const { sha256 } = await given.store.putBytes(Buffer.from("0123456789"));
  expect((await given.store.inventory.peek(sha256, 3, 4))?.toString()).toBe("456");
  expect((await given.store.inventory.peek(sha256, 30, 8))?.toString()).toBe("89");
  expect((await given.store.inventory.peek(sha256, 2))?.toString()).toBe("01");
});

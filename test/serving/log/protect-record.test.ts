import { describe, expect, it } from "vitest";
import type { PiiSpec } from "../../../framework/definitions/pii.ts";
import { createProtect, decryptRecord, type ProtectOptions } from "../../../framework/serving/log/protect-record.ts";
import { SubjectKeys } from "../../../framework/serving/log/subject-keys.ts";
import { useStore } from "../../support/test-store.ts";

const given = useStore();
const key = Buffer.alloc(32, 7);
const pii: PiiSpec = {
  request: { customer: "plain", name: "redact", email: "hash", address: "encrypt", hour: "plain" },
  inputs: { hour: "plain", domain: "hash", street: "encrypt" },
};
const record = {
  id: "a",
  request: {
    customer: ["c-1", "c-2", null],
    name: ["Ann K.", "Bo L.", null],
    email: ["a@x.org", "a@x.org", "b@x.org"],
    address: ["Main 1", "Side 2", "Far 3"],
    hour: [7, 8, 9],
  },
  inputs: { hour: [7, 8, 9], domain: ["x", "x", "x"], street: ["Main St", "Side St", "Far St"], unheardOf: [1, 2, 3] },
  outputs: { probability: [0.1, 0.2, 0.3] },
};

const openKeys = () => new SubjectKeys({ entries: given.store.entries, key });
const protect = (change: Partial<ProtectOptions> = {}) =>
  createProtect({ pii, subject: "customer", key, keys: openKeys(), ...change })(record) as Promise<typeof record>;

describe("a record with personal data", () => {
  it("keeps what is plain, and says of all else how it is recorded", async () => {
    const kept = await protect();
    expect(kept).toMatchObject({
      id: "a",
      request: { customer: ["c-1", "c-2", null], hour: [7, 8, 9] },
      inputs: { hour: [7, 8, 9] },
      outputs: record.outputs,
      pii: {
        request: { name: "redact", email: "hash", address: "encrypt" },
        inputs: { domain: "hash", street: "encrypt", unheardOf: "redact" },
      },
    });
  });

  it("has nothing of it in clear, whatever it is, nor of what nobody declared", async () => {
    const kept = await protect();
    // None of them can stand in a text of base64 or hexadecimal digits by chance.
    for (const secret of ["Ann K.", "Bo L.", "x.org", "Main 1", "Side 2", "Far 3", "Main St", "Side St", "Far St"])
      expect(JSON.stringify(kept)).not.toContain(secret);
    expect(kept.request.name).toEqual([null, null, null]);
    expect(kept.inputs.unheardOf).toEqual([null, null, null]);
  });

  it("has equal texts for equal values that are hashed, and others with another key", async () => {
    const [one, two, three] = (await protect()).request.email;
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(two).toBe(one);
    expect(three).not.toBe(one);
    const other = await protect({ key: Buffer.alloc(32, 8) });
    expect(other.request.email[0]).not.toBe(one);
  });

  it("can be read again by whoever has the key of its person, and of nobody else's", async () => {
    const kept = await protect();
    const own = await openKeys().read("c-1");
    const shown = decryptRecord(kept, own ?? Buffer.alloc(32)) as unknown as typeof record;
    expect(shown.request.address[0]).toBe("Main 1");
    expect(shown.inputs.street[0]).toBe("Main St");
    expect(shown.request.address[1]).toBe(kept.request.address[1]);
  });

  it("cannot be read again once the key was removed, which is another one from then on", async () => {
    const kept = await protect();
    const keys = openKeys();
    expect(await keys.remove("c-1")).toBe(true);
    expect(await keys.read("c-1")).toBeUndefined();
    expect(await keys.remove("c-1")).toBe(false);
    const next = await keys.find("c-1");
    const shown = decryptRecord(kept, next) as unknown as typeof record;
    expect(shown.request.address).toEqual(kept.request.address);
  });

  it("leaves out what is to be encrypted where nobody's key is known", async () => {
    expect((await protect()).request.address[2]).toBeNull();
    expect((await protect({ subject: undefined })).request.address).toEqual([null, null, null]);
    expect((await protect({ keys: undefined })).inputs.street).toEqual([null, null, null]);
  });

  it("hashes the unit where that is a column that is not plain", async () => {
    const hashed = await createProtect({ pii: { ...pii, unit: "hash" }, key })({ ...record, unit: "c-1" });
    expect(hashed["unit"]).toMatch(/^[0-9a-f]{64}$/);
    // Equal units stay equal, and others others: whoever counts by unit counts as before.
    const next = (unit: string) => createProtect({ pii: { ...pii, unit: "hash" }, key })({ id: "b", unit });
    expect((await next("c-1"))["unit"]).toBe(hashed["unit"]);
    expect((await next("c-2"))["unit"]).not.toBe(hashed["unit"]);
    const plain = await createProtect({ pii, key })({ ...record, unit: "c-1" });
    expect(plain["unit"]).toBe("c-1");
  });
});

describe("the keys of persons", () => {
  it("are the same for every process, however many ask at once", async () => {
    const stores = Array.from({ length: 5 }, openKeys);
    const keys = await Promise.all(stores.map((each) => each.find("c-9")));
    expect(new Set(keys.map((one) => Buffer.from(one).toString("hex"))).size).toBe(1);
  });

  it("lie in the store under a name and in bytes that say nothing, and open with the stack's key alone", async () => {
    const made = await openKeys().find("customer-17");
    const entries: string[] = [];
    for await (const { name } of given.store.entries.list("subject-keys/")) entries.push(name);
    expect(entries.join()).not.toContain("customer");
    const [name = ""] = entries;
    expect((await given.store.entries.read(name))?.includes(Buffer.from(made))).toBe(false);
    const stranger = new SubjectKeys({ entries: given.store.entries, key: Buffer.alloc(32, 8) });
    expect(await stranger.read("customer-17")).toBeUndefined();
  });
});

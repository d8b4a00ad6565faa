/**
 * Ingests of many files: what is taken over, what is read, and what is said.
 */
import { rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Ingested, IngestOptions } from "../../framework/data/ingest.ts";
import type { Progress } from "../../framework/data/progress.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { artefactNames, nameArtefact, readArtefact } from "../../framework/store/artefacts.ts";
import { failure } from "../support/failure.ts";
import { testSpec, useIngest } from "./ingesting.ts";

const data = useIngest();
const spec = testSpec([{ name: "amount", type: "integer", min: 0 }]);
const contract = (violations: DatasetSpec["contract"]["violations"], tolerance: number) =>
  testSpec([{ name: "amount", type: "integer", min: 0 }], { contract: { violations, tolerance } });

let folder: string;
let turn = 0;
beforeEach(() => {
  folder = data.path(`many-${++turn}`);
});

async function put(name: string, ...amounts: (number | string)[]): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  const lines = amounts.map((amount, index) => `2024-01-${10 + index},${amount}\n`);
  await writeFile(join(folder, name), `t,amount\n${lines.join("")}`);
}

/** Of the names from the 33rd on, the 39th is one that ends a page. */
const nameOf = (index: number) => `f${String(50 + index).padStart(3, "0")}.csv`;
const putMany = async (count: number) => {
  for (let index = 0; index < count; index++) await put(nameOf(index), index, index);
};

const take = (change: Partial<IngestOptions> = {}): Promise<Ingested> =>
  data.ingest(change.spec ?? spec, join(folder, "**/*.csv"), change);

/** More than are listed without pages, on two pages. */
const many = 70;
/** A version of so many files as `putMany` puts there, which any test takes for its base. */
let manyTaken: Ingested;
beforeAll(async () => {
  folder = data.path("many");
  await putMany(many);
  manyTaken = await take();
});

/** The store, with the paths and values that were put into it. */
function watchStore() {
  const files: string[] = [];
  const values: unknown[] = [];
  const store = {
    ...data.store,
    putFile: (path: string) => {
      files.push(path);
      return data.store.putFile(path);
    },
    putJson: (value: unknown) => {
      values.push(value);
      return data.store.putJson(value);
    },
  };
  return { store, files, values };
}

describe("a version of many files", () => {
  it("lists them in the order of their names, and sums them up", async () => {
    await put("b.csv", 1, -2, 3);
    await put("2024/a.csv", 4);
    await put("empty.csv");
    const { version } = await take();
    expect(version).toMatchObject({
      rows: 3,
      from: "2024-01-10T00:00:00Z",
      to: "2024-01-12T00:00:00Z",
      quarantined: { rows: 1, reasons: [{ column: "amount", reason: "is below 0", rows: 1 }] },
      files: [
        { name: "2024/a.csv", rows: 1 },
        { name: "b.csv", rows: 2, quarantine: { rows: 1 } },
        { name: "empty.csv", rows: 0, from: "", to: "", parts: [] },
      ],
    });
    expect(await data.leftovers()).toEqual([]);
  });

  it("takes what has not changed from its base, and reads and writes only the rest", async () => {
    await put("a.csv", 1);
    await put("b.csv", 2, -2);
    await put("c.csv", 3);
    const base = await take();
    await put("b.csv", 5);
    await rename(join(folder, "c.csv"), join(folder, "d.csv"));
    await put("e.csv", 6);
    const { store, files, values } = watchStore();
    const heard: Progress[] = [];
    const next = await take({ base: base.root, store, onProgress: (progress) => heard.push(progress) });
    expect(files).toHaveLength(2);
    // The profiles of two parts, and the version.
    expect(values).toHaveLength(3);
    expect(heard.at(-1)).toMatchObject({ phase: "reading", done: 2, unit: "rows", files: { done: 2, total: 2 } });
    expect(next.version.files?.map(({ name }) => name)).toEqual(["a.csv", "b.csv", "d.csv", "e.csv"]);
    expect(next.version.files?.[2]?.parts).toEqual(base.version.files?.[2]?.parts);
    expect(next.root).toBe((await take()).root);
  });

  it("takes nothing from a base that is lost, was read under another contract, or is not one", async () => {
    await put("a.csv", 1);
    await put("b.csv", 2);
    const other = await take({ spec: contract("quarantine", 0.5) });
    const { root } = await take();
    const spoilt = await data.store.putJson({ format: "dataset-version/2", nonsense: true });
    for (const base of [other.root, "0".repeat(64), spoilt.sha256]) {
      const { store, files } = watchStore();
      expect((await take({ base, store })).root).toBe(root);
      expect(files).toHaveLength(2);
    }
  });

  it("has pages where they are many, of which those without a change are neither read nor written", async () => {
    await putMany(many);
    const base = manyTaken;
    const pages = base.version.pages ?? [];
    expect(base.version.files).toBeUndefined();
    expect(pages.map(({ files }) => files).reduce((sum, files) => sum + files, 0)).toBe(many);
    expect(pages.length).toBeGreaterThan(1);
    await put(nameOf(3), 1, -1);
    const { store, files, values } = watchStore();
    const asked: unknown[] = [];
    const counted: IngestOptions["store"] = {
      ...store,
      getJson: (object, schema) => {
        asked.push(object);
        return store.getJson(object, schema);
      },
    };
    const next = await take({ base: base.root, store: counted });
    expect(files).toHaveLength(2);
    // A profile, a page and the version.
    expect(values).toHaveLength(3);
    expect(asked).toEqual([base.root, pages[0]?.object]);
    expect(next.version.pages?.slice(1)).toEqual(pages.slice(1));
    expect(next.version).toMatchObject({ rows: 2 * many - 1, quarantined: { rows: 1 } });
  });
});

const edit = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), file: fc.nat(79), amount: fc.integer({ min: -3, max: 9 }) }),
  fc.record({ kind: fc.constant("remove" as const), file: fc.nat(79) }),
  fc.record({ kind: fc.constant("rename" as const), file: fc.nat(79), to: fc.nat(79) }),
);

async function apply(change: typeof edit extends fc.Arbitrary<infer Edit> ? Edit : never): Promise<void> {
  const path = join(folder, nameOf(change.file));
  if (change.kind === "write") await put(nameOf(change.file), 1, change.amount);
  if (change.kind === "remove") await rm(path, { force: true });
  if (change.kind === "rename") await rename(path, join(folder, nameOf(change.to))).catch(() => undefined);
}

it("a version is the same with a base and without, whatever was changed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(edit, { minLength: 6, maxLength: 16 }), { minLength: 2, maxLength: 3 }),
      async (rounds) => {
        folder = data.path(`many-${++turn}`);
        await putMany(many);
        let { root } = manyTaken;
        for (const edits of rounds) {
          for (const change of edits) await apply(change);
          ({ root } = await take({ base: root }));
        }
        expect(root).toBe((await take()).root);
      },
    ),
    { numRuns: 1 },
  );
});

describe("the contract of many files", () => {
  it("is judged over all of them, those that are taken over too", async () => {
    const strict = contract("quarantine", 0.4);
    await put("a.csv", -1, -2, 3);
    await put("b.csv", 1, 2, 3, 4);
    const base = await take({ spec: strict });
    await rm(join(folder, "b.csv"));
    await put("c.csv", 5, -5);
    const { problems } = await failure(take({ spec: strict, base: base.root }));
    expect(problems).toMatchObject([
      { code: "contract-broken", at: "things.contract", what: "3 of 5 rows break the contract" },
      { at: "things.columns.amount", what: '"amount" is below 0 in 3 rows', got: '"-5" in row 2 of c.csv' },
    ]);
    expect(await data.leftovers()).toEqual([]);
  });

  it("that is broken names the file of each row that it shows", async () => {
    await put("a.csv", -1, 2);
    await put("deep/b.csv", 1, -2, -3, -4);
    const { store, files } = watchStore();
    const { problems } = await failure(take({ spec: contract("reject", 0), store }));
    expect(problems[1]).toMatchObject({
      got: '"-1" in row 1 of a.csv, "-2" in row 2 of deep/b.csv, "-3" in row 3 of deep/b.csv',
    });
    expect(files).toEqual([]);
  });
});

describe("the contract of a version as a whole", () => {
  const whole = (change: Partial<DatasetSpec["contract"]>) =>
    testSpec([{ name: "amount", type: "integer" }], {
      contract: { violations: "quarantine", tolerance: 1, ...change },
    });

  it.each<[string, Partial<DatasetSpec["contract"]>, object]>([
    ["too few rows", { rows: { min: 5 } }, { at: "things.contract.rows", got: "4" }],
    ["too many rows", { rows: { max: 3 } }, { at: "things.contract.rows", got: "4" }],
    ["rows that are too old", { freshness: "1 day" }, { at: "things.contract.freshness" }],
  ])("refuses %s, over all files", async (_, change, problem) => {
    await put("a.csv", 1, 2);
    await put("b.csv", 3, 4);
    const base = await take({ spec: whole({}) });
    const { problems } = await failure(take({ spec: whole(change), base: base.root }));
    expect(problems).toMatchObject([{ code: "contract-broken", ...problem }]);
    await take({ spec: whole({ rows: { min: 4, max: 4 } }) });
  });

  it("refuses rows that are in a new file and in one that was taken over", async () => {
    const unique = whole({ unique: ["amount"] });
    await put("a.csv", 1, 2);
    await put("b.csv", 3, 3);
    const base = await take({ spec: unique });
    expect(base.version.rows).toBeLessThan(4);
    await put("c.csv", 5, 2);
    const { problems } = await failure(take({ spec: unique, base: base.root }));
    expect(problems).toMatchObject([
      { code: "contract-broken", at: "things.contract.unique", got: '(amount "2") in a.csv and c.csv' },
    ]);
    expect(await data.leftovers()).toEqual([]);
  });
});

describe("a source of many files", () => {
  it.each<[string, () => void]>([
    ["a file comes", () => writeFileSync(join(folder, "c.csv"), "t,amount\n")],
    ["a file goes", () => rmSync(join(folder, "a.csv"))],
    ["a file that was taken over changes", () => writeFileSync(join(folder, "a.csv"), "t,amount\n2024-01-01,9\n")],
  ])("that changes while it is read is refused: %s", async (_, change) => {
    await put("a.csv", 1);
    const base = await take();
    await put("b.csv", 2);
    let changed = false;
    const onProgress = () => {
      if (!changed) change();
      changed = true;
    };
    const { problems } = await failure(take({ base: base.root, onProgress }));
    expect(problems).toMatchObject([{ code: "source-changed", at: "things.source" }]);
  });

  it("never lies on the disk with all that it became", async () => {
    // Too large to be read at once.
    const amounts = Array.from({ length: 20_000 }, (_, amount) => amount);
    const lines = amounts.map((amount) => `2024-01-10T00:00:00Z,${amount}\n`);
    await mkdir(folder, { recursive: true });
    for (let index = 0; index < 12; index++)
      await writeFile(join(folder, nameOf(index)), `t,amount\n2024-01-09,${index}\n${lines.join("")}`);
    const most = { files: 0 };
    const store = {
      ...data.store,
      putFile: async (path: string) => {
        const here = (await readdir(dirname(path))).filter((name) => name.endsWith(".parquet"));
        most.files = Math.max(most.files, here.length);
        // Slower than reading is, or nothing would pile up.
        await sleep(150);
        return data.store.putFile(path);
      },
    };
    await take({ store });
    expect(most.files).toBeGreaterThan(0);
    expect(most.files).toBeLessThanOrEqual(6);
  });

  it("that fails at any call of the store leaves the version before in force, and nothing else behind", async () => {
    await putMany(many);
    const names = new Map<string, unknown>();
    let left = Number.POSITIVE_INFINITY;
    const call = <T>(work: () => Promise<T>): Promise<T> => (left-- > 0 ? work() : Promise.reject(new Error("crash")));
    const store = {
      ...data.store,
      putFile: (path: string) => call(() => data.store.putFile(path)),
      putJson: (value: unknown) => call(() => data.store.putJson(value)),
      getJson: ((object, schema) =>
        call(() => data.store.getJson(object, schema))) as IngestOptions["store"]["getJson"],
      readName: async (name: string) => names.get(name),
      writeOnce: (name: string, value: unknown) =>
        call(async () => {
          if (!names.has(name)) names.set(name, value);
          return { created: true, value: names.get(name) };
        }),
    };
    const commit = async (identity: string, base?: string) => {
      const { root } = await take({ base, store });
      await nameArtefact(store, artefactNames.version(identity), root);
      return root;
    };
    const base = await commit("one", manyTaken.root);
    await put(nameOf(5), 1, -1);
    await put("a-new.csv", 1);
    const expected = (await take({ base })).root;
    for (let calls = 0; ; calls++) {
      left = calls;
      const outcome = await commit("two", base).catch((error: Error) => error.message);
      left = Number.POSITIVE_INFINITY;
      expect(await readArtefact(store, artefactNames.version("one"))).toBe(base);
      expect(await data.leftovers()).toEqual([]);
      if (outcome === "crash") expect(await readArtefact(store, artefactNames.version("two"))).toBeUndefined();
      else {
        expect(outcome).toBe(expected);
        expect(await readArtefact(store, artefactNames.version("two"))).toBe(expected);
        // The root and a page are read; three files, two profiles, a page, the root and the name are written.
        expect(calls).toBe(10);
        break;
      }
    }
  });
});

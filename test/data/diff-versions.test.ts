import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DatasetVersion, VersionFile } from "../../framework/data/dataset-version.ts";
import { diffColumns, diffFiles, diffVersions, leaveShared } from "../../framework/data/diff-versions.ts";
import { quoteText } from "../../framework/data/sql.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { createFolderStore, type FolderStore, storeVersion } from "../features/folder-store.ts";
import { type TestColumn, testSpec } from "./ingesting.ts";

let store: FolderStore;
beforeAll(async () => {
  store = await createFolderStore();
});
afterAll(() => store[Symbol.asyncDispose]());

/** A row of things: day of its event, key, number, text. */
interface Thing {
  readonly t: number;
  readonly k: string;
  readonly x: number | null;
  readonly s: string | null;
}

const columns: readonly TestColumn[] = [
  { name: "k", type: "string" },
  { name: "x", type: "number", nullable: true },
  { name: 'a "quoted" name', type: "string", nullable: true },
];
const keyed = testSpec(columns, { key: ["k"] });
const keyless = testSpec(columns);
const none = "NULL::TIMESTAMP AS t, ''::VARCHAR AS k, NULL::DOUBLE AS x, NULL::VARCHAR AS s";

function query(things: readonly Thing[]): string {
  const rows = things.map(({ t, k, x, s }) => {
    const number = x === null ? "NULL" : Number.isNaN(x) ? "'nan'::DOUBLE" : `${x}::DOUBLE`;
    return `SELECT TIMESTAMP '2024-01-0${t}' AS t, ${quoteText(k)} AS k, ${number} AS x, ${s === null ? "NULL::VARCHAR" : quoteText(s)} AS s`;
  });
  const all = rows.length > 0 ? rows.join(" UNION ALL ") : `SELECT ${none} WHERE false`;
  return `SELECT t, k, x, s AS "a ""quoted"" name" FROM (${all})`;
}

async function diff(spec: DatasetSpec, before: readonly (readonly Thing[])[], after: readonly (readonly Thing[])[]) {
  const [was, is] = [
    await storeVersion(store, spec, before.map(query)),
    await storeVersion(store, spec, after.map(query)),
  ];
  return diffVersions({ before: was.version, after: is.version, store, workFolder: store.folder });
}

const text = (value: unknown) => (Number.isNaN(value) ? "NaN" : JSON.stringify(value));
const whole = ({ t, k, x, s }: Thing) => [t, k, x === 0 ? 0 : x, s].map(text).join("|");
const identity = ({ t, k }: Thing) => `${t}|${text(k)}`;

/** By the definition, row by row: equal rows are taken away in pairs, then rows of one identity are paired. */
function judge(before: readonly Thing[], after: readonly Thing[], hasKey: boolean) {
  const left = [...before];
  const right = after.filter((row) => {
    const at = left.findIndex((other) => whole(other) === whole(row));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  if (!hasKey) return { added: right.length, removed: left.length, changed: 0 };
  let changed = 0;
  const added = right.filter((row) => {
    const at = left.findIndex((other) => identity(other) === identity(row));
    if (at >= 0) {
      left.splice(at, 1);
      changed++;
    }
    return at < 0;
  });
  return { added: added.length, removed: left.length, changed };
}

const thing = fc.record({
  t: fc.integer({ min: 1, max: 3 }),
  k: fc.constantFrom("a", "b", "it's"),
  x: fc.constantFrom(null, 0, -0, 1, 1.5, Number.NaN),
  s: fc.constantFrom(null, "", "u", "v"),
});
const parts = fc.array(fc.array(thing, { minLength: 1, maxLength: 4 }), { maxLength: 2 });

describe("rows", () => {
  it("of any two versions are added, removed and changed as a comparison row by row finds", async () => {
    await fc.assert(
      fc.asyncProperty(parts, parts, parts, fc.boolean(), async (shared, before, after, hasKey) => {
        const spec = hasKey ? keyed : keyless;
        const { rows } = await diff(spec, [...shared, ...before], [...after, ...shared]);
        const { added, removed, changed } = rows;
        expect({ added, removed, changed }).toEqual(
          judge([...shared, ...before].flat(), [...shared, ...after].flat(), hasKey),
        );
        expect(rows.examples.added).toHaveLength(Math.min(5, added));
        expect(rows.examples.removed).toHaveLength(Math.min(5, removed));
        expect(rows.examples.changed).toHaveLength(Math.min(5, changed));
        expect(rows.columns.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(changed);
      }),
      { numRuns: 15 },
    );
  });

  it("that change are told with what differs, column by column", async () => {
    const before: Thing[] = [
      { t: 1, k: "a", x: 1, s: "u" },
      { t: 1, k: "b", x: Number.NaN, s: null },
      { t: 2, k: "a", x: 3, s: "u" },
    ];
    const after: Thing[] = [
      { t: 1, k: "a", x: null, s: "v" },
      { t: 1, k: "b", x: Number.NaN, s: "" },
      { t: 3, k: "a", x: 3, s: "u" },
    ];
    const { rows, read } = await diff(keyed, [before], [after]);
    expect(rows).toMatchObject({ by: ["k", "t"], added: 1, removed: 1, changed: 2, notCompared: [] });
    expect(rows.columns).toEqual([
      { column: "x", rows: 1 },
      { column: 'a "quoted" name', rows: 2 },
    ]);
    expect(rows.examples).toEqual({
      added: [{ t: "2024-01-03 00:00:00", k: "a", x: 3, 'a "quoted" name': "u" }],
      removed: [{ t: "2024-01-02 00:00:00", k: "a", x: 3, 'a "quoted" name': "u" }],
      changed: [
        {
          row: { k: "a", t: "2024-01-01 00:00:00" },
          before: { x: 1, 'a "quoted" name': "u" },
          after: { x: null, 'a "quoted" name': "v" },
        },
        {
          row: { k: "b", t: "2024-01-01 00:00:00" },
          before: { 'a "quoted" name': null },
          after: { 'a "quoted" name': "" },
        },
      ],
    });
    expect(read.parts).toBe(2);
  });

  it("of parts that both versions have are not fetched", async () => {
    const same: Thing[] = [{ t: 1, k: "a", x: 1, s: "u" }];
    const other: Thing[] = [{ t: 2, k: "a", x: 1, s: "u" }];
    const was = await storeVersion(store, keyed, [query(same)]);
    const is = await storeVersion(store, keyed, [query(same), query(other)]);
    const fetched: string[] = [];
    const watched = {
      getJson: store.getJson,
      fetchFile: (reference: { readonly sha256: string; readonly size: number }) => {
        fetched.push(reference.sha256);
        return store.fetchFile(reference);
      },
    };
    const difference = await diffVersions({
      before: was.version,
      after: is.version,
      store: watched,
      workFolder: store.folder,
    });
    const [, second] = is.version.files?.[0]?.parts ?? [];
    expect(fetched).toEqual([second?.object.sha256]);
    expect(difference).toMatchObject({
      rows: { added: 1, removed: 0, changed: 0 },
      read: { parts: 1, bytes: second?.object.size },
    });
    const none = await diffVersions({
      before: is.version,
      after: is.version,
      store: watched,
      workFolder: store.folder,
    });
    expect(none).toMatchObject({ rows: { added: 0, removed: 0, changed: 0 }, read: { parts: 0, bytes: 0 } });
    expect(fetched).toHaveLength(1);
  });

  it("are compared in the columns that both versions have with one type", async () => {
    const wider = testSpec(
      [
        { name: "k", type: "string" },
        { name: "x", type: "string" },
        { name: "n", type: "integer" },
      ],
      { key: ["k"] },
    );
    const was = await storeVersion(store, keyed, [query([{ t: 1, k: "a", x: 1, s: "u" }])]);
    const is = await storeVersion(store, wider, [
      "SELECT TIMESTAMP '2024-01-01' AS t, 'a' AS k, '1' AS x, 7::BIGINT AS n",
    ]);
    const { rows, columns } = await diffVersions({
      before: was.version,
      after: is.version,
      store,
      workFolder: store.folder,
    });
    expect(rows).toMatchObject({ by: ["k", "t"], added: 0, removed: 0, changed: 0, notCompared: ["x"] });
    expect(columns.added.map(({ name }) => name)).toEqual(["n"]);
    expect(columns.removed.map(({ name }) => name)).toEqual(['a "quoted" name']);
    expect(columns.changed.map(({ before, after }) => [before.type, after.type])).toEqual([["number", "string"]]);
  });

  it("of versions without a column in common are all others", async () => {
    const other = testSpec([], {
      columns: [{ name: "when", type: "timestamp", nullable: false, known: "0 seconds" }],
      eventTime: "when",
    });
    const was = await storeVersion(store, keyed, [query([{ t: 1, k: "a", x: 1, s: "u" }])]);
    const is = await storeVersion(store, other, ["SELECT TIMESTAMP '2024-01-01' AS \"when\" FROM range(3)"]);
    const { rows } = await diffVersions({ before: was.version, after: is.version, store, workFolder: store.folder });
    expect(rows).toMatchObject({ added: 3, removed: 1, changed: 0 });
  });
});

describe("pages", () => {
  it("that both versions have are not read", async () => {
    const [old, next] = [
      await storeVersion(store, keyed, [query([{ t: 1, k: "a", x: 1, s: "u" }])]),
      await storeVersion(store, keyed, [query([{ t: 2, k: "a", x: 1, s: "u" }])]),
    ];
    const page = async (files: readonly VersionFile[]) => ({
      object: await store.putJson({ format: "dataset-page/1", files }),
      files: files.length,
      identity: "",
      rows: 1,
      from: "",
      to: "",
    });
    const [shared] = old.version.files ?? [];
    const [more] = next.version.files ?? [];
    if (!shared || !more) throw new Error("a version has a file");
    const on = (pages: NonNullable<DatasetVersion["pages"]>): DatasetVersion => {
      const { files: _files, ...version } = old.version;
      return { ...version, pages };
    };
    const first = await page([{ ...shared, name: "a" }]);
    const second = await page([{ ...more, name: "b" }]);
    const asked: string[] = [];
    const watched: typeof store = {
      ...store,
      getJson: (reference, schema) => {
        asked.push(typeof reference === "string" ? reference : reference.sha256);
        return store.getJson(reference, schema);
      },
    };
    const difference = await diffVersions({
      before: on([first]),
      after: on([first, second]),
      store: watched,
      workFolder: store.folder,
    });
    expect(asked).toEqual([second.object.sha256]);
    expect(difference).toMatchObject({
      files: { added: ["b"], removed: [], changed: [] },
      rows: { added: 1, removed: 0 },
    });
  });
});

describe("files and columns", () => {
  const file = (name: string, fingerprint: string): VersionFile => ({
    name,
    fingerprint,
    identity: "",
    rows: 0,
    from: "",
    to: "",
    parts: [],
  });

  it("are added, removed, changed or the same", () => {
    expect(
      diffFiles([file("a", "1"), file("b", "1"), file("c", "1")], [file("b", "1"), file("c", "2"), file("d", "1")]),
    ).toEqual({
      added: ["d"],
      removed: ["a"],
      changed: ["c"],
    });
    const [x] = keyed.columns;
    if (!x) throw new Error("a spec has a column");
    expect(diffColumns([x], [x])).toEqual({ added: [], removed: [], changed: [] });
    expect(diffColumns([x], [{ ...x, unit: "s" }]).changed).toEqual([{ before: x, after: { ...x, unit: "s" } }]);
  });

  it("share an object as often as both have it", () => {
    const of = (...names: string[]) => names.map((sha256) => ({ object: { sha256 } }));
    expect(leaveShared(of("a", "a", "b"), of("a", "c"))).toEqual([of("a", "b"), of("c")]);
    expect(leaveShared(of("a"), of("a", "a"))).toEqual([[], of("a")]);
    expect(leaveShared([], of("a"))).toEqual([[], of("a")]);
  });
});

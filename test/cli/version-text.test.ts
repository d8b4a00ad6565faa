import { describe, expect, it } from "vitest";
import { formatBytes, formatTable, showCell } from "../../framework/cli/table.ts";
import {
  formatCollection,
  formatDifference,
  formatLog,
  formatRows,
  formatVersion,
  type LoggedVersion,
} from "../../framework/cli/version-text.ts";
import type { VersionsDifference } from "../../framework/data/diff-versions.ts";
import type { ObjectNode } from "../../framework/store/reachability.ts";
import { testSpec } from "../data/ingesting.ts";

const [a, b] = ["a".repeat(64), "b".repeat(64)];

describe("a log", () => {
  const version = (number: number, change: Partial<LoggedVersion>): LoggedVersion => ({
    format: "version-record/1",
    dataset: "flights",
    number,
    root: a,
    rows: 1200,
    quarantined: 0,
    at: `2024-05-0${number}T10:20:30.123Z`,
    cause: ["source"],
    identity: "",
    kept: true,
    ...change,
  });

  it("is shown newest first, each version with its change, and the latest number of what is live", () => {
    const records = [
      version(1, { cause: ["taken-over"], quarantined: 3 }),
      version(2, {
        root: b,
        rows: 1300,
        actor: { id: "ann", via: "pulumi" },
        cause: ["source", "contract"],
        kept: false,
      }),
      version(3, { rows: 1200 }),
      version(4, { root: "c".repeat(64), rows: 1200 }),
      version(5, {}),
    ];
    expect(formatLog(records, a)).toBe(
      `
  number  when (UTC)           rows          quarantined  root                  why
  5 live  2024-05-05 10:20:30  1,200 (±0)    0            aaaaaaaaaaaa          the source changed
  4       2024-05-04 10:20:30  1,200 (±0)    0            cccccccccccc          the source changed
  3       2024-05-03 10:20:30  1,200 (−100)  0            aaaaaaaaaaaa          the source changed
  2       2024-05-02 10:20:30  1,300 (+100)  0            bbbbbbbbbbbb removed  the source changed, the schema or the contract changed, by ann (pulumi)
  1       2024-05-01 10:20:30  1,200         3            aaaaaaaaaaaa          taken over from before there was a log`.slice(
        1,
      ),
    );
  });
});

describe("a version", () => {
  it("is shown with its columns and rules, its files, and what was set apart", () => {
    const spec = testSpec([
      { name: "origin", type: "string", minLength: 3, maxLength: 3, description: "where from" },
      { name: "delay", type: "integer", nullable: true, min: -60, known: "6 hours", unit: "min" },
      { name: "kind", type: "string", values: ["a", "b"] },
    ]);
    const text = formatVersion(
      {
        dataset: "flights",
        columns: spec.columns,
        eventTime: "t",
        key: ["origin"],
        rows: 1,
        from: "2024-01-01T00:00:00Z",
        to: "2024-01-02T00:00:00Z",
        files: [
          {
            name: "",
            rows: 1,
            bytes: 1536,
            fitted: [{ step: 0, column: "delay", by: "quantiles", values: [-60, 600] }],
          },
        ],
        fileCount: 1001,
        quarantined: { rows: 2, reasons: [{ column: "delay", reason: "is below -60", rows: 2 }] },
      },
      { root: a, number: 3 },
    );
    expect(text).toBe(
      `
dataset flights, version 3, root ${a}
1 row, 2024-01-01T00:00:00Z to 2024-01-02T00:00:00Z
event time t, key origin

4 columns
  t       timestamp
  origin  string            length 3; where from
  delay   integer, or null  min; from -60; known after 6 hours
  kind    string            one of "a", "b"

1,001 files
  (the source itself)  1 row  1.5 KiB
  and 1,000 more

1 fitted value
  step 1  delay  quantiles  -60 to 600

2 rows quarantined
  2 rows  delay  is below -60`.slice(1),
    );
  });

  it("has rows under the names of their columns, each value on one line", () => {
    expect(formatRows([{ t: "2024-01-01", note: "two\nlines", x: null, flag: true }])).toEqual([
      "  t           note       x     flag",
      "  2024-01-01  two lines  null  true",
    ]);
    expect(formatRows([])).toEqual(["  no rows"]);
  });
});

describe("a difference", () => {
  const [time] = testSpec([]).columns;
  if (!time) throw new Error("a spec has a column");
  const nothing: VersionsDifference = {
    columns: { added: [], removed: [], changed: [] },
    files: { added: [], removed: [], changed: [] },
    rows: {
      by: ["k", "t"],
      added: 0,
      removed: 0,
      changed: 0,
      columns: [],
      notCompared: [],
      examples: { added: [], removed: [], changed: [] },
    },
    read: { parts: 0, bytes: 0 },
  };

  it("of nothing says so", () => {
    expect(formatDifference(nothing)).toBe(
      "rows: 0 added, 0 removed, 0 changed, by k, t\n\ncolumns: the same\nfiles: the same\nread: 0 parts, 0 bytes; what both share was not read",
    );
  });

  it("is shown with counts, examples, columns and files", () => {
    const { by: _by, ...whole } = nothing.rows;
    const text = formatDifference({
      columns: { added: [time], removed: [], changed: [{ before: time, after: { ...time, nullable: true } }] },
      files: { added: Array.from({ length: 21 }, (_, i) => `f${i}`), removed: [], changed: [""] },
      rows: {
        ...nothing.rows,
        added: 1234,
        changed: 1,
        columns: [{ column: "x", rows: 1 }],
        notCompared: ["y"],
        examples: {
          added: [{ k: "a", x: 1 }],
          removed: [],
          changed: [{ row: { k: "b", t: "now" }, before: { x: null }, after: { x: 2 } }],
        },
      },
      read: { parts: 2, bytes: 2048 },
    });
    expect(text).toBe(
      `
rows: 1,234 added, 0 removed, 1 changed, by k, t
  x  in 1 row

added, for example
  k  x
  a  1

changed, for example
  b now  x: null → 2

columns; of another type and not compared: y
  +  t  timestamp
  −  t  timestamp
  +  t  timestamp, or null
files: 21 added, 0 removed, 1 changed
${Array.from({ length: 20 }, (_, i) => `  +  f${i}`).join("\n")}
  and 2 more
read: 2 parts, 2.0 KiB; what both share was not read`.slice(1),
    );
    expect(formatDifference({ ...nothing, rows: whole })).toMatch(
      /^rows: 0 added, 0 removed; without a key a row that changed is one removed and one added\n/,
    );
  });
});

describe("a collection", () => {
  const object = (kind: string, size: number): ObjectNode => ({ sha256: a, size, modified: "", kind, refersTo: [] });

  it("is shown by kinds, the largest first, with what would remove it", () => {
    const collection = {
      kept: [object("part", 2048), object("dataset-version", 10)],
      garbage: [object("part", 1024), object("part", 1024)],
      uploads: [{ key: "", id: "", begun: "" }],
      expired: [a, b],
    };
    expect(formatCollection(collection, 'npx steward data gc --yes --grace "1 hour"')).toBe(
      `
kept: 2 objects, 2.0 KiB
  part             1 object  2.0 KiB
  dataset-version  1 object  10 bytes

to remove: 2 objects, 2.0 KiB
  part  2 objects  2.0 KiB
with 1 version beyond retention
kept though beyond retention: 1 version, for a training set or for being too young
to give up: 1 upload that nobody completed

nothing was removed; npx steward data gc --yes --grace "1 hour" does`.slice(1),
    );
    expect(formatCollection(collection)).toMatch(
      /\nremoved: 2 objects, 2\.0 KiB\n.*\nwith 1 version beyond retention\n.*\ngiven up: 1 upload that nobody completed$/s,
    );
    expect(formatCollection({ kept: [], garbage: [], uploads: [], expired: [] })).toBe(
      "kept: 0 objects, 0 bytes\n\nnothing to remove: every object is needed, or too young to say",
    );
  });
});

describe("a table", () => {
  it("has columns as wide as their widest cells, and no space at the ends of lines", () => {
    expect(
      formatTable([
        ["a", "b"],
        ["long", ""],
        ["", "c"],
      ]),
    ).toEqual(["  a     b", "  long", "        c"]);
    expect(formatTable([])).toEqual([]);
    expect(showCell("x".repeat(50))).toBe(`${"x".repeat(39)}…`);
    expect(showCell("x".repeat(38).concat("😀😀"))).toBe(`${"x".repeat(38)}…`);
  });

  it("shows what a terminal would obey, in one line for each row", () => {
    expect(formatTable([["\u001b[2J", "a\nb"], ["c"]])).toEqual(["  \\u{001B}[2J  a b", "  c"]);
  });

  it.each([
    [0, "0 bytes"],
    [1023, "1,023 bytes"],
    [1024, "1.0 KiB"],
    [5 * 2 ** 30, "5.0 GiB"],
    [2 ** 52, "4,096.0 TiB"],
  ])("%i bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

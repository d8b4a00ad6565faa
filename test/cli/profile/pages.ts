/**
 * A profile with columns of every type, and with names and values that a page or a terminal might obey.
 * @module
 */
import type { ProfilePage } from "../../../framework/cli/profile/page.ts";
import { NumberColumn } from "../../../framework/data/profile/number-column.ts";
import type { ColumnProfile } from "../../../framework/data/profile/profile.ts";
import { drawShape } from "../../data/profile/numbers.ts";

export const hostile = `<script>alert("x")</script>'&`;

export function numbersColumn(
  name: string,
  values: Float64Array,
  type: ColumnProfile["type"] = "number",
): ColumnProfile {
  const column = new NumberColumn(values.length);
  for (let at = 0; at < values.length; at += 2048)
    column.add(values.slice(at, at + 2048), Math.min(2048, values.length - at));
  return { name, type, count: values.length, nulls: 0, values: column.finish() };
}

export function testPage(): ProfilePage {
  const rows = 20_000;
  const columns: ColumnProfile[] = [
    numbersColumn("date", drawShape("ascending times", rows), "timestamp"),
    numbersColumn(hostile, drawShape("log-normal", rows)),
    numbersColumn("zeros", drawShape("mostly zero", rows)),
    numbersColumn("Cauchy", drawShape("Cauchy", rows)),
    numbersColumn(
      "week day",
      Float64Array.from({ length: rows }, (_, index) => index % 7),
      "integer",
    ),
    numbersColumn("one", new Float64Array(rows).fill(3), "integer"),
    {
      name: "text",
      type: "string",
      count: 15_000,
      nulls: 5_000,
      values: {
        kind: "texts",
        length: { min: 0, max: 30, sum: 90_000 },
        top: [
          [hostile, 9_000],
          ["\u001b[31mred\u202e", 3_000],
          ["", 3_000],
        ],
        unlisted: 0,
      },
    },
    { name: "yes", type: "boolean", count: rows, nulls: 0, values: { kind: "booleans", false: 5_000, true: 15_000 } },
    { name: "nothing", type: "number", count: 0, nulls: rows, values: { kind: "numbers", all: [] } },
    { name: "no text", type: "string", count: 0, nulls: rows, values: { kind: "texts", top: [], unlisted: 0 } },
  ];
  return {
    root: "0123456789abcdef".repeat(4),
    number: 3,
    profile: { format: "dataset-profile/1", rows, columns },
    version: {
      dataset: "flights",
      from: "2024-01-01T00:00:00Z",
      to: "2024-06-30T00:00:00Z",
      eventTime: "date",
      key: ["text"],
      columns: [
        { name: "zeros", type: "number", nullable: false, known: "0 seconds", unit: hostile, description: hostile },
      ],
      quarantined: { rows: 7, reasons: [{ column: hostile, reason: `is ${hostile}`, rows: 7 }] },
    },
  };
}

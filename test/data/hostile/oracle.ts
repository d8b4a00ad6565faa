/**
 * What a text file says, read by other means than the framework's: every value as text, as a query for JSON shows it.
 * Only whole, sound files are given to it: it does not judge.
 * @module
 */
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import type { Format } from "./hostile-case.ts";

type Cell = { readonly text: string } | { readonly json: unknown } | null;
export type StoredRow = Readonly<Record<string, unknown>>;

/** The rows of a file that keep their types; those that do not are left out. */
export function readByOracle(spec: Pick<DatasetSpec, "columns">, format: Format, content: string): StoredRow[] {
  const rows = format === "csv" ? readCsv(content) : readJson(content);
  return rows.flatMap((row) => {
    const cells = spec.columns.map(({ name, type }) => [name, convert(type, row.get(name) ?? null)] as const);
    const isBad =
      cells.some(([, value]) => value === undefined) || cells.some(([name, value]) => name === "t" && value === null);
    return isBad ? [] : [Object.fromEntries(cells)];
  });
}

function readCsv(content: string): Map<string, Cell>[] {
  const lines: Cell[][] = [[]];
  const text = content.replace(/^\uFEFF+/, "");
  let at = 0;
  while (at < text.length) {
    const cells = lines.at(-1);
    let cell: Cell;
    if (text[at] === '"') {
      let value = "";
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
        value += text[at];
        if (text[at] === '"') at += 1;
      }
      at += 1;
      cell = { text: value };
    } else {
      const end = text.slice(at).search(/,|\r\n?|\n/);
      const value = end < 0 ? text.slice(at) : text.slice(at, at + end);
      at += value.length;
      cell = value === "" ? null : { text: value };
    }
    cells?.push(cell);
    if (text[at] === ",") {
      at += 1;
      // What ends with a comma ends with an empty cell.
      if (at === text.length || /^[\r\n]/.test(text.slice(at, at + 1))) cells?.push(null);
    }
    const end = /^(\r\n?|\n)+/.exec(text.slice(at, at + 8));
    if (end) {
      at += end[0].length;
      if (at < text.length) lines.push([]);
    }
  }
  const [names = [], ...rows] = lines;
  return rows.map(
    (cells) => new Map(names.map((name, index) => [name && "text" in name ? name.text : "", cells[index] ?? null])),
  );
}

function readJson(content: string): Map<string, Cell>[] {
  const documents = content
    .replace(/^\uFEFF/, "")
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "")
    .flatMap((line) => line.split(/(?<=\})(?=\{)/));
  return documents.map((document) => {
    const cells = new Map<string, Cell>();
    const row: Record<string, unknown> = JSON.parse(asJson(document)) ?? {};
    for (const [name, json] of Object.entries(row)) cells.set(name, json === null ? null : { json });
    return cells;
  });
}

/** What some writers add to JSON is a text here, and so no number. */
function asJson(document: string): string {
  return document.replace(/:(-?(?:NaN|nan|Infinity|1e999|10{400}))/g, ':"$1"');
}

function convert(type: string, cell: Cell): unknown {
  if (cell === null) return null;
  const text = "text" in cell ? cell.text : typeof cell.json === "string" ? cell.json : undefined;
  const number = "text" in cell ? cell.text : typeof cell.json === "number" ? String(cell.json) : undefined;
  switch (type) {
    case "string":
      return text;
    case "number":
      return number !== undefined &&
        /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(number) &&
        Number.isFinite(Number(number))
        ? Number(number) + 0
        : undefined;
    case "integer":
      return number === undefined ? undefined : "json" in cell ? convertDouble(Number(number)) : convertInteger(number);
    case "boolean":
      if ("json" in cell) return typeof cell.json === "boolean" ? cell.json : undefined;
      return /^(true|false)$/i.test(cell.text) ? cell.text.toLowerCase() === "true" : undefined;
    case "timestamp":
      return text === undefined ? undefined : convertTime(text);
    default:
      return undefined;
  }
}

/** A number of JSON is the double next to what is written, as everywhere. */
function convertDouble(value: number): string | undefined {
  return Number.isSafeInteger(value) ? String(BigInt(value)) : undefined;
}

function convertInteger(text: string): string | undefined {
  const [, digits] = /^(-?(?:0|[1-9]\d*))(?:\.0+)?$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  return Number.isSafeInteger(Number(digits)) ? String(BigInt(digits)) : undefined;
}

function convertTime(text: string): string | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/.exec(
    text,
  );
  if (!match) return undefined;
  const [, year = "", month = "", day = "", hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] =
    match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || year === "0000") return undefined;
  const local = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(local.getTime()) || local.toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return undefined;
  const [, sign = "+", hours = "0", minutes = "0"] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const utc = new Date(local.getTime() - offset * 60_000).toISOString().slice(0, 19).replace("T", " ");
  const digits = fraction.slice(0, 6).replace(/0+$/, "");
  return digits === "" ? utc : `${utc}.${digits}`;
}

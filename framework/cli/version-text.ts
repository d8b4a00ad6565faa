/**
 * Versions of datasets for a terminal: logs, versions, differences, collections. Pure.
 * @module
 */
import { type Collection, sumByKind } from "../data/collection.ts";
import type { ShownRow } from "../data/diff-rows.ts";
import type { VersionsDifference } from "../data/diff-versions.ts";
import type { VersionFacts } from "../data/show-version.ts";
import type { VersionCause, VersionRecord } from "../data/version-log.ts";
import type { ColumnSpec } from "../definitions/spec.ts";
import { shortDigest } from "../plan/digest.ts";
import { formatBytes, formatCount, formatTable, showCell } from "./table.ts";

const causes: Readonly<Record<VersionCause, string>> = {
  first: "the first",
  source: "the source changed",
  contract: "the schema or the contract changed",
  readmitted: "readmitted: rows were taken back out of quarantine, or left there again",
  "taken-over": "taken over from before there was a log",
  model: "rows were scored by another model",
};

/** A record, and whether its version is in the store still. */
export interface LoggedVersion extends VersionRecord {
  readonly kept: boolean;
}

/** A log, newest first. `records` are oldest first. */
export function formatLog(records: readonly LoggedVersion[], live: string | undefined): string {
  const rows = records.map((record, index) => {
    const { number, at, rows, quarantined, root, actor, cause, kept } = record;
    const before = records[index - 1];
    const change = before ? ` (${formatChange(rows - before.rows)})` : "";
    const isLive = root === live && index === records.findLastIndex((one) => one.root === live);
    const why = [...cause.map((one) => causes[one]), ...(actor ? [`by ${actor.id} (${actor.via})`] : [])];
    return [
      isLive ? `${number} live` : String(number),
      formatTime(at),
      `${rows.toLocaleString("en")}${change}`,
      quarantined.toLocaleString("en"),
      kept ? shortDigest(root) : `${shortDigest(root)} removed`,
      why.join(", "),
    ];
  });
  return formatTable([["number", "when (UTC)", "rows", "quarantined", "root", "why"], ...rows.reverse()]).join("\n");
}

function formatChange(change: number): string {
  if (change === 0) return "±0";
  return `${change > 0 ? "+" : "−"}${Math.abs(change).toLocaleString("en")}`;
}

function formatTime(at: string): string {
  return at.replace("T", " ").replace(/(\.\d+)?Z$/, "");
}

/** A version with all that is known of it. */
export function formatVersion(
  facts: VersionFacts,
  { root, number }: { readonly root: string; readonly number?: number },
): string {
  const { dataset, rows, from, to, columns, eventTime, key, files, fileCount, quarantined } = facts;
  const span = from === "" ? "" : `, ${from} to ${to}`;
  const lines = [
    `dataset ${dataset}${number === undefined ? "" : `, version ${number}`}, root ${root}`,
    `${formatCount(rows, "row")}${span}`,
    `event time ${eventTime}${key.length > 0 ? `, key ${key.join(", ")}` : ""}`,
    "",
    formatCount(columns.length, "column"),
    ...formatTable(columns.map((column) => [column.name, formatType(column), formatRules(column)])),
    "",
    formatCount(fileCount, "file"),
    ...formatTable(
      files.map((file) => [file.name || "(the source itself)", formatCount(file.rows, "row"), formatBytes(file.bytes)]),
    ),
    ...(fileCount > files.length ? [`  and ${(fileCount - files.length).toLocaleString("en")} more`] : []),
  ];
  const fitted = files.flatMap((file) => file.fitted ?? []);
  if (fitted.length > 0) {
    const values = fitted.map(({ step, column, by, values }) => [`step ${step + 1}`, column, by, values.join(" to ")]);
    lines.push("", formatCount(fitted.length, "fitted value"), ...formatTable(values));
  }
  lines.push(...formatReadmitted(facts));
  if (quarantined) {
    const reasons = quarantined.reasons.map(({ column, reason, rows }) => [formatCount(rows, "row"), column, reason]);
    lines.push("", `${formatCount(quarantined.rows, "row")} quarantined`, ...formatTable(reasons));
  }
  return lines.join("\n");
}

/** The decisions by which rows of a version were taken back out of quarantine. */
function formatReadmitted({ readmissions }: VersionFacts): readonly string[] {
  if (!readmissions) return [];
  const rows = readmissions.decisions.map(({ number, at, actor, because, rows }) => {
    const count = rows.reduce((sum, { positions }) => sum + positions.length, 0);
    return [String(number), formatTime(at), formatCount(count, "row"), `by ${actor.id} (${actor.via})`, because];
  });
  return ["", "taken back out of quarantine", ...formatTable(rows)];
}

function formatType({ type, nullable }: ColumnSpec): string {
  return nullable ? `${type}, or null` : type;
}

function formatRules({ length, min, max, minLength, maxLength, values, known, unit, description }: ColumnSpec): string {
  return [
    unit,
    length === undefined ? undefined : `${length.toLocaleString("en")} numbers`,
    formatRange("", min, max),
    formatRange("length ", minLength, maxLength),
    values && `one of ${values.map((value) => JSON.stringify(value)).join(", ")}`,
    known === "0 seconds" ? undefined : `known after ${known}`,
    description,
  ]
    .filter(Boolean)
    .join("; ");
}

function formatRange(name: string, least: number | undefined, most: number | undefined): string | undefined {
  if (least === undefined && most === undefined) return undefined;
  if (least === most) return `${name}${least}`;
  return `${name}${[least === undefined ? "" : `from ${least}`, most === undefined ? "" : `to ${most}`].filter(Boolean).join(" ")}`;
}

/** Rows as a table, under the names of their columns. */
export function formatRows(rows: readonly ShownRow[]): readonly string[] {
  const [first] = rows;
  if (!first) return ["  no rows"];
  const names = Object.keys(first);
  return formatTable([names, ...rows.map((row) => names.map((name) => showCell(row[name])))]);
}

/** How two versions differ. */
export function formatDifference({ columns, files, rows, read }: VersionsDifference): string {
  const lines: string[] = [];
  const { by, notCompared, examples } = rows;
  lines.push(
    `rows: ${rows.added.toLocaleString("en")} added, ${rows.removed.toLocaleString("en")} removed` +
      (by
        ? `, ${rows.changed.toLocaleString("en")} changed, by ${by.join(", ")}`
        : "; without a key a row that changed is one removed and one added"),
  );
  if (rows.columns.length > 0)
    lines.push(...formatTable(rows.columns.map(({ column, rows }) => [column, `in ${formatCount(rows, "row")}`])));
  for (const [title, some] of [
    ["added", examples.added],
    ["removed", examples.removed],
  ] as const)
    if (some.length > 0) lines.push("", `${title}, for example`, ...formatRows(some));
  if (examples.changed.length > 0) {
    lines.push("", "changed, for example");
    lines.push(
      ...formatTable(
        examples.changed.map(({ row, before, after }) => [
          Object.values(row).map(showCell).join(" "),
          Object.keys(after)
            .map((name) => `${name}: ${showCell(before[name])} → ${showCell(after[name])}`)
            .join(", "),
        ]),
      ),
    );
  }
  lines.push("", ...formatColumns(columns, notCompared), ...formatFiles(files));
  lines.push(`read: ${formatCount(read.parts, "part")}, ${formatBytes(read.bytes)}; what both share was not read`);
  return lines.join("\n");
}

function formatColumns(columns: VersionsDifference["columns"], notCompared: readonly string[]): readonly string[] {
  const rows = [
    ...columns.added.map((column) => ["+", column.name, formatType(column), formatRules(column)]),
    ...columns.removed.map((column) => ["−", column.name, formatType(column), formatRules(column)]),
    ...columns.changed.flatMap(({ before, after }) => [
      ["−", before.name, formatType(before), formatRules(before)],
      ["+", after.name, formatType(after), formatRules(after)],
    ]),
  ];
  if (rows.length === 0) return ["columns: the same"];
  const apart = notCompared.length > 0 ? `; of another type and not compared: ${notCompared.join(", ")}` : "";
  return [`columns${apart}`, ...formatTable(rows)];
}

const shownFiles = 20;

function formatFiles({ added, removed, changed }: VersionsDifference["files"]): readonly string[] {
  const all = [
    ...added.map((name) => ["+", name]),
    ...removed.map((name) => ["−", name]),
    ...changed.map((name) => ["~", name || "(the source itself)"]),
  ];
  if (all.length === 0) return ["files: the same"];
  const more = all.length > shownFiles ? [`  and ${(all.length - shownFiles).toLocaleString("en")} more`] : [];
  const title = `files: ${added.length} added, ${removed.length} removed, ${changed.length} changed`;
  return [title, ...formatTable(all.slice(0, shownFiles)), ...more];
}

/**
 * What a collection has removed, or would remove.
 *
 * @param command that removes it. @default it was removed
 */
export function formatCollection(collection: Collection, command?: string): string {
  const { kept, garbage, uploads, expired } = collection;
  const removed = command === undefined;
  const bytes = (objects: Collection["kept"]) => formatBytes(objects.reduce((sum, { size }) => sum + size, 0));
  const table = (objects: Collection["kept"]) =>
    formatTable(
      sumByKind(objects).map(({ kind, objects, bytes }) => [kind, formatCount(objects, "object"), formatBytes(bytes)]),
    );
  const lines = [`kept: ${formatCount(kept.length, "object")}, ${bytes(kept)}`, ...table(kept), ""];
  const verb = removed ? "removed" : "to remove";
  if (garbage.length === 0) lines.push("nothing to remove: every object is needed, or too young to say");
  else lines.push(`${verb}: ${formatCount(garbage.length, "object")}, ${bytes(garbage)}`, ...table(garbage));
  const gone = new Set(garbage.map(({ sha256 }) => sha256));
  const given = expired.filter((root) => gone.has(root)).length;
  if (given > 0) lines.push(`with ${formatCount(given, "version")} beyond retention`);
  if (expired.length > given)
    lines.push(
      `kept though beyond retention: ${formatCount(expired.length - given, "version")}, for a training set or for being too young`,
    );
  if (uploads.length > 0)
    lines.push(
      `${removed ? "given up" : "to give up"}: ${formatCount(uploads.length, "upload")} that nobody completed`,
    );
  if (!removed && garbage.length + uploads.length > 0) lines.push("", `nothing was removed; ${command} does`);
  return lines.join("\n");
}

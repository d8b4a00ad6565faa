/**
 * The quarantine of a dataset's version for a terminal, and as CSV. Pure.
 * @module
 */
import type { DatasetVersion } from "../data/dataset-version.ts";
import { findReasonColumns, type QuarantinedRow, type QuarantinePage } from "../data/quarantine.ts";
import { formatCount, formatTable, showCell } from "./table.ts";

export interface ShownQuarantine extends QuarantinePage {
  readonly dataset: string;
  /** Rows of the version, and its quarantine. */
  readonly version: Pick<DatasetVersion, "rows" | "quarantined">;
  /** Whether only some rows were asked for. */
  readonly isFiltered: boolean;
  /** How many rows were passed over. */
  readonly skip: number;
}

/** The counts by reason, then the rows, then what to do. */
export function formatQuarantine({ dataset, version, rows, isMore, isFiltered, skip }: ShownQuarantine): string {
  const { quarantined } = version;
  if (!quarantined) return `dataset ${dataset}: no row is quarantined`;
  const all = version.rows + quarantined.rows;
  const reasons = quarantined.reasons.map(({ column, reason, rows }) => [
    formatCount(rows, "row"),
    column === "" ? `the rule "${reason}" does not hold` : `${column} ${reason}`,
  ]);
  const lines = [
    `dataset ${dataset}: ${quarantined.rows.toLocaleString("en")} of ${formatCount(all, "row")} quarantined`,
    ...formatTable(reasons),
    "",
  ];
  if (rows.length === 0) lines.push(isFiltered ? "no row has such a reason" : "there are no more rows");
  else {
    const hasFiles = rows.some(({ file }) => file !== "");
    const cells = rows.map((row) => [
      ...(hasFiles ? [row.file] : []),
      row.position.toLocaleString("en"),
      row.reasons.join("; "),
      showValues(row),
    ]);
    lines.push(...formatTable([[...(hasFiles ? ["file"] : []), "row", "reasons", "values"], ...cells]));
  }
  if (isMore) lines.push(`  and more: --skip ${skip + rows.length} shows the next`);
  return [
    ...lines,
    "",
    "A row that is wrong is mended in the source; one that is right asks for another schema or contract. Then run npx pulumi up.",
  ].join("\n");
}

/** The values that the reasons are about; of a rule over the whole row, all of them. */
function showValues({ reasons, values }: QuarantinedRow): string {
  const columns = Object.keys(values);
  const named = reasons.map((reason) => findReasonColumns(reason, columns));
  const shown = named.some((found) => found.length === 0)
    ? columns
    : columns.filter((one) => named.flat().includes(one));
  return shown.map((column) => `${column} ${showText(values[column])}`).join(", ");
}

/** A text in quotes, so that the empty one is seen, and no null. */
function showText(value: string | null | undefined): string {
  return value === null || value === undefined ? "null" : JSON.stringify(showCell(value));
}

/** The rows as CSV of RFC 4180: where each was, its reasons, and its values as they came. A null is empty without quotes. */
export function formatQuarantineCsv(rows: readonly QuarantinedRow[]): string {
  const columns = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const lines = rows.map(({ file, position, reasons, values }) =>
    [file, String(position), reasons.join("; "), ...columns.map((column) => values[column])].map(quoteCell).join(","),
  );
  return [["__file", "__position", "__reasons", ...columns].map(quoteCell).join(","), ...lines].join("\r\n");
}

function quoteCell(text: string | null | undefined): string {
  if (text === null || text === undefined) return "";
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

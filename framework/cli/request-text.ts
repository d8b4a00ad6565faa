/**
 * Logged requests as text for a terminal. Pure.
 * @module
 */
import { escapeHidden } from "../definitions/hidden-text.ts";
import type { ReplicaHead } from "../serving/log/list-parts.ts";
import { countNumbers } from "../serving/log/log-part.ts";
import { formatCount, formatTable, showCell } from "./table.ts";

/** A record as it was logged. */
type Shown = Readonly<Record<string, unknown>>;

/** Records as a table with a head. Columns that none of them has are left out. */
export function formatRecords(records: readonly Shown[]): readonly string[] {
  const columns = [
    { name: "time", read: ({ time }: Shown) => String(time ?? "") },
    { name: "id", read: ({ id }: Shown) => String(id ?? "") },
    { name: "variant", read: ({ variant }: Shown) => String(variant ?? "") },
    { name: "version", read: ({ version }: Shown) => String(version ?? "") },
    { name: "unit", read: ({ unit }: Shown) => String(unit ?? "") },
    { name: "caller", read: ({ caller }: Shown) => String(caller ?? "") },
    { name: "asked", read: ({ request, inputs }: Shown) => showValues(request ?? inputs) },
    { name: "answered", read: ({ outputs }: Shown) => showValues(outputs) },
    { name: "ms", read: ({ latencyMicroseconds }: Shown) => showMilliseconds(latencyMicroseconds) },
  ];
  const cells = columns.map(({ name, read }) => [name, ...records.map(read)]);
  const used = cells.filter(([, ...values]) => values.some((value) => value !== ""));
  return formatTable(["", ...records].map((_, line) => used.map((column) => column[line] ?? "")));
}

/** `{"wind":[1]}` as `wind 1`; of several rows the first, with how many there are. */
function showValues(values: unknown): string {
  if (typeof values !== "object" || values === null) return "";
  const entries = Object.entries(values).map(([name, list]) => {
    const [first, ...others] = Array.isArray(list) ? list : [list];
    return `${name} ${showValue(first)}${others.length > 0 ? ` +${others.length}` : ""}`;
  });
  return showCell(entries.join(", "));
}

function showValue(value: unknown): string {
  if (typeof value === "number" && !Number.isInteger(value)) return String(Number(value.toPrecision(4)));
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

function showMilliseconds(microseconds: unknown): string {
  return typeof microseconds === "number" ? (microseconds / 1000).toFixed(1) : "";
}

/** One record with all that it has, a line each. */
export function formatRecord(record: Shown): string {
  const entries = Object.entries(record).map(([name, value]) => [
    name,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const width = Math.max(...entries.map(([name = ""]) => name.length));
  return entries.map(([name = "", text = ""]) => `${name.padEnd(width)}  ${escapeHidden(text)}`).join("\n");
}

const mostRanges = 10;

/** What replicas say is missing. */
export function formatMissing(replicas: readonly ReplicaHead[]): readonly string[] {
  return replicas.flatMap(({ replica, head }) => {
    const ranges = head.missing.map(({ from, to }) => (from === to ? String(from) : `${from} to ${to}`));
    const shown = ranges.length > mostRanges ? [...ranges.slice(0, mostRanges), "…"] : ranges;
    const count = formatCount(countNumbers(head.missing), "number");
    return ranges.length > 0
      ? [`✖ the log of replica ${replica} has gaps, ${count} without a record: ${shown.join(", ")}`]
      : [];
  });
}

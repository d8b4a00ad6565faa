/**
 * Logged requests as text for a terminal. Pure.
 * @module
 */
import { escapeHidden } from "../definitions/hidden-text.ts";
import { countNumbers, type NumberRange, sayRanges } from "../serving/log/log-part.ts";
import { formatCount, formatTable, showCell } from "./table.ts";

/** A record as it was logged. */
type Shown = Readonly<Record<string, unknown>>;

/** Records as a table with a head. Columns that none of them has are left out. */
export function formatRecords(records: readonly Shown[]): readonly string[] {
  const columns = [
    { name: "time", read: ({ time }: Shown) => String(time ?? "") },
    { name: "id", read: ({ id }: Shown) => String(id ?? "") },
    // What a variant was asked beside another's answer, no caller saw.
    {
      name: "variant",
      read: ({ variant, shadow }: Shown) => `${String(variant ?? "")}${shadow === true ? " (unseen)" : ""}`,
    },
    { name: "version", read: ({ version }: Shown) => String(version ?? "") },
    { name: "unit", read: ({ unit }: Shown) => String(unit ?? "") },
    { name: "caller", read: ({ caller }: Shown) => String(caller ?? "") },
    { name: "asked", read: ({ request, inputs, time }: Shown) => showValues(request ?? inputs, time) },
    { name: "answered", read: ({ outputs }: Shown) => showValues(outputs) },
    { name: "ms", read: ({ latencyMicroseconds }: Shown) => showMilliseconds(latencyMicroseconds) },
  ];
  const cells = columns.map(({ name, read }) => [name, ...records.map(read)]);
  const used = cells.filter(([, ...values]) => values.some((value) => value !== ""));
  return formatTable(["", ...records].map((_, line) => used.map((column) => column[line] ?? "")));
}

/**
 * `{"wind":[1]}` as `wind 1`; of several rows the first, with how many there are. A row that happened when it was asked about says
 * nothing by its time, which is shown before.
 */
function showValues(values: unknown, time?: unknown): string {
  if (typeof values !== "object" || values === null) return "";
  const isTime = (list: unknown): boolean => Array.isArray(list) && list.every((value) => value === time);
  const said = Object.entries(values).filter(([, list]) => time === undefined || !isTime(list));
  const entries = said.map(([name, list]) => {
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

/** The numbers of a replica's log that no record has. */
export interface MissingOf {
  readonly replica: string;
  /** What the records are: `requests`, `feedback`. Each stream of a replica has numbers of its own. @default "requests" */
  readonly stream?: string;
  readonly head: { readonly missing: readonly NumberRange[] };
}

/** What replicas say is missing. */
export function formatMissing(replicas: readonly MissingOf[]): readonly string[] {
  return replicas.flatMap(({ replica, stream = "requests", head: { missing } }) => {
    const count = formatCount(countNumbers(missing), "number");
    return missing.length > 0
      ? [`✖ the log of ${stream} of replica ${replica} has gaps, ${count} without a record: ${sayRanges(missing)}`]
      : [];
  });
}

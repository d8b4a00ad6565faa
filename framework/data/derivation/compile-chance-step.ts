/**
 * Steps in which chance decides, as SQL: by a digest of the seed, the row's values, and which it is among equal rows. So the
 * same rows come out the same whatever their order, and of equal ones each has a chance of its own. Pure.
 * @module
 */
import type { StepOf } from "../../definitions/derivation-step.ts";
import { finitely } from "../conversion.ts";
import { quoteName, quoteNumber, quoteText } from "../sql.ts";
import type { CompiledStep } from "./compile-row-step.ts";
import { type Flow, type FlowColumn, listNames, replaceColumns, sortColumns } from "./flow.ts";

/** How many steps of chance came before, so that a second one decides anew. */
type Turn = number;

export function compileSample({ fraction, seed }: StepOf<"sample">, flow: Flow, turn: Turn): CompiledStep {
  const kept = `${drawNumber({ seed, turn })} < ${quoteNumber(fraction)}`;
  return {
    query: `SELECT ${listNames(flow.columns).join(", ")} FROM (${numberRows(flow)}) WHERE ${kept}`,
    columns: flow.columns,
  };
}

export function compileStratify({ by, keep, seed }: StepOf<"stratify">, flow: Flow, turn: Turn): CompiledStep {
  const most =
    "perGroup" in keep ? String(keep.perGroup) : `greatest(1, round(__size * ${quoteNumber(keep.fraction)}))`;
  return {
    query: `SELECT ${listNames(flow.columns).join(", ")} FROM (${rankRows(flow, { by, seed, turn })}) WHERE __rank <= ${most}`,
    columns: flow.columns,
  };
}

export function compileOversample({ by, ratio, seed }: StepOf<"oversample">, flow: Flow, turn: Turn): CompiledStep {
  const sizes = `SELECT count(*) AS size FROM ${flow.relation} GROUP BY ${by.map(quoteName).join(", ")}`;
  const wanted = `(SELECT CAST(round(max(size) * ${quoteNumber(ratio)}) AS BIGINT) FROM (${sizes}))`;
  const times = `CASE WHEN __size >= ${wanted} THEN 1
    ELSE ${wanted} // __size + CASE WHEN __rank <= ${wanted} % __size THEN 1 ELSE 0 END END`;
  const names = listNames(flow.columns).join(", ");
  return {
    query: `SELECT ${names} FROM (SELECT ${names}, unnest(range(${times})) FROM (${rankRows(flow, { by, seed, turn })}))`,
    columns: flow.columns,
  };
}

export function compileAugment({ copies, noise, seed, mark }: StepOf<"augment">, flow: Flow, turn: Turn): CompiledStep {
  const values = flow.columns.map(({ name, type }) => {
    const amount = noise.find((one) => one.name === name)?.amount;
    return amount === undefined ? quoteName(name) : shake({ name, type }, amount, { seed, turn });
  });
  const marks = mark === undefined ? [] : [{ name: mark, type: "boolean" } as const];
  const columns = replaceColumns(flow.columns, marks);
  const made = flow.columns.map(({ name }, i) => `${values[i]} AS ${quoteName(name)}`);
  const kept = made.filter((_, i) => flow.columns[i]?.name !== mark);
  const marked = mark === undefined ? [] : [`__copy > 0 AS ${quoteName(mark)}`];
  const copied = `SELECT *, unnest(range(0, ${copies + 1})) AS __copy FROM (${numberRows(flow)})`;
  return {
    query: `SELECT ${listNames(columns).join(", ")} FROM (SELECT ${[...kept, ...marked].join(", ")} FROM (${copied}))`,
    columns,
  };
}

/** A number of a copy, beside what it was. What overflows stays what it was. */
function shake({ name, type }: FlowColumn, amount: number, chance: Pick<Drawing, "seed" | "turn">): string {
  const column = quoteName(name);
  const drawn = drawNumber({ ...chance, of: `CAST(__copy AS VARCHAR) || ${quoteText(`:${name}`)}` });
  const moved = `${column} + ${quoteNumber(amount)} * (${drawn} * 2e0 - 1e0)`;
  const finite = `coalesce(${finitely(`(${type === "integer" ? `round(${moved})` : moved})`)}, ${column})`;
  return `CASE WHEN __copy = 0 OR ${column} IS NULL THEN ${column} ELSE ${finite} END`;
}

/** The rows with `__row`, a digest of their values, and `__nth`, which each is among equal ones, from 1. */
function numberRows({ relation, columns }: Flow): string {
  const names = listNames(columns).join(", ");
  const row = `SELECT ${names}, md5(${sortColumns(columns).map(writeValue).join(" || ")}) AS __row FROM ${relation}`;
  return `SELECT ${names}, __row, row_number() OVER (PARTITION BY __row) AS __nth FROM (${row})`;
}

/** A value as a text that no other value has, and that says where it ends. */
function writeValue({ name, type }: FlowColumn): string {
  const column = quoteName(name);
  const text = type === "timestamp" ? `CAST(epoch_us(${column}) AS VARCHAR)` : `CAST(${column} AS VARCHAR)`;
  return `CASE WHEN ${column} IS NULL THEN '-' ELSE CAST(length(${text}) AS VARCHAR) || ':' || ${text} END`;
}

interface Drawing {
  readonly seed: number;
  readonly turn: Turn;
  /** SQL of a text: what it is drawn for, where a row draws several. @default one is drawn */
  readonly of?: string;
}

/** SQL of a number from 0 to 1, without 1, that is a row's own: the first 52 bits of a digest. */
function drawNumber({ seed, turn, of = "''" }: Drawing): string {
  const digest = `md5('${seed}:${turn}:' || __row || ':' || CAST(__nth AS VARCHAR) || ':' || ${of})`;
  return `(CAST(CAST('0x' || substring(${digest}, 1, 13) AS UBIGINT) AS DOUBLE) / ${quoteNumber(2 ** 52)})`;
}

/** The rows with `__size`, how many their group has, and `__rank`, from 1, the place in it that chance gives them. */
function rankRows(flow: Flow, { by, seed, turn }: Drawing & { readonly by: readonly string[] }): string {
  const group = by.map(quoteName).join(", ");
  const names = listNames(flow.columns).join(", ");
  const drawn = `SELECT ${names}, __row, __nth, ${drawNumber({ seed, turn })} AS __draw FROM (${numberRows(flow)})`;
  return `SELECT ${names}, row_number() OVER (PARTITION BY ${group} ORDER BY __draw, __row, __nth) AS __rank,
    count(*) OVER (PARTITION BY ${group}) AS __size FROM (${drawn})`;
}

/**
 * Steps that hold rows against each other in the order of event time, as SQL. Pure.
 * @module
 */
import type { StepOf } from "../../definitions/derivation-step.ts";
import { listReads } from "../../definitions/expression-kind.ts";
import { findLongest } from "../../definitions/knowledge.ts";
import { toSeconds } from "../../definitions/units.ts";
import { finitely } from "../conversion.ts";
import { compileExpression } from "../expression-sql.ts";
import { quoteName } from "../sql.ts";
import { type CompiledStep, scopeOf, typeExpressions } from "./compile-row-step.ts";
import { type Flow, listNames, replaceColumns, sortColumns, type UpstreamRows } from "./flow.ts";

export function compileDeduplicate({ by, keep }: StepOf<"deduplicate">, flow: Flow): CompiledStep {
  const { relation, columns, eventTime } = flow;
  const repeated = by ? by.map(quoteName) : listNames(columns);
  const order = [quoteName(eventTime), ...listNames(sortColumns(columns))];
  const direction = keep === "first" ? "ASC NULLS FIRST" : "DESC NULLS LAST";
  return {
    query: `SELECT ${listNames(columns).join(", ")} FROM ${relation}
      QUALIFY row_number() OVER (PARTITION BY ${repeated.join(", ")} ORDER BY ${order.map((one) => `${one} ${direction}`).join(", ")}) = 1`,
    columns,
  };
}

/** What is joined: the rows of a version, as a relation. */
export type JoinedRows = Omit<UpstreamRows, "files"> & { readonly relation: string };

/**
 * Compiles a join as of the event time. A row counts as known when all that is taken of it is; of rows of one key and time the
 * last one counts, in the order of their other columns in the schema, nulls first; an older row than `ttl` is none.
 */
export function compileJoin({ by, take, ttl }: StepOf<"join">, flow: Flow, joined: JoinedRows): CompiledStep {
  const read = new Set(take.flatMap(({ expression }) => listReads(expression)).map(({ column }) => column));
  const known = findLongest(joined.columns.filter(({ name }) => read.has(name)).map((column) => column.known));
  const typed = typeExpressions(take, joined.columns);
  const columns = replaceColumns(flow.columns, typed);
  const time = `r.${quoteName(flow.eventTime)}`;
  const keys = by.map(({ expression }, i) => `${compileExpression(expression, scopeOf("r"))} AS __key_${i}`);
  const left = [
    ...listNames(flow.columns, "r"),
    `${ago(time, known)} AS __moment`,
    ...(ttl === undefined ? [] : [`${ago(time, ttl)} AS __oldest`]),
    ...keys,
  ];
  const matches = [...by.map((_, i) => `l.__key_${i} = j.__key_${i}`), "l.__moment >= j.__time"].join(" AND ");
  const values = columns.map(({ name }) => {
    const place = typed.findIndex((column) => column.name === name);
    if (place < 0) return `l.${quoteName(name)}`;
    const value = `j.__value_${place}`;
    const young = ttl === undefined ? value : `CASE WHEN j.__time >= l.__oldest THEN ${value} END`;
    return `${young} AS ${quoteName(name)}`;
  });
  return {
    query: `SELECT ${values.join(", ")}
      FROM (SELECT ${left.join(", ")} FROM ${flow.relation} AS r) AS l
      ASOF LEFT JOIN (${compileLatest({ by, take }, joined)}) AS j ON ${matches}`,
    columns,
  };
}

/** Of the rows of each key and time the one that counts: `__key_0`, …, `__time`, `__value_0`, … */
function compileLatest({ by, take }: Pick<StepOf<"join">, "by" | "take">, joined: JoinedRows): string {
  const { relation, eventTime, key } = joined;
  const time = `o.${quoteName(eventTime)}`;
  const names = by.map(({ name }) => `o.${quoteName(name)}`);
  const typed = typeExpressions(take, joined.columns);
  const values = take.map(({ expression }, i) => {
    const value = compileExpression(expression, scopeOf("o"));
    return `${typed[i]?.type === "number" ? finitely(`(${value})`) : value} AS __value_${i}`;
  });
  const ties = joined.columns
    .map(({ name }) => name)
    .filter((name) => name !== eventTime && !key.includes(name))
    .map((name) => `o.${quoteName(name)} DESC NULLS LAST`);
  const there = [time, ...names].map((value) => `${value} IS NOT NULL`).join(" AND ");
  const single = `row_number() OVER (PARTITION BY ${[...names, time].join(", ")}${ties.length > 0 ? ` ORDER BY ${ties.join(", ")}` : ""}) = 1`;
  const all = [...names.map((name, i) => `${name} AS __key_${i}`), `${time} AS __time`, ...values];
  return `SELECT ${all.join(", ")} FROM ${relation} AS o WHERE ${there} QUALIFY ${single}`;
}

/** The time that lies so far before another. Before what a TIMESTAMP can say nothing lies. */
function ago(time: string, duration: string): string {
  const microseconds = Math.round(toSeconds(duration) * 1e6);
  return `coalesce(TRY(${time} - INTERVAL '${microseconds} microseconds'), TIMESTAMP '-infinity')`;
}

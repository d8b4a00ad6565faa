/**
 * Steps that look at each row by itself, as SQL. Pure.
 * @module
 */
import type { StepOf } from "../../definitions/derivation-step.ts";
import { kindOf } from "../../definitions/expression-kind.ts";
import type { ExpressionTree } from "../../definitions/expression-tree.ts";
import { convertColumn, finitely } from "../conversion.ts";
import { compileExpression, type Scope } from "../expression-sql.ts";
import { quoteName, quoteNumber, quoteText } from "../sql.ts";
import type { FittedValue } from "./fitted-value.ts";
import { type Flow, type FlowColumn, listNames, replaceColumns } from "./flow.ts";

/** A step as a query, and the columns that it gives. */
export interface CompiledStep {
  readonly query: string;
  readonly columns: readonly FlowColumn[];
}

/** Where expressions of a step find the columns of a row; none of them has a window. */
export function scopeOf(row: string): Scope {
  return {
    row,
    window: () => {
      throw new TypeError("a step has no windows");
    },
  };
}

export function compileFilter({ condition }: StepOf<"filter">, { relation, columns }: Flow): CompiledStep {
  const kept = compileExpression(condition, scopeOf("r"));
  return { query: `SELECT ${listNames(columns, "r").join(", ")} FROM ${relation} AS r WHERE ${kept}`, columns };
}

interface NamedExpression {
  readonly name: string;
  readonly expression: ExpressionTree;
}

/** The columns that expressions make of a flow's. A bare column stays what it is. */
export function typeExpressions(expressions: readonly NamedExpression[], columns: readonly FlowColumn[]): FlowColumn[] {
  const columnOf = (name: string): Omit<FlowColumn, "name"> =>
    columns.find((column) => column.name === name) ?? { type: "string" };
  const typeOf = (name: string): FlowColumn["type"] => columnOf(name).type;
  return expressions.map(({ name, expression }) => {
    if (expression.op === "column") {
      const { type, length } = columnOf(expression.name);
      return { name, type, ...(length !== undefined && { length }) };
    }
    const kind = kindOf(expression, (column) => (typeOf(column) === "integer" ? "number" : kindOfType(typeOf(column))));
    return { name, type: kind === "category" ? "string" : kind };
  });
}

function kindOfType(type: FlowColumn["type"]) {
  return type === "integer" ? "number" : type;
}

export function compileDerive({ columns: made }: StepOf<"derive">, flow: Flow): CompiledStep {
  const typed = typeExpressions(made, flow.columns);
  const columns = replaceColumns(flow.columns, typed);
  const kept = flow.columns.filter(({ name }) => !made.some((one) => one.name === name));
  const inner = [
    ...listNames(kept, "r"),
    ...made.map(({ name, expression }) => `${compileExpression(expression, scopeOf("r"))} AS ${quoteName(name)}`),
  ];
  const numbers = new Set(typed.filter(({ type }) => type === "number").map(({ name }) => name));
  const values = columns.map(({ name }) =>
    numbers.has(name) ? `${finitely(quoteName(name))} AS ${quoteName(name)}` : quoteName(name),
  );
  return { query: `SELECT ${values.join(", ")} FROM (SELECT ${inner.join(", ")} FROM ${flow.relation} AS r)`, columns };
}

export function compileCast({ columns: cast }: StepOf<"cast">, flow: Flow): CompiledStep {
  const made = cast.map(({ name, to }): FlowColumn => ({ name, type: to }));
  const values = flow.columns.map(({ name, type }) => {
    const to = cast.find((one) => one.name === name)?.to;
    return to === undefined ? quoteName(name) : `${compileConversion(quoteName(name), type, to)} AS ${quoteName(name)}`;
  });
  return {
    query: `SELECT ${values.join(", ")} FROM ${flow.relation}`,
    columns: replaceColumns(flow.columns, made),
  };
}

function compileConversion(sql: string, from: FlowColumn["type"], to: FlowColumn["type"]): string {
  if (from === "string") {
    const converted = convertColumn({ type: to }, { sql, type: "text" });
    if (converted !== undefined) return converted;
  }
  if (from === "boolean" && to === "number") return `CAST(${sql} AS DOUBLE)`;
  if (to !== "string") throw new TypeError(`a ${from} is not made a ${to}: such steps have no spec`);
  if (from === "boolean") return `CAST(${sql} AS VARCHAR)`;
  if (from === "timestamp") return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
  // Beyond 2^53 every number is whole, and a text of its digits would say more than is known.
  const whole = `abs(${sql}) <= ${quoteNumber(2 ** 53)} AND trunc(${sql}) = ${sql}`;
  return `CASE WHEN ${whole} THEN CAST(CAST(${sql} AS BIGINT) AS VARCHAR) ELSE CAST(${sql} AS VARCHAR) END`;
}

/** What was fitted for the columns of a step. */
type Fitted = readonly FittedValue[];

export function compileClip(step: StepOf<"clip">, flow: Flow, fitted: Fitted): CompiledStep {
  const bounds = new Map(
    step.columns.map((column) => {
      const [low = 0, high = 0] = "low" in column ? [column.low, column.high] : numbersOf(fitted, column.name);
      return [column.name, { low, high }] as const;
    }),
  );
  const columns = flow.columns.map(({ name, type }): FlowColumn => {
    const { low = 0, high = 0 } = bounds.get(name) ?? {};
    return { name, type: type === "integer" && !(Number.isInteger(low) && Number.isInteger(high)) ? "number" : type };
  });
  return replaceValues(flow, columns, (name) => {
    const found = bounds.get(name);
    if (!found) return undefined;
    const [low, high] = [quoteNumber(found.low), quoteNumber(found.high)];
    const sql = quoteName(name);
    return `CASE WHEN ${sql} < ${low} THEN ${low} WHEN ${sql} > ${high} THEN ${high} ELSE ${sql} END`;
  });
}

export function compileImpute(step: StepOf<"impute">, flow: Flow, fitted: Fitted): CompiledStep {
  const constants = new Map(
    step.columns.map((column) => {
      const [value] = "constant" in column ? [column.constant] : valuesOf(fitted, column.name);
      return [column.name, value] as const;
    }),
  );
  const columns = flow.columns.map(({ name, type }): FlowColumn => {
    const value = constants.get(name);
    return { name, type: type === "integer" && value !== undefined && !Number.isInteger(value) ? "number" : type };
  });
  return replaceValues(flow, columns, (name) => {
    const value = constants.get(name);
    return value === undefined ? undefined : `coalesce(${quoteName(name)}, ${quoteValue(value)})`;
  });
}

function replaceValues(
  { relation, columns: given }: Flow,
  columns: readonly FlowColumn[],
  replace: (name: string) => string | undefined,
): CompiledStep {
  const values = given.map(({ name }) => {
    const sql = replace(name);
    return sql === undefined ? quoteName(name) : `${sql} AS ${quoteName(name)}`;
  });
  return { query: `SELECT ${values.join(", ")} FROM ${relation}`, columns };
}

function valuesOf(fitted: Fitted, column: string): FittedValue["values"] {
  const found = fitted.find((one) => one.column === column);
  if (!found) throw new TypeError(`nothing was fitted for "${column}"`);
  return found.values;
}

function numbersOf(fitted: Fitted, column: string): number[] {
  return valuesOf(fitted, column).map(Number);
}

function quoteValue(value: string | number | boolean): string {
  if (typeof value === "string") return quoteText(value);
  return typeof value === "boolean" ? String(value) : quoteNumber(value);
}

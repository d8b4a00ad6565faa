/**
 * Expressions computed twice, by DuckDB and by the serving functions, and where the two differ.
 *
 * IEEE 754 says every bit of +, −, ×, ÷, roots and roundings, so both must be the same bit for bit. Of `exp`, `log`, `log1p`,
 * `sin`, `cos` and `power` it does not say the last digit. These are compared one by one, each from the same operands: they
 * may differ by 4 parts in 2^52. Whatever is computed from one is computed from DuckDB's value on both sides, and must
 * again be the same. So no error is let through by growing on its way, and no last digit is blamed on what rounds it.
 * @module
 */
import type { DuckDb } from "../data/duckdb.ts";
import { compileExpression, type Scope } from "../data/expression-sql.ts";
import { quoteName, quoteNumber, quoteText } from "../data/sql.ts";
import { type ExpressionTree, operandsOf, replaceOperands, type WindowTree } from "../definitions/expression-tree.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import {
  type Compute,
  compileFunction,
  type RowValues,
  type Scalar,
  toFinite,
  type Vector,
} from "./compile-function.ts";
import type { GoldenColumn } from "./edge-rows.ts";

/** Rows, and the columns that have the values of windows. */
export interface GoldenTable {
  readonly columns: readonly Pick<GoldenColumn, "name" | "kind">[];
  readonly rows: readonly RowValues[];
  readonly windowColumn: (tree: WindowTree) => string;
}

/** An expression that is computed twice. */
export interface NamedExpression {
  readonly name: string;
  readonly tree: ExpressionTree;
  /** Whether what is no finite number is null, as in a feature. */
  readonly finite: boolean;
}

/** Where the two differ. */
export interface Difference {
  readonly name: string;
  /** The operator that differs, where it is one of those that need not be the same bit for bit. */
  readonly operator?: string;
  readonly row: RowValues;
  readonly sql: Scalar;
  readonly function: Scalar;
}

export interface Comparison {
  /** What DuckDB computed: for each row a value of each expression. */
  readonly values: readonly (readonly Scalar[])[];
  readonly differences: readonly Difference[];
}

/** Computes expressions at every row twice and compares. */
export async function compareExpressions(
  db: DuckDb,
  table: GoldenTable,
  expressions: readonly NamedExpression[],
): Promise<Comparison> {
  const parts = new Map<string, Part>();
  const windows: WindowTree[] = [];
  const compile = (tree: ExpressionTree) => compileFunction(tree, (window) => windows.push(window) - 1);
  const whole = expressions.map(({ name, tree, finite }) => {
    const compute = compile(cutInexact(tree, name, parts));
    return { name, compute: finite ? toFinite(compute) : compute };
  });
  const inexact = [...parts.values()].map((part) => ({ ...part, compute: compile(part.exact) }));
  const found = await computeInDuckDb(db, table, [
    ...expressions,
    ...inexact.map(({ tree }) => ({ tree, finite: false })),
  ]);
  const differences: Difference[] = [];
  for (const [i, row] of table.rows.entries()) {
    const sql = found[i] ?? [];
    const given: Record<string, Scalar | Vector | undefined> = { ...row };
    for (const [j, { column }] of inexact.entries()) given[column] = sql[whole.length + j] ?? null;
    // No window gives a vector.
    const past = windows.map((window) => (row[table.windowColumn(window)] as Scalar) ?? null);
    const compare = (name: string, compute: Compute, { at, operator }: { at: number; operator?: string }) => {
      const [a, b] = [sql[at] ?? null, compute(given, past)];
      if (operator === undefined ? isSame(a, b) : isNear(a, b)) return;
      differences.push({ name, row, sql: a, function: b, ...(operator !== undefined && { operator }) });
    };
    for (const [j, { name, compute }] of whole.entries()) compare(name, compute, { at: j });
    for (const [j, part] of inexact.entries())
      compare(part.name, part.compute, { at: whole.length + j, operator: part.tree.op });
  }
  return { values: found.map((row) => row.slice(0, whole.length)), differences };
}

/** An operation whose last digit is nobody's fault. */
interface Part {
  /** The first expression that has it. */
  readonly name: string;
  readonly tree: ExpressionTree;
  /** The operation on columns that have the values of such operations inside it. */
  readonly exact: ExpressionTree;
  /** The column that has its value. */
  readonly column: string;
}

const inexactOperators: ReadonlySet<string> = new Set(["exp", "log", "log1p", "sin", "cos", "power"]);

/** Puts a column in the place of every inexact operation. */
function cutInexact(tree: ExpressionTree, name: string, parts: Map<string, Part>): ExpressionTree {
  if (tree.op === "window") return tree;
  const exact = replaceOperands(
    tree,
    operandsOf(tree).map((operand) => cutInexact(operand, name, parts)),
  );
  if (!inexactOperators.has(tree.op)) return exact;
  const key = toCanonicalJson(tree);
  const part = parts.get(key) ?? { name, tree, exact, column: `__inexact_${parts.size}` };
  parts.set(key, part);
  return { op: "column", name: part.column };
}

function isSame(a: Scalar, b: Scalar): boolean {
  if (typeof a === "string" && typeof b === "string") return withoutMark(a) === withoutMark(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

/** The driver takes a byte order mark off the beginning of a text that it reads: here no text has any. */
function withoutMark(text: string): string {
  return text.replace(/^\ufeff+/, "");
}

function isNear(a: Scalar, b: Scalar): boolean {
  if (typeof a !== "number" || typeof b !== "number" || isSame(a, b)) return isSame(a, b);
  return Math.abs(a - b) <= 4 * Math.max(Number.MIN_VALUE, Number.EPSILON * Math.max(Math.abs(a), Math.abs(b)));
}

/** How many expressions one statement computes: planning many takes more time than their number says. */
const batch = 25;

async function computeInDuckDb(
  { connection }: DuckDb,
  { columns, rows, windowColumn }: GoldenTable,
  expressions: readonly Pick<NamedExpression, "tree" | "finite">[],
): Promise<Scalar[][]> {
  const scope: Scope = { row: "g", window: (tree) => `g.${quoteName(windowColumn(tree))}` };
  const names = columns.map(({ name }) => quoteName(name));
  const typed = columns.map(({ kind }, i) => `CAST(${names[i]} AS ${sqlTypes[kind]}) AS ${names[i]}`);
  const tuples = rows.map((row, i) => `(${[i, ...columns.map(({ name }) => write(row[name] ?? null))].join(", ")})`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE golden_rows AS
    SELECT ${["__row", ...typed].join(", ")} FROM (VALUES ${tuples.join(", ")}) AS v(${["__row", ...names].join(", ")})`);
  try {
    const found: Scalar[][] = rows.map(() => []);
    for (let from = 0; from < expressions.length; from += batch) {
      const values = expressions.slice(from, from + batch).map(({ tree, finite }, i) => {
        const sql = compileExpression(tree, scope);
        return `${finite ? `CASE WHEN isfinite(${sql}) THEN ${sql} END` : sql} AS v${i}`;
      });
      const read = await connection.runAndReadAll(`SELECT ${values.join(", ")} FROM golden_rows AS g ORDER BY __row`);
      for (const [i, row] of read.getRowsJS().entries()) found[i]?.push(...(row as Scalar[]));
    }
    return found;
  } finally {
    await connection.run("DROP TABLE golden_rows");
  }
}

const sqlTypes = {
  number: "DOUBLE",
  string: "VARCHAR",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP",
  vector: "DOUBLE[]",
} as const;

function write(value: Scalar | Vector): string {
  if (isVector(value)) return `'[${value.map((number) => (Object.is(number, -0) ? "-0.0" : number)).join(",")}]'`;
  if (value === null) return "NULL";
  if (value instanceof Date) return `make_timestamp(${BigInt(value.getTime()) * 1000n})`;
  if (typeof value === "string") return quoteText(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return Object.is(value, -0) ? "CAST('-0.0' AS DOUBLE)" : quoteNumber(value);
}

function isVector(value: Scalar | Vector): value is Vector {
  return Array.isArray(value);
}

/**
 * Rows at the edges of what a schema allows and of what expressions ask: the values about which two implementations of the
 * same operators may differ. Pure: the same columns and constants give the same rows.
 * @module
 */
import type { ValueKind } from "../definitions/expression-kind.ts";
import { type ExpressionTree, operandsOf } from "../definitions/expression-tree.ts";
import type { ColumnSpec } from "../definitions/spec.ts";
import type { RowValues, Scalar, Vector } from "./compile-function.ts";

/** A column of golden rows: of the dataset, or the values of a window. */
export type GoldenColumn = Pick<
  ColumnSpec,
  "name" | "length" | "min" | "max" | "minLength" | "maxLength" | "values"
> & {
  readonly kind: Exclude<ValueKind, "category">;
};

/**
 * Makes rows of columns, with the values at whose edges the expressions decide among them.
 * @param mixed how many rows mix the values of the columns, beyond those that have each value once
 */
export function makeEdgeRows(
  columns: readonly GoldenColumn[],
  trees: readonly ExpressionTree[],
  mixed = 200,
): RowValues[] {
  const constants = [...new Set(trees.flatMap(listConstants))];
  const values = columns.map((column) => [...new Set(listEdges(column, constants))]);
  const longest = Math.max(...values.map((list) => list.length));
  const pick = createPick();
  return Array.from({ length: longest + mixed }, (_, row) =>
    Object.fromEntries(
      columns.map(({ name }, i) => {
        const list = values[i] ?? [];
        return [name, list[row < longest ? row % list.length : pick(list.length)] ?? null];
      }),
    ),
  );
}

/** Numbers that look random and are the same every time. */
function createPick(): (below: number) => number {
  let state = 1;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function listConstants(tree: ExpressionTree): readonly Scalar[] {
  const inner = operandsOf(tree).flatMap(listConstants);
  switch (tree.op) {
    case "literal":
      return [tree.value];
    case "bucket":
      return [...inner, ...tree.bounds];
    case "clip":
      return [...inner, tree.low, tree.high];
    case "map":
      return [...inner, ...tree.cases.map(({ is }) => is)];
    default:
      return inner;
  }
}

function listEdges(column: GoldenColumn, constants: readonly Scalar[]): readonly (Scalar | Vector)[] {
  switch (column.kind) {
    case "boolean":
      return [null, true, false];
    case "timestamp":
      return [null, ...times.map((time) => new Date(time))];
    case "vector":
      return [null, ...listVectors(column.length ?? 0)];
    case "number": {
      const { min, max } = column;
      const given = [min, max, ...constants].filter((value) => typeof value === "number");
      return [null, ...numbers, ...given.flatMap(listNeighbours)];
    }
    case "string": {
      const given = constants.filter((value) => typeof value === "string");
      const lengths = [column.minLength, column.maxLength].filter((length) => length !== undefined);
      return [
        null,
        ...texts,
        ...(column.values ?? []),
        ...given.flatMap((text) => [text, `${text}x`, `x${text}`, text.toUpperCase(), text.toLowerCase(), `${text} `]),
        ...lengths.map((length) => "😀".repeat(Math.min(length, longestText))),
      ].filter((text) => text === null || text.isWellFormed());
    }
  }
}

/** Vectors of edges: of nothing but zeros, of one number, of small ones, of ones whose products overflow, and of all in turn. */
function listVectors(length: number): readonly Vector[] {
  const make = (numberAt: (i: number) => number) => Array.from({ length }, (_, i) => numberAt(i));
  return [
    make(() => 0),
    make((i) => (i === length - 1 ? 1 : 0)),
    make(() => 5e-324),
    make((i) => (i % 2 === 0 ? 1e300 : -1e300)),
    make((i) => ((i * 7919) % 2003) / 1001 - 1),
    make((i) => (((i * 104_729) % 2003) - 1001) / 3),
    ...[0, 5, 11].map((first) => make((i) => numbers[(first + i * 7) % numbers.length] ?? 0)),
  ];
}

/** A number and those beside it. */
function listNeighbours(x: number): readonly number[] {
  const step = Math.max(Math.abs(x) * Number.EPSILON, Number.MIN_VALUE);
  return [x, x - step, x + step, -x];
}

const longestText = 2000;

const numbers: readonly number[] = [
  ...[0, -0, 1, -1, 2, 7, 10, 60, 0.1, 0.3, 0.5, -0.5, 1.5, 2.5, -2.5, 0.49999999999999994],
  ...[5e-324, 1e-300, -1e-17, 1e-8, 123456789.98765433, 2 ** 31, 2 ** 51 + 0.5, 2 ** 53 - 1, 1 - 2 ** 53],
  ...[-0.999999999, 709.78, -745, 1e22, 1e154, 1e300, -1e300, Number.MAX_VALUE],
];

const times: readonly string[] = [
  "1970-01-01T00:00:00.000Z",
  "1969-12-31T23:59:59.999Z",
  "1900-02-28T23:59:59.999Z",
  "1904-12-31T12:00:00.000Z",
  "2000-02-29T00:00:00.000Z",
  "2000-12-31T23:59:59.999Z",
  "2020-12-31T06:30:15.500Z",
  // The ISO weeks 53 and 1 that lie in another year.
  "2021-01-03T23:59:59.999Z",
  "2024-12-30T00:00:00.000Z",
  "2024-02-29T12:34:56.789Z",
  "2023-03-26T01:30:00.000Z",
  "2100-03-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
  "0001-01-01T00:00:00.000Z",
  "-000029-01-01T00:00:00.000Z",
];

const texts: readonly string[] = [
  ...["", " ", "a", "A", "Z", "z", "a b", "0", "'", '"', "\\", "%", "_", "*", "null", "x".repeat(longestText)],
  ...[
    "é",
    "É",
    "e\u0301",
    "ß",
    "ẞ",
    "İ",
    "ı",
    "ſ",
    "\u212a",
    "ς",
    "Σ",
    "ﬁ",
    "日本",
    "😀",
    "a😀b",
    "👩‍👩‍👧",
    "\uffff",
    "\u{10ffff}",
  ],
  ...["a\0b", "\0", " \t\r\n\v\f a \t\r\n\v\f", "\u00a0a\u00a0", "\u3000", "\u200b", "\ufeffa", "\u0085"],
];

/**
 * Expressions as functions: what a server computes from one row, equal to what `expression-sql.ts` computes from all of
 * them. Compiled once to closures; computing a row allocates nothing but the texts it makes.
 * @module
 */
import { type ExpressionTree, type MapTree, operandsOf, type WindowTree } from "../definitions/expression-tree.ts";
import type { FeaturesSpec } from "../definitions/spec.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import { listWindows } from "./list-windows.ts";
import {
  binaryFunctions,
  clip,
  findBucket,
  hashText,
  type Scalar,
  sliceText,
  unaryFunctions,
  type Vector,
} from "./operators.ts";

export type { Scalar, Vector } from "./operators.ts";

/** The columns of a row; one that is not there is null. Texts are well-formed, times have milliseconds. */
export type RowValues = Readonly<Record<string, Scalar | Vector | undefined>>;

/** Computes a value from a row and the values of the windows at it. */
export type Compute = (row: RowValues, windows: readonly Scalar[]) => Scalar;

/** What a server computes of a feature set. */
export interface RowFunction {
  /** The windows whose values are to be given, in this order. */
  readonly windows: readonly WindowTree[];
  /** The features' names, in the order of their values. */
  readonly features: readonly string[];
  /** Computes the features: numbers that are finite, truths, categories, or null. They are added to `into`. */
  readonly compute: (
    row: RowValues,
    windows: readonly Scalar[],
    into?: (number | boolean | string | null)[],
  ) => (number | boolean | string | null)[];
}

/** Compiles a feature set. */
export function compileRow({ columns }: Pick<FeaturesSpec, "columns">): RowFunction {
  const windows = listWindows(columns.map(({ expression }) => expression));
  const places = new Map([...windows.keys()].map((key, place) => [key, place]));
  const findPlace = (tree: WindowTree) => places.get(toCanonicalJson(tree)) ?? -1;
  const functions = columns.map(({ type, expression }) => {
    const compute = compileFunction(expression, findPlace);
    return (type === "number" ? toFinite(compute) : compute) as Compute;
  });
  return {
    windows: [...windows.values()],
    features: columns.map(({ name }) => name),
    compute: (row, values, into = []) => {
      for (const compute of functions) into.push(compute(row, values) as number | boolean | string | null);
      return into;
    },
  };
}

/** What overflowed is missing, like what is divided by zero. */
export function toFinite(compute: Compute): Compute {
  return (row, windows) => {
    const value = compute(row, windows);
    return Number.isFinite(value) ? value : null;
  };
}

/** Compiles an expression. `findPlace` says where among the values of windows that of a window is. */
export function compileFunction(tree: ExpressionTree, findPlace: (tree: WindowTree) => number): Compute {
  if (tree.op === "window") {
    const place = findPlace(tree);
    return (_, windows) => windows[place] ?? null;
  }
  const [first = toNull, second = toNull, third = toNull] = operandsOf(tree).map((operand) =>
    compileFunction(operand, findPlace),
  );
  switch (tree.op) {
    case "column":
      return readColumn(tree.name);
    case "literal": {
      const { value } = tree;
      return () => value;
    }
    case "clip":
      return unary(first, (x) => clip(x as number, tree.low, tree.high));
    case "when":
      return (row, windows) => (first(row, windows) === true ? second : third)(row, windows);
    case "at":
      return unary(first, (vector) => (vector as unknown as Vector)[tree.index] ?? null);
    case "slice":
      return unary(first, (text) => sliceText(text as string, tree.from, tree.to));
    case "bucket":
      return unary(first, (x) => findBucket(x as number, tree.bounds));
    case "hash":
      return unary(first, (text) => hashText(text as string, tree.buckets));
    case "map":
      return compileMap(first, tree);
    case "isNull":
      return (row, windows) => first(row, windows) === null;
    case "and":
      return decideBy(false, first, second);
    case "or":
      return decideBy(true, first, second);
    case "orElse":
      return (row, windows) => first(row, windows) ?? second(row, windows);
    default:
      return "of" in tree ? unary(first, unaryFunctions[tree.op]) : binary(first, second, binaryFunctions[tree.op]);
  }
}

function toNull(): null {
  return null;
}

function readColumn(name: string): Compute {
  // What every object inherits is no column.
  if (name in Object.prototype) return (row) => (Object.hasOwn(row, name) ? ((row[name] as Scalar) ?? null) : null);
  // A vector is given to operators of vectors alone, which are told what it is.
  return (row) => (row[name] as Scalar) ?? null;
}

function unary(of: Compute, compute: (of: Scalar & {}) => Scalar): Compute {
  return (row, windows) => {
    const value = of(row, windows);
    return value === null ? null : compute(value);
  };
}

function binary(left: Compute, right: Compute, compute: (left: Scalar & {}, right: Scalar & {}) => Scalar): Compute {
  return (row, windows) => {
    const a = left(row, windows);
    if (a === null) return null;
    const b = right(row, windows);
    return b === null ? null : compute(a, b);
  };
}

/** `and` is decided by a false, `or` by a true; else a null leaves it open. */
function decideBy(decides: boolean, left: Compute, right: Compute): Compute {
  return (row, windows) => {
    const a = left(row, windows);
    if (a === decides) return decides;
    const b = right(row, windows);
    if (b === decides) return decides;
    return a === null || b === null ? null : !decides;
  };
}

function compileMap(of: Compute, { cases, otherwise }: MapTree): Compute {
  const table = new Map<Scalar, string | number>(cases.map(({ is, gives }) => [is, gives]));
  return (row, windows) => table.get(of(row, windows)) ?? otherwise ?? null;
}

/**
 * Any expression that is well typed, over columns of every kind.
 * @module
 */
import fc from "fast-check";
import {
  type BinaryOperator,
  binaryOperators,
  type ExpressionTree,
  type UnaryOperator,
  unaryOperators,
} from "../../framework/definitions/expression-tree.ts";
import type { GoldenColumn } from "../../framework/features/edge-rows.ts";

export type Kind = GoldenColumn["kind"];

/** Long enough that the order of a sum shows in its last digit. */
const vectorLength = 37;

/** Two columns of each kind. */
export const columns: readonly GoldenColumn[] = (
  ["number", "string", "boolean", "timestamp", "vector"] as const
).flatMap((kind) =>
  ["a", "b"].map((one) => ({ name: `${kind}_${one}`, kind, ...(kind === "vector" && { length: vectorLength }) })),
);

const binary: Readonly<Record<BinaryOperator, readonly [takes: readonly Kind[], gives: Kind | "same"]>> = {
  add: [["number"], "number"],
  subtract: [["number"], "number"],
  multiply: [["number"], "number"],
  divide: [["number"], "number"],
  modulo: [["number"], "number"],
  power: [["number"], "number"],
  least: [["number"], "number"],
  greatest: [["number"], "number"],
  gt: [["number", "timestamp"], "boolean"],
  gte: [["number", "timestamp"], "boolean"],
  lt: [["number", "timestamp"], "boolean"],
  lte: [["number", "timestamp"], "boolean"],
  eq: [["number", "string", "boolean"], "boolean"],
  ne: [["number", "string", "boolean"], "boolean"],
  and: [["boolean"], "boolean"],
  or: [["boolean"], "boolean"],
  orElse: [["number", "string", "boolean", "timestamp"], "same"],
  concat: [["string"], "string"],
  startsWith: [["string"], "boolean"],
  endsWith: [["string"], "boolean"],
  contains: [["string"], "boolean"],
  secondsSince: [["timestamp"], "number"],
  dot: [["vector"], "number"],
  cosine: [["vector"], "number"],
};

const unary: Readonly<Record<UnaryOperator, readonly [takes: readonly Kind[], gives: Kind]>> = {
  not: [["boolean"], "boolean"],
  isNull: [["number", "string", "boolean", "timestamp", "vector"], "boolean"],
  norm: [["vector"], "number"],
  isWeekend: [["timestamp"], "boolean"],
  lower: [["string"], "string"],
  upper: [["string"], "string"],
  trim: [["string"], "string"],
  category: [["string"], "string"],
  length: [["string"], "number"],
  negate: [["number"], "number"],
  abs: [["number"], "number"],
  sqrt: [["number"], "number"],
  exp: [["number"], "number"],
  log: [["number"], "number"],
  log1p: [["number"], "number"],
  sin: [["number"], "number"],
  cos: [["number"], "number"],
  round: [["number"], "number"],
  floor: [["number"], "number"],
  ceil: [["number"], "number"],
  second: [["timestamp"], "number"],
  minute: [["timestamp"], "number"],
  hour: [["timestamp"], "number"],
  dayOfWeek: [["timestamp"], "number"],
  dayOfMonth: [["timestamp"], "number"],
  dayOfYear: [["timestamp"], "number"],
  weekOfYear: [["timestamp"], "number"],
  month: [["timestamp"], "number"],
  quarter: [["timestamp"], "number"],
  year: [["timestamp"], "number"],
};

const smallNumber = fc.oneof(
  fc.integer({ min: -10, max: 70 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -100, max: 100, noNaN: true }),
);
/** Any code point of a text that is well-formed. */
export const codePoint = fc
  .integer({ min: 0, max: 0x10_ffff })
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
const someText = fc.oneof(
  fc.string({ unit: codePoint, maxLength: 4 }),
  fc.constantFrom("", "a", "A", "ab", " ", "é", "😀", "null"),
);
const constants: Readonly<Record<Kind, fc.Arbitrary<string | number | boolean> | undefined>> = {
  number: smallNumber.map((x) => (Object.is(x, -0) ? 0 : x)),
  string: someText,
  boolean: fc.boolean(),
  timestamp: undefined,
  vector: undefined,
};

/** An expression of a kind, at most so deep. */
export function someExpression(kind: Kind, depth: number): fc.Arbitrary<ExpressionTree> {
  const column = fc.constantFrom("a", "b").map((one): ExpressionTree => ({ op: "column", name: `${kind}_${one}` }));
  const constant = constants[kind]?.map((value): ExpressionTree => ({ op: "literal", value }));
  const leaf = fc.oneof({ weight: 3, arbitrary: column }, ...(constant ? [constant] : []));
  // Nothing makes vectors but columns.
  if (depth === 0 || kind === "vector") return leaf;
  const of = (one: Kind) => memo(one, depth - 1);
  const nodes: fc.Arbitrary<ExpressionTree>[] = [
    fc.record({ op: fc.constant("when" as const), condition: of("boolean"), value: of(kind), otherwise: of(kind) }),
  ];
  for (const op of binaryOperators) {
    const [takes, gives] = binary[op];
    if (gives !== kind && gives !== "same") continue;
    for (const one of gives === "same" ? [kind] : takes)
      nodes.push(fc.record({ op: fc.constant(op), left: of(one), right: of(one) }));
  }
  for (const op of unaryOperators) {
    const [takes, gives] = unary[op];
    if (gives === kind) for (const one of takes) nodes.push(fc.record({ op: fc.constant(op), of: of(one) }));
  }
  if (kind === "number") nodes.push(...numberNodes(of));
  if (kind === "string") {
    nodes.push(
      fc.record({ op: fc.constant("slice" as const), of: of("string"), from: fc.nat(3) }),
      fc
        .tuple(of("string"), fc.nat(3), fc.nat(3))
        .map(([text, from, length]) => ({ op: "slice" as const, of: text, from, to: from + length })),
      fc.record({ op: fc.constant("map" as const), of: of("string"), cases: cases(someText) }),
    );
  }
  return fc.oneof({ weight: 1, arbitrary: leaf }, ...nodes.map((arbitrary) => ({ weight: 1, arbitrary })));
}

function numberNodes(of: (kind: Kind) => fc.Arbitrary<ExpressionTree>): fc.Arbitrary<ExpressionTree>[] {
  const ascending = fc.uniqueArray(constants.number as fc.Arbitrary<number>, { minLength: 1, maxLength: 3 });
  return [
    fc.tuple(of("number"), smallNumber, smallNumber).map(([x, a, b]) => ({
      op: "clip" as const,
      of: x,
      low: Math.min(a, b),
      high: Math.max(a, b),
    })),
    fc.record({
      op: fc.constant("bucket" as const),
      of: of("number"),
      bounds: ascending.map((list) => list.toSorted((a, b) => a - b)),
    }),
    fc.record({ op: fc.constant("at" as const), of: of("vector"), index: fc.nat(vectorLength - 1) }),
    fc.record({ op: fc.constant("hash" as const), of: of("string"), buckets: fc.integer({ min: 1, max: 1_000_000 }) }),
    fc.record({
      op: fc.constant("map" as const),
      of: of("string"),
      cases: cases(constants.number as fc.Arbitrary<number>),
      otherwise: smallNumber,
    }),
  ];
}

function cases<V extends string | number>(values: fc.Arbitrary<V>) {
  const entry = fc.record({ is: someText, gives: values });
  return fc.uniqueArray(entry, { minLength: 1, maxLength: 3, selector: ({ is }) => is });
}

/** Every operator of one or two operands, of bare columns, and of numbers that may be infinite or none. */
export function listOperations(): ExpressionTree[] {
  const column = (name: string): ExpressionTree => ({ op: "column", name });
  const huge = (name: string): ExpressionTree => ({
    op: "multiply",
    left: column(name),
    right: { op: "literal", value: 1e300 },
  });
  const wild: ExpressionTree = { op: "subtract", left: huge("number_a"), right: huge("number_b") };
  const operands = (kind: Kind): (readonly [ExpressionTree, ExpressionTree])[] => [
    [column(`${kind}_a`), column(`${kind}_b`)],
    ...(kind === "number"
      ? ([
          [wild, column("number_a")],
          [column("number_b"), wild],
          [wild, wild],
        ] as const)
      : []),
  ];
  return [
    ...binaryOperators.flatMap((op) =>
      binary[op][0].flatMap(operands).map(([left, right]): ExpressionTree => ({ op, left, right })),
    ),
    ...unaryOperators.flatMap((op) => unary[op][0].flatMap(operands).map(([of]): ExpressionTree => ({ op, of }))),
  ];
}

const made = new Map<string, fc.Arbitrary<ExpressionTree>>();

/** Each kind and depth once: they are made of one another. */
function memo(kind: Kind, depth: number): fc.Arbitrary<ExpressionTree> {
  const key = `${kind} ${depth}`;
  const known = made.get(key) ?? someExpression(kind, depth);
  made.set(key, known);
  return known;
}

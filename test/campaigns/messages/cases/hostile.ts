/**
 * Values that are no data: getters, proxies, circles, instances, functions, changed prototypes.
 * @module
 */
import type { Malformed } from "../malformed.ts";

const invalid = ["definition-invalid"] as const;
const contract = 'contract: { violations: "quarantine", tolerance: 0.01 }';

function contracted(name: string, value: string, says: string): Malformed {
  return { name, edits: [[contract, `contract: ${value}`]], codes: invalid, at: "flights.contract", says: [says] };
}

function owned(name: string, value: string, says: string): Malformed {
  const edits = [['owner: "ops-data",\n  license', `owner: ${value},\n  license`]] as const;
  return { name, edits, codes: invalid, at: "flights.owner", says: [says] };
}

export const hostileValues: readonly Malformed[] = [
  owned("an owner that is a function", '() => "ops"', "got a function, expected a text"),
  owned("an owner that is a symbol", 'Symbol("ops")', "got a symbol, expected a text"),
  owned("an owner that is a String object", 'new String("ops")', "got an instance of String"),
  owned("an owner that is a promise", 'Promise.resolve("ops")', "got an instance of Promise"),
  owned("an owner that is a pattern", "/ops/", "got an instance of RegExp"),
  owned("an owner of half a character", '"ops\\ud800"', "the text has half a character"),
  {
    name: "an option whose getter throws",
    edits: [["license:", 'get key() { throw new Error("no key"); },\n  license:']],
    codes: invalid,
    at: "flights.key",
    says: ["got a getter that throws Error: no key"],
  },
  contracted("a contract that is a date", "new Date(0)", "got an instance of Date"),
  contracted("a contract that is a map", 'new Map([["violations", "reject"]])', "got an instance of Map"),
  contracted(
    "a contract of a class of its own",
    "new (class Contract { violations = 'reject'; })()",
    "got an instance of Contract",
  ),
  contracted(
    "a contract with a prototype",
    '{ __proto__: { violations: "reject" } }',
    "got an object with a prototype of its own",
  ),
  contracted(
    "a contract that cannot be looked at",
    'new Proxy({}, { ownKeys() { throw new TypeError("go away"); } })',
    "an object that cannot be read: TypeError: go away",
  ),
  {
    name: "a field whose getter throws",
    edits: [["tolerance: 0.01", 'get tolerance() { throw new RangeError("not now"); }']],
    codes: invalid,
    at: "flights.contract.tolerance",
    says: ["got a getter that throws RangeError: not now"],
  },
  {
    name: "a getter that throws no error",
    edits: [["tolerance: 0.01", "get tolerance() { throw Object.create(null); }"]],
    codes: invalid,
    at: "flights.contract.tolerance",
    says: ["something that cannot be printed"],
  },
  {
    name: "a circle of values",
    before: "const circle = { violations: 'reject' };\ncircle.tolerance = circle;\nflights.contract = circle;\n",
    codes: invalid,
    at: "flights.contract.tolerance",
    says: ["got a value that contains itself, expected a number"],
  },
  {
    name: "values nested without end",
    edits: [
      [contract, "contract: deep"],
      ["const Flight =", "let deep = {};\nfor (let i = 0; i < 10_000; i += 1) deep = { deep };\nconst Flight ="],
    ],
    codes: ["definition-invalid", "option-unknown"],
    says: ['"violations" is missing', '"contract" has no option "deep"'],
  },
  {
    name: "a list of a billion",
    edits: [['from: ["ops-lead"]', "from: new Array(1_000_000_000)"]],
    codes: invalid,
    at: "late-arrival",
    says: ["more than 100000 values"],
  },
  {
    name: "an expression nested without end",
    edits: [
      ["hour: row.date.hour()", "hour: deepen(row.distance)"],
      [
        "const Flight =",
        "function deepen(from) {\n  let deep = from;\n  for (let i = 0; i < 5_000; i += 1) deep = deep.add(1);\n  return deep;\n}\nconst Flight =",
      ],
    ],
    codes: invalid,
    says: ["nested more than 200 deep", "at routes.hour.left.left.left.left.left.left.left.left.….left.left "],
  },
  {
    name: "an expression that doubles forty times",
    edits: [
      ["hour: row.date.hour()", "hour: double(row.distance)"],
      [
        "const Flight =",
        "function double(from) {\n  let large = from;\n  for (let i = 0; i < 40; i += 1) large = large.add(large);\n  return large;\n}\nconst Flight =",
      ],
    ],
    codes: invalid,
    says: ["more than 100000 values"],
  },
  {
    name: "a definition that cannot be looked at",
    edits: [
      [
        "definitions: [flights,",
        "definitions: [new Proxy(flights, { ownKeys() { throw new Error('closed'); } }), flights,",
      ],
    ],
    codes: invalid,
    says: ["the definition cannot be read", "Error: closed"],
  },
  {
    name: "a definition that says nothing of itself",
    edits: [
      [
        "definitions: [flights,",
        "definitions: [new Proxy(flights, { get() { throw new Error('closed'); } }), flights,",
      ],
    ],
    codes: invalid,
    at: "flights.definitions[0]",
    says: ["Error: closed"],
  },
  {
    name: "a changed prototype of all objects",
    before: "Object.prototype.license = 'none';\n",
    codes: ["prototype-changed"],
    says: ['Object.prototype has what no object should have (got "license")'],
  },
  {
    name: "a changed prototype of all lists",
    before: "Array.prototype.last = function () { return this.at(-1); };\n",
    codes: ["prototype-changed"],
    says: ['Array.prototype has what no object should have (got "last")'],
  },
  {
    name: "a prototype set through parsed JSON",
    edits: [[contract, `contract: JSON.parse('{ "violations": "reject", "__proto__": { "tolerance": 1 } }')`]],
    codes: ["option-unknown"],
    at: "flights.contract.__proto__",
    says: ['"contract" has no option "__proto__"'],
  },
  {
    name: "a default that throws",
    edits: [["z.int().default(31)", 'z.int().default(() => { throw new Error("no default"); })']],
    codes: invalid,
    at: "late-training",
    says: ['training-job "late-training" cannot be read', "Error: no default"],
  },
  {
    name: "a parameter that is checked asynchronously",
    edits: [["z.int().default(31)", "z.int().refine(async () => true).default(31)"]],
    codes: invalid,
    at: "late-training",
    says: ['training-job "late-training" cannot be read'],
  },
];

function featured(
  name: string,
  expression: string,
  says: readonly string[],
  codes: Malformed["codes"] = invalid,
): Malformed {
  return {
    name,
    edits: [["hour: row.date.hour()", `hour: ${expression}`]],
    codes,
    line: "export const routes = features(",
    says,
  };
}

const noExpression = "expected an expression of the row, such as row.delay.abs()";

export const expressions: readonly Malformed[] = [
  featured("a feature that is a number", "12", [noExpression, "got 12"]),
  featured("a feature that is a text", '"hour"', [noExpression, 'got "hour"']),
  featured("a feature that is nothing", "null", [noExpression, "got null"]),
  featured("a feature that is a method", "row.date.hour", [noExpression, "got a function"]),
  featured("a feature that is the row", "row", [noExpression]),
  featured("a feature that is a promise", "Promise.resolve(1)", [noExpression]),
  featured(
    "a tree of one's own with an unknown operator",
    '{ tree: { op: "cbrt", of: { op: "column", name: "distance" } } }',
    ['got "cbrt", expected column, literal, add'],
  ),
  featured("a tree of one's own without its operand", '{ tree: { op: "abs" } }', ['"of" is missing']),
  featured("a sum with nothing", "row.distance.add()", [
    '"value" is missing (expected a text or a number or true or false)',
  ]),
  featured("a sum with an object", "row.distance.add({})", ["got an empty object"]),
  featured("a sum with a BigInt", "row.distance.add(1n)", ["got the BigInt 1n"]),
  featured("a window over nothing", "row.distance.mean()", [
    '"hour" is given no options (got nothing, expected { by, over, lag }) — give them in braces',
  ]),
  featured("a window without an entity", 'row.distance.mean({ over: "1 day" })', ['"by" is missing (expected a list)']),
  featured("a window by a name", 'row.distance.mean({ by: "origin", over: "1 day" })', [
    'got "origin", expected a list',
  ]),
  featured("a column that does not exist", "row.dealy.abs()", ['has no column "dealy"'], ["column-unknown"]),
  featured("a column that all objects have", "row.toString.abs()", ['has no column "toString"'], ["column-unknown"]),
  featured(
    "a mean of words",
    'row.origin.mean({ by: [], over: "1 day" })',
    ['"mean" does not take these values'],
    ["expression-invalid"],
  ),
  featured("a bare text", "row.origin", ["is a bare string", "use .category()"], ["feature-kind"]),
  featured("a value before it is known", "row.delay.add(1)", ['"delay" is read at the event'], ["feature-reads-ahead"]),
  {
    name: "features without a function",
    edits: [["(row) => ({ wind: row.wind })", "{ wind: 1 }"]],
    codes: invalid,
    at: "winds.columns",
    says: ["expected a function that gives an object: (row) => ({ … })", 'got an object with "wind"'],
  },
  {
    name: "features whose function gives one expression",
    edits: [["(row) => ({ wind: row.wind })", "(row) => row.wind"]],
    codes: invalid,
    at: "winds.columns",
    says: ["got one expression without a name"],
  },
  {
    name: "features whose function gives a list",
    edits: [["(row) => ({ wind: row.wind })", "(row) => [row.wind]"]],
    codes: invalid,
    at: "winds.columns",
    says: ["got a list of 1"],
  },
  {
    name: "features whose function gives nothing, for want of parentheses",
    edits: [["(row) => ({ wind: row.wind })", "(row) => { wind: row.wind }"]],
    codes: invalid,
    at: "winds.columns",
    says: ["expected a function that gives an object: (row) => ({ … })"],
  },
  {
    name: "features that come later",
    edits: [["(row) => ({ wind: row.wind })", "async (row) => ({ wind: row.wind })"]],
    codes: invalid,
    at: "winds.columns",
    says: ["got an instance of Promise"],
  },
  {
    name: "no features",
    edits: [["({ wind: row.wind })", "({})"]],
    codes: invalid,
    at: "winds.columns",
    says: ['"columns" is empty'],
  },
  {
    name: "a label that is no function",
    edits: [["label: (row) => row.delay.gt(15)", 'label: "delay"']],
    codes: invalid,
    at: "late-training.label",
    says: ['got "delay"', "an expression of the row"],
  },
  {
    name: "a label that is a comparison of its own",
    edits: [["row.delay.gt(15)", "row.delay > 15"]],
    codes: invalid,
    at: "late-training.label",
    says: ["got false", "an expression of the row"],
  },
  {
    name: "a label that is text",
    edits: [["row.delay.gt(15)", "row.origin"]],
    codes: ["feature-leaks-label", "label-invalid"],
    at: "late-training.label",
    says: [`"label" is a text that may be anything, and a model answers with one of the classes that it knows`],
  },
  {
    name: "a label that does not say when it is known",
    edits: [["row.delay.gt(15)", "row.distance.gt(15)"]],
    codes: ["label-invalid"],
    at: "late-training.label",
    says: ['"label" reads "distance", which does not say when it is known'],
  },
];

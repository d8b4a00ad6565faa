/**
 * Numbers and units that mean nothing.
 * @module
 */
import type { Malformed } from "../malformed.ts";

const invalid = ["definition-invalid"] as const;

function numbered(name: string, edit: readonly [string, string], at: string, says: string): Malformed {
  return { name, edits: [edit], codes: invalid, at, says: [says] };
}

const tolerance = (name: string, value: string, says: string): Malformed =>
  numbered(name, ["tolerance: 0.01", `tolerance: ${value}`], "flights.contract.tolerance", says);
const seed = (name: string, value: string, says: string): Malformed =>
  numbered(name, ["seed: 7", `seed: ${value}`], "late-training.seed", says);

export const numbers: readonly Malformed[] = [
  tolerance("a tolerance of NaN", "0 / 0", '"tolerance" takes no such value (got NaN, expected a number)'),
  tolerance("an infinite tolerance", "1 / 0", "got Infinity, expected a number"),
  tolerance("a negative tolerance", "-0.1", '"tolerance" is out of range (got -0.1, expected at least 0)'),
  tolerance("a tolerance in percent", "5", "got 5, expected at most 1"),
  tolerance("a tolerance that is a text", '"0.01"', 'got "0.01", expected a number'),
  tolerance("a tolerance that is a BigInt", "1n", "got the BigInt 1n, expected a number"),
  seed("a seed that is a fraction", "0.5", "got 0.5, expected a whole number"),
  seed(
    "a seed beyond what a number holds exactly",
    "2 ** 60",
    "got 1152921504606847000, expected at most 9007199254740991",
  ),
  seed("a seed of NaN", "Number.NaN", "got NaN"),
  seed("a seed that is a date", "new Date(0)", "got an instance of Date"),
  seed("a seed that is a truth", "true", "got true, expected a number"),
  numbered("no processor", ["cpu: 2", "cpu: 0"], "late-training.resources.cpu", "got 0, expected more than 0"),
  numbered("negative processors", ["cpu: 2", "cpu: -2"], "late-training.resources.cpu", "got -2, expected more than 0"),
  numbered(
    "more processors than there are",
    ["cpu: 2", "cpu: 1e308"],
    "late-training.resources.cpu",
    "expected at most 10000",
  ),
  numbered(
    "an approval by none",
    ["count: 1", "count: 0"],
    "late-arrival.approval.count",
    "got 0, expected more than 0",
  ),
  numbered("half an approval", ["count: 1", "count: 1.5"], "late-arrival.approval.count", "expected a whole number"),
  numbered("a gate at NaN", ["atLeast(0.67)", "atLeast(Number.NaN)"], "late-arrival.gates[0].value", "got NaN"),
  numbered("a gate at nothing", ["atLeast(0.67)", "atLeast()"], "late-arrival.gates[0].value", '"value" is missing'),
  {
    name: "a gate beyond what its metric can be",
    edits: [["atLeast(0.67)", "atLeast(67)"]],
    codes: ["gate-out-of-range"],
    at: "late-arrival.gates[0]",
    says: ["got 67, expected a number from 0 to 1"],
  },
  numbered(
    "a negative margin",
    ["by: 0.005", "by: -0.005"],
    "late-arrival.gates[1].by",
    "got -0.005, expected at least 0",
  ),
  numbered(
    "a slice of less than a row",
    ["min: 500", "min: 0"],
    "late-arrival.gates[2].slice.min",
    "expected more than 0",
  ),
  {
    name: "a column whose bound is NaN",
    edits: [["z.int().min(0)", "z.int().min(Number.NaN)"]],
    codes: ["column-unsupported"],
    at: "flights.schema.distance",
    says: ["a bound of NaN"],
  },
  {
    name: "a parameter of NaN",
    edits: [["z.int().default(31)", "z.nan().default(Number.NaN)"]],
    codes: ["params-invalid"],
    at: "late-training.params.leaves",
    says: ["got NaN, expected a string, a finite number or a boolean"],
  },
  numbered(
    "a constant of NaN",
    ["row.date.hour()", "row.distance.add(Number.NaN)"],
    "routes.hour.right.value",
    "got NaN",
  ),
  numbered("a clip without bounds", ["row.date.hour()", "row.distance.clip()"], "routes.hour.low", '"low" is missing'),
  numbered(
    "a clip to infinity",
    ["row.date.hour()", "row.distance.clip(0, Infinity)"],
    "routes.hour.high",
    "got Infinity",
  ),
];

const duration = (name: string, value: string, says: string): Malformed =>
  numbered(name, ['test: "14 days"', `test: ${value}`], "late-training.split.test", says);
const form = 'a duration with its unit, such as "7 days"';

export const units: readonly Malformed[] = [
  duration("an unknown unit of time", '"14 fortnights"', form),
  duration("a unit of time in short", '"14d"', form),
  duration("a length of time without a unit", '"14"', form),
  duration("a length of time as a number", "14", "got 14"),
  duration("a negative length of time", '"-14 days"', form),
  duration("a length of time that is infinite", '"Infinity days"', form),
  duration("a length of time beyond all history", '"99999999999999999999 days"', "of at most 99999 days"),
  duration("a length of time with an exponent", '"1e9 days"', form),
  duration("a length of time in digits of another script", '"\\u0661\\u0664 days"', form),
  numbered(
    "an unknown unit of memory",
    ['memory: "4 GiB"', 'memory: "4 GB"'],
    "late-training.resources.memory",
    'such as "4 GiB"',
  ),
  numbered("memory without a unit", ['memory: "4 GiB"', "memory: 4"], "late-training.resources.memory", "got 4"),
  numbered(
    "memory beyond all machines",
    ['memory: "4 GiB"', 'memory: "9999 TiB"'],
    "late-training.resources.memory",
    "below 1000 TiB",
  ),
  numbered("a window of an unknown unit", ['over: "7 days"', 'over: "1 week"'], "routes.meanDelay.over", form),
  numbered("a lag that is a cron line", ['lag: "12 hours"', 'lag: "0 */12 * * *"'], "routes.meanDelay.lag", form),
  {
    name: "a column known after no length of time",
    edits: [['known: "6 hours"', 'known: "soon"']],
    codes: ["column-unsupported"],
    at: "flights.schema.delay",
    says: ['"known" of column "delay" is no duration (got "soon"'],
  },
  {
    name: "a column known after a BigInt",
    edits: [['known: "6 hours"', "known: 6n"]],
    codes: ["column-unsupported"],
    at: "flights.schema.delay",
    says: ["got the BigInt 6n"],
  },
  {
    name: "no test rows",
    edits: [['test: "14 days"', 'test: "0 days"']],
    codes: ["split-invalid"],
    at: "late-training.split.test",
    says: ['"test" holds no rows'],
  },
  {
    name: "a gap shorter than it takes to know the label",
    edits: [['test: "14 days"', 'test: "14 days", gap: "1 hour"']],
    codes: ["split-invalid"],
    at: "late-training.split.gap",
    says: ['"gap" is shorter than it takes until "delay"'],
  },
];

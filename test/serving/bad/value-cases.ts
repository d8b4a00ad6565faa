/**
 * Bodies of JSON whose tensors have values that are none of their datatypes: each datatype with each wrong value.
 * @module
 */
import { type BodyCase, sound, windOf } from "./bad-case.ts";

const integers = ["INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64"];
const floats = ["FP32", "FP64"];

/** What is no number, as it stands in the text, and what is said of it. */
const noNumbers: readonly (readonly [written: string, says: string])[] = [
  ['"1"', "has a string instead of a number at 0"],
  ['""', "has a string instead of a number at 0"],
  ['"NaN"', "has a string instead of a number at 0"],
  ["true", "has a boolean instead of a number at 0"],
  ["{}", "has an object instead of a number at 0"],
  ["[1]", "has a list instead of a number at 0"],
  ["[]", "has a list instead of a number at 0"],
];

/** What is no integer, or none that a double holds. */
const noIntegers: readonly (readonly [written: string, says: string])[] = [
  ["1.5", "has 1.5 instead of an integer at 0"],
  ["1e-3", "has 0.001 instead of an integer at 0"],
  ["1e400", "has Infinity instead of an integer at 0"],
  ["-1e400", "has -Infinity instead of an integer at 0"],
  // All of these are whole numbers to whoever reads them as doubles.
  ["0.99999999999999999", "has 0.99999999999999999 instead of an integer at 0"],
  ["1.00000000000000000001", "has 1.00000000000000000001 instead of an integer at 0"],
  ["1e-400", "has 1e-400 instead of an integer at 0"],
];

const bounds: Readonly<Record<string, readonly [below: string, above: string]>> = {
  INT8: ["-129", "128"],
  INT16: ["-32769", "32768"],
  INT32: ["-2147483649", "2147483648"],
  UINT8: ["-1", "256"],
  UINT16: ["-1", "65536"],
  UINT32: ["-1", "4294967296"],
  UINT64: ["-1", "36893488147419103232"],
  INT64: ["-18446744073709551616", "18446744073709551616"],
};

const values: readonly BodyCase[] = [...integers, ...floats].flatMap((datatype) => {
  const sibling = windOf(datatype, "1");
  const name = (written: string) => `with ${written} in a tensor of ${datatype}`;
  const outside = (bounds[datatype] ?? []).map(
    (written): BodyCase => ({
      name: name(written),
      body: windOf(datatype, written),
      says: `outside ${datatype},`,
      sibling,
    }),
  );
  const wrong = [...noNumbers, ...(integers.includes(datatype) ? noIntegers : [])].map(
    ([written, says]): BodyCase => ({ name: name(written), body: windOf(datatype, written), says, sibling }),
  );
  const mixed: BodyCase = {
    name: `with a number and a text in a tensor of ${datatype}`,
    body: windOf(datatype, "1", '"a"')
      .replaceAll("[1]", "[2]")
      .replace("[false]", "[false,true]")
      .replace('["south"]', '["south","north"]'),
    says: "has a string instead of a number at 1",
    sibling: windOf(datatype, "1", "2")
      .replaceAll("[1]", "[2]")
      .replace("[false]", "[false,true]")
      .replace('["south"]', '["south","north"]'),
  };
  return [...wrong, ...outside, mixed];
});

const lossy: readonly BodyCase[] = [
  ["INT64", "9007199254740992"],
  ["INT64", "9007199254740993"],
  ["INT64", "-9007199254740993"],
  ["INT64", "9223372036854775807"],
  ["INT64", "9.007199254740993e15"],
  ["UINT64", "9007199254740993"],
  ["UINT64", "18446744073709551615"],
].map(([datatype = "", written = ""]) => ({
  name: `with ${written} in a tensor of ${datatype}, of which a double holds another`,
  body: windOf(datatype, written),
  says: "has an integer beyond 2^53 - 1 at 0",
  sibling: windOf(datatype, "1"),
}));

const fractions: readonly BodyCase[] = ["INT64", "UINT64"].map((datatype) => ({
  name: `with 4503599627370497.5 in a tensor of ${datatype}`,
  body: windOf(datatype, "4503599627370497.5"),
  says: "has 4503599627370497.5 instead of an integer at 0",
  sibling: windOf(datatype, "4503599627370497"),
}));

const vastNumbers: readonly BodyCase[] = ["1e400", "-1e400", "1e39", "-3.5e38", "9".repeat(400)].flatMap((written) =>
  floats.map((datatype) => ({
    name: `with ${written.slice(0, 12)} in a tensor of ${datatype}`,
    body: windOf(datatype, written),
    says: "has a number outside the range of FP32 at 0",
    sibling: windOf(datatype, "1"),
  })),
);

/** The sound body with the values of a tensor written in another way. */
function swap(from: string, written: string): string {
  return sound.replace(from, () => written);
}

const truths: readonly BodyCase[] = [
  ["0", "a number"],
  ["1", "a number"],
  ["0.5", "a number"],
  ['"true"', "a string"],
  ['"false"', "a string"],
  ['""', "a string"],
  ["{}", "an object"],
  ["[]", "a list"],
  ["[true]", "a list"],
].map(([written = "", is = ""]) => ({
  name: `with ${written} for a truth`,
  body: swap("[false]", `[${written}]`),
  says: `input "rain" has ${is} instead of a boolean at 0`,
}));

const texts: readonly BodyCase[] = [
  ["1", "has a number instead of a string"],
  ["1.5", "has a number instead of a string"],
  ["true", "has a boolean instead of a string"],
  ["{}", "has an object instead of a string"],
  ["[]", "has a list instead of a string"],
  ['["south"]', "has a list instead of a string"],
  ['"\\ud800"', "has a string with half a character"],
  ['"\\udc00\\ud800"', "has a string with half a character"],
  ['"a\\udfff"', "has a string with half a character"],
].map(([written = "", says = ""]) => ({
  name: `with ${written} for a text`,
  body: swap('["south"]', `[${written}]`),
  says: `input "region" ${says} at 0`,
}));

/** Each is refused with which value it is. */
export const valueCases: readonly BodyCase[] = [...values, ...lossy, ...fractions, ...vastNumbers, ...truths, ...texts];

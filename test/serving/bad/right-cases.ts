/**
 * Bodies that look odd and are sound: what they are answered is known.
 * @module
 */
import { sound, windOf, withWind } from "./bad-case.ts";

export interface RightCase {
  readonly name: string;
  readonly body: string | Buffer;
  /** The score of which the answer is the sigmoid: twice the wind, one for rain, and a half for the south. */
  readonly score: number;
}

/** A body of a wind as it is written, without rain, in the south. */
function wind(written: string, score: number, datatype = "FP64"): RightCase {
  return { name: `with ${written.slice(0, 30)} in a tensor of ${datatype}`, body: windOf(datatype, written), score };
}

export const rightCases: readonly RightCase[] = [
  wind("-0", 0.5),
  wind("0.0", 0.5),
  wind("1E0", 2.5),
  wind("10e-1", 2.5),
  wind("1e-400", 0.5),
  wind("0.99999999999999999", 2.5),
  wind(`0.${"0".repeat(5000)}1`, 0.5),
  wind(`1.${"0".repeat(5000)}`, 2.5),
  wind("1.0", 2.5, "INT64"),
  wind("10e-1", 2.5, "INT32"),
  wind("0.1e1", 2.5, "UINT64"),
  wind(`1.${"0".repeat(30)}`, 2.5, "INT64"),
  wind("-0", 0.5, "INT8"),
  wind("-0", 0.5, "UINT64"),
  wind("null", 0.5),
  wind("null", 0.5, "INT64"),
  wind("-128", -255.5, "INT8"),
  wind("127", 254.5, "INT8"),
  wind("255", 510.5, "UINT8"),
  { name: "behind a byte order mark", body: `\ufeff${sound}`, score: 2.5 },
  { name: "with space all over", body: ` \n${sound.replaceAll(/([{}[\],:])/g, " \t$1\r\n")} `, score: 2.5 },
  {
    name: "with members that nobody knows",
    body: sound.replace("{", '{"later":{"a":[1]},"__proto__":{"inputs":[]},'),
    score: 2.5,
  },
  { name: "with keys that are written with escapes", body: sound.replace('"data"', '"d\\u0061ta"'), score: 2.5 },
  { name: "with a text that is written with escapes", body: sound.replace("south", "\\u0073outh"), score: 2.5 },
  { name: "with a text that no row had", body: sound.replace("south", "\\ud83c\\udf0a"), score: 1.5 },
  { name: "with the text __proto__", body: sound.replace("south", "__proto__"), score: 1.5 },
  { name: "with brackets in a text", body: sound.replace("south", "[".repeat(100)), score: 1.5 },
  { name: "nested as its shape is", body: withWind({ shape: [1, 1], data: [[1]] }), score: 2.5 },
  { name: "flat where its shape has two dimensions", body: withWind({ shape: [1, 1] }), score: 2.5 },
  { name: "with an empty id", body: sound.replace("{", '{"id":"",'), score: 2.5 },
  { name: "with an id of 256 characters", body: sound.replace("{", `{"id":"${"a".repeat(256)}",`), score: 2.5 },
  { name: "with parameters", body: sound.replace("{", '{"parameters":{"a":1,"b":true,"c":"d"},'), score: 2.5 },
  {
    name: "with a fraction that a double loses in a parameter, and integers",
    body: windOf("INT64", "1").replace("{", '{"parameters":{"a":0.99999999999999999},'),
    score: 2.5,
  },
  { name: "with no outputs named", body: sound.replace("{", '{"outputs":[],'), score: 2.5 },
];

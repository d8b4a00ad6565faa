/**
 * Bodies of JSON in which something is wrong around the tensors: ids, parameters, outputs, and documents that are no request.
 * @module
 */
import { type BodyCase, sound } from "./bad-case.ts";

/** The sound body with a member more, or another one. */
function withMember(member: string): string {
  return sound.replace("{", () => `{${member},`);
}

/** Each is refused with which member it is. */
export const memberCases: readonly BodyCase[] = [
  ...["null", "1", "true", "{}", "[]"].map((written) => ({
    name: `with the id ${written}`,
    body: withMember(`"id":${written}`),
    says: "id: ",
  })),
  {
    name: "with an id of 257 characters",
    body: withMember(`"id":"${"a".repeat(257)}"`),
    says: "id: it has more than 256",
  },
  { name: "with half a character in its id", body: withMember('"id":"\\ud83d"'), says: "id: it has half a character" },
  ...["null", "1", '"a"', "[]", "true", '{"a":null}', '{"a":[]}', '{"a":{}}'].map((written) => ({
    name: `with the parameters ${written}`,
    body: withMember(`"parameters":${written}`),
    says: "parameters",
  })),
  {
    name: "with 2,000 parameters",
    body: withMember(
      `"parameters":${JSON.stringify(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [i, []])))}`,
    ),
    says: "parameters has 2000 members",
  },
  ...["null", "1", '"a"', "{}", "true"].map((written) => ({
    name: `with the outputs ${written}`,
    body: withMember(`"outputs":${written}`),
    says: "outputs: ",
  })),
  ...["null", "1", '"probability"', "[]", "{}", '{"name":null}', '{"name":1}'].map((written) => ({
    name: `with ${written} for an output`,
    body: withMember(`"outputs":[${written}]`),
    says: "outputs[0]",
  })),
  ...["score", "Probability", "__proto__", "", "constructor"].map((output) => ({
    name: `with the output ${JSON.stringify(output)}`,
    body: withMember(`"outputs":[{"name":"${output}"}]`),
    says: `there is no output "${output}", only "probability", "label"`,
  })),
  {
    name: "with an output twice",
    body: withMember('"outputs":[{"name":"label"},{"name":"label"}]'),
    says: 'output "label" is asked for twice',
  },
  {
    name: "with a million outputs that are none",
    body: withMember(`"outputs":[${new Array(1e6).fill("1").join(",")}]`),
    says: "outputs has 1000000 members",
  },
  {
    name: "with classification asked for",
    body: withMember('"outputs":[{"name":"label","parameters":{"classification":2}}]'),
    says: 'the parameter "classification" is not supported',
  },
  ...["null", "1", '"a"', "true", "[]"].map((document) => ({
    name: `of ${document} alone`,
    body: document,
    says: "the request: ",
  })),
  { name: "of an object of nothing", body: "{}", says: "inputs: " },
  ...["null", "1", '"a"', "true", "{}"].map((written) => ({
    name: `with the inputs ${written}`,
    body: `{"inputs":${written}}`,
    says: "inputs: ",
  })),
];

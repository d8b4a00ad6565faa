/**
 * Environments and what they change.
 * @module
 */
import type { Malformed } from "../malformed.ts";

const at = "flights.environments.local";
const patches = 'override: [patch(flights, { source: csv("sample.csv") })]';

function patched(name: string, override: string, rest: Pick<Malformed, "codes" | "says" | "at">): Malformed {
  return { name, edits: [[patches, `override: ${override}`]], line: "export default project(", ...rest };
}

export const environments: readonly Malformed[] = [
  {
    name: "an environment that is not declared",
    edits: [["    local: {", "    staging: {"]],
    codes: ["environment-unknown"],
    at: "flights.environments",
    says: ['the project declares no environment "local"', "expected staging, production"],
  },
  {
    name: "no environments",
    edits: [[`local: { approval: "waived", ${patches} },\n    production: {},`, ""]],
    codes: ["environment-unknown"],
    says: ['the project declares no environment "local"'],
  },
  {
    name: "environments that are a list",
    edits: [[`{\n    local: { approval: "waived", ${patches} },\n    production: {},\n  }`, '["local"]']],
    codes: ["definition-invalid", "environment-unknown"],
    at: "flights.environments",
    says: ['"environments" takes no such value (got a list of 1, expected an object)'],
  },
  {
    name: "an environment that is a text",
    edits: [["production: {}", 'production: "like local"']],
    codes: ["definition-invalid"],
    at: "flights.environments.production",
    says: [
      'environment "production" takes no such value (got "like local", expected { approval, code, log, override })',
    ],
  },
  {
    name: "an option that an environment has not",
    edits: [["production: {}", "production: { overrides: [] }"]],
    codes: ["option-unknown"],
    at: "flights.environments.production.overrides",
    says: ['environment "production" has no option "overrides"', 'did you mean "override"?'],
  },
  {
    name: "an approval of an environment by nobody",
    edits: [["production: {}", "production: { approval: { from: [] } }"]],
    codes: ["definition-invalid"],
    at: "flights.environments.production.approval.from",
    says: ['"from" is empty'],
  },
  patched("a patch that is no list", "patch(flights, {})", {
    codes: ["definition-invalid"],
    at: `${at}.override`,
    says: ["expected a list"],
  }),
  patched("a patch that nobody made", '[{ flights: { owner: "x" } }]', {
    codes: ["definition-invalid"],
    at: `${at}.override[0]`,
    says: ["expected patch(definition, { … })"],
  }),
  patched("a patch of a name", '[patch("flights", {})]', {
    codes: ["patch-invalid"],
    at: `${at}.override[0]`,
    says: ['the patch is of no definition (got "flights"'],
  }),
  patched("a patch of nothing", "[patch()]", {
    codes: ["patch-invalid"],
    says: ["the patch is of no definition"],
  }),
  patched("a patch of what may not differ", '[patch(flights, { owner: "others", schema: z.object({}) })]', {
    codes: ["patch-invalid"],
    at: `${at}.override[0].owner`,
    says: [
      'environments may not differ in "owner" of dataset "flights" (expected source, schedule, contract, retention)',
    ],
  }),
  patched("a patch of features", "[patch(routes, { columns: [] })]", {
    codes: ["patch-invalid"],
    at: `${at}.override[0].columns`,
    says: ["expected nothing of this kind"],
  }),
  patched("a patch to what cannot be", "[patch(training, { resources: { cpu: -1 } })]", {
    codes: ["definition-invalid"],
    at: `${at}.override[0].resources.cpu`,
    says: ["got -1, expected more than 0"],
  }),
  patched("a patch of what is not listed", "[patch({ ...flights }, { contract: { violations: 'reject' } })]", {
    codes: ["patch-invalid"],
    at: `${at}.override[0]`,
    says: ['the patch is of dataset "flights", which the project does not list'],
  }),
  {
    name: "a patch of an environment that is not deployed now",
    edits: [["production: {}", "production: { override: [patch(lateArrival, { model: late })] }"]],
    codes: ["patch-invalid"],
    at: "flights.environments.production.override[0].model",
    says: ['environments may not differ in "model" of endpoint "late-arrival"'],
  },
];

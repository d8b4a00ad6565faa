/**
 * Options that are missing or unknown.
 * @module
 */
import type { Malformed } from "../malformed.ts";

const invalid = ["definition-invalid"] as const;
const unknown = ["option-unknown"] as const;
const atFlights = "export const flights = dataset(";
const atTraining = "export const training = trainingJob(";
const atModel = "export const late = model(";

/** The options of a noun, as they stand in the right project. */
const endpointOptions = `{
  model: late,
  rollout: allAtOnce(),
  log: { requests: "all", durability: "disk" },
}`;

export const missingOptions: readonly Malformed[] = [
  {
    name: "a dataset without options",
    before: 'const bare = dataset("bare");\n',
    edits: [["definitions: [flights,", "definitions: [bare, flights,"]],
    codes: invalid,
    at: "bare",
    line: "const bare = dataset(",
    says: ['dataset "bare" is given no options', "got nothing", "expected { owner,"],
  },
  {
    name: "an endpoint whose options are null",
    edits: [[endpointOptions, "null"]],
    codes: invalid,
    at: "late-arrival",
    says: ['endpoint "late-arrival" is given no options'],
  },
  {
    name: "an endpoint whose options are a text",
    edits: [[endpointOptions, '"late"']],
    codes: invalid,
    at: "late-arrival",
    says: ['is given no options (got "late", expected { model, rollout, processes, shadow, log, online'],
  },
  {
    name: "an endpoint whose options are its model",
    edits: [[endpointOptions, "[late]"]],
    codes: invalid,
    says: ["is given no options (got a list of 1"],
  },
  {
    name: "a project without options",
    source: 'import { project } from "steward";\nexport default project("flights");\n',
    codes: invalid,
    at: "flights",
    says: ['project "flights" is given no options', "definitions, environments"],
  },
  {
    name: "a dataset without an owner",
    edits: [['  owner: "ops-data",\n  license', "  license"]],
    codes: invalid,
    at: "flights.owner",
    line: atFlights,
    says: ['"owner" is missing (expected a text) — add it'],
  },
  {
    name: "an owner that is left undefined",
    edits: [['owner: "ops-data",\n  license', "owner: globalThis.nobody,\n  license"]],
    codes: invalid,
    at: "flights.owner",
    says: ['"owner" is missing'],
  },
  {
    name: "several problems at once",
    edits: [
      ['  owner: "ops-data",\n  license', "  license"],
      ["seed: 7", "seed: 0.5"],
      ["auc.atLeast(0.67)", "auc.atLeast(6.7)"],
      ['risk: "limited"', 'risk: "medium"'],
    ],
    codes: invalid,
    at: "late-arrival.risk",
    says: [
      '"owner" is missing',
      '"seed" takes no such value (got 0.5, expected a whole number)',
      '"risk" takes no such value',
    ],
  },
  {
    name: "a training job without a split",
    edits: [['  split: { validation: "7 days", test: "14 days" },\n', ""]],
    codes: invalid,
    at: "late-training.split",
    line: atTraining,
    says: ['"split" is missing'],
  },
  {
    name: "a split without test rows",
    edits: [[', test: "14 days"', ""]],
    codes: invalid,
    at: "late-training.split.test",
    says: ['"test" is missing', "a duration with its unit"],
  },
  {
    name: "a trainer without a lock",
    edits: [['python("train.py", { lock: "requirements.lock" })', 'python("train.py")']],
    codes: invalid,
    at: "late-training.trainer",
    says: ['"trainer" is given no options', "lock"],
  },
  {
    name: "a model without gates",
    edits: [["gates: [", "gate: ["]],
    codes: ["definition-invalid", "option-unknown"],
    at: "late-arrival.gates",
    line: atModel,
    says: ['"gates" is missing (expected a list)', 'did you mean "gates"?'],
  },
  {
    name: "a model of high risk without what that obliges to",
    edits: [['risk: "limited"', 'risk: "high"']],
    codes: invalid,
    at: "late-arrival.retention",
    says: ['"retention" is missing', '"oversight" is missing', '"intendedUse" is missing'],
  },
  {
    name: "a model of high risk that asks nobody",
    edits: [
      ['risk: "limited"', 'risk: "high", retention: "3650 days", oversight: "a person", intendedUse: "planning"'],
      ['  approval: { from: ["ops-lead"], count: 1, notBy: "author" },\n', ""],
    ],
    codes: invalid,
    at: "late-arrival.approval",
    says: ['"approval" is missing'],
  },
];

export const unknownOptions: readonly Malformed[] = [
  {
    name: "a misspelt option of a dataset",
    edits: [["license:", "licence:"]],
    codes: unknown,
    at: "flights.licence",
    line: atFlights,
    says: ['dataset "flights" has no option "licence"', 'did you mean "license"?'],
  },
  {
    name: "a misspelt option in a contract",
    edits: [["tolerance: 0.01", "tolerence: 0.01"]],
    codes: unknown,
    at: "flights.contract.tolerence",
    says: ['"contract" has no option "tolerence" (expected violations, tolerance, ', 'did you mean "tolerance"?'],
  },
  {
    name: "an option of another noun",
    edits: [["seed: 7", 'seed: 7, owner: "ops"']],
    codes: unknown,
    at: "late-training.owner",
    says: ['training-job "late-training" has no option "owner"', "leave it out"],
  },
  {
    name: "a misspelt part of a split",
    edits: [['validation: "7 days"', 'validate: "7 days"']],
    codes: unknown,
    at: "late-training.split.validate",
    says: ['"split" has no option "validate" (expected test, validation, gap)'],
  },
  {
    name: "a misspelt resource",
    edits: [["memory:", "memroy:"]],
    codes: unknown,
    at: "late-training.resources.memroy",
    says: ['did you mean "memory"?'],
  },
  {
    name: "an option that a trainer has not",
    edits: [['{ lock: "requirements.lock" }', '{ lock: "requirements.lock", gpu: true }']],
    codes: unknown,
    at: "late-training.trainer.gpu",
    says: ['"trainer" has no option "gpu"'],
  },
  {
    name: "an obligation at a risk that has none",
    edits: [['risk: "limited"', 'risk: "limited", oversight: "a person"']],
    codes: unknown,
    at: "late-arrival.oversight",
    says: ['model "late-arrival" has no option "oversight"'],
  },
  {
    name: "a misspelt option of an approval",
    edits: [["notBy:", "notby:"]],
    codes: unknown,
    at: "late-arrival.approval.notby",
    says: ['"approval" has no option "notby"', 'did you mean "notBy"?'],
  },
  {
    name: "an option that a log has not",
    edits: [['durability: "disk"', 'durability: "disk", sample: 0.1']],
    codes: unknown,
    at: "late-arrival.log.sample",
    says: ['"log" has no option "sample"'],
  },
  {
    name: "an option that a project has not",
    edits: [["  environments: {", '  owner: "ops",\n  environments: {']],
    codes: unknown,
    at: "flights.owner",
    line: "export default project(",
    says: ['project "flights" has no option "owner" (expected definitions, environments)'],
  },
  {
    name: "another name among the options",
    edits: [["license:", 'name: "planes",\n  license:']],
    codes: unknown,
    at: "flights.name",
    says: ['dataset "flights" has no option "name"'],
  },
  {
    name: "another kind among the options",
    edits: [["license:", 'kind: "model",\n  license:']],
    codes: unknown,
    at: "flights.kind",
    says: ['dataset "flights" has no option "kind"'],
  },
  {
    name: "an option under a symbol",
    edits: [["license:", '[Symbol("licence")]: "CC0-1.0",\n  license:']],
    codes: unknown,
    says: ['has no option "Symbol(licence)"'],
  },
  {
    name: "a misspelt option of a window",
    edits: [['lag: "12 hours"', 'lagg: "12 hours"']],
    codes: unknown,
    at: "routes.meanDelay.lagg",
    says: ['"meanDelay" has no option "lagg"', 'did you mean "lag"?'],
  },
  {
    name: "an option that a slice has not",
    edits: [["{ min: 500 }", "{ min: 500, max: 900 }"]],
    codes: unknown,
    at: "late-arrival.gates[2].slice.max",
    says: ['"slice" has no option "max"'],
  },
  {
    name: "an option that a margin has not",
    edits: [["{ by: 0.005 }", "{ by: 0.005, percent: true }"]],
    codes: unknown,
    at: "late-arrival.gates[1].percent",
    says: ['"gates[1]" has no option "percent"'],
  },
];

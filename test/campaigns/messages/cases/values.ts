/**
 * Values of another kind, or out of what they may be.
 * @module
 */
import type { Malformed } from "../malformed.ts";

const invalid = ["definition-invalid"] as const;

export const wrongValues: readonly Malformed[] = [
  {
    name: "an owner that is a number",
    edits: [['owner: "ops-data",\n  license', "owner: 42,\n  license"]],
    codes: invalid,
    at: "flights.owner",
    says: ['"owner" takes no such value (got 42, expected a text)'],
  },
  {
    name: "an owner that is empty",
    edits: [['owner: "ops-data",\n  license', 'owner: "",\n  license']],
    codes: invalid,
    at: "flights.owner",
    says: ['"owner" is empty (got "", expected a text)'],
  },
  {
    name: "an owner that is a list",
    edits: [['owner: "ops-data",\n  license', 'owner: ["ops", "data"],\n  license']],
    codes: invalid,
    says: ["got a list of 2, expected a text"],
  },
  {
    name: "a source that is a path",
    edits: [['parquet("flights.parquet")', '"flights.parquet"']],
    codes: invalid,
    at: "flights.source",
    says: ['got "flights.parquet", expected parquet(…), arrow(…), csv(…), json(…), postgres(…), push() or derived(…)'],
  },
  {
    name: "a source without a path",
    edits: [['parquet("flights.parquet")', "parquet()"]],
    codes: invalid,
    at: "flights.source.path",
    says: ['"path" is missing'],
  },
  {
    name: "a source that is an address",
    edits: [['parquet("flights.parquet")', 'parquet("https://example.org/flights.parquet")']],
    codes: invalid,
    at: "flights.source.path",
    says: ["expected a path relative to the project file, no address"],
  },
  {
    name: "an input without a name",
    edits: [['parquet("flights.parquet")', 'parquet(input(""))']],
    codes: invalid,
    at: "flights.source.path",
    says: ['"path" takes no such value (got "input:"'],
  },
  {
    name: "a schema that is a plain object",
    edits: [["schema: Flight", 'schema: { date: "date" }']],
    codes: invalid,
    at: "flights.schema",
    says: ["expected z.object({ … }) of the zod that Steward uses"],
  },
  {
    name: "a schema that is a list of objects",
    edits: [["schema: Flight", "schema: z.array(Flight)"]],
    codes: invalid,
    at: "flights.schema",
    says: ["got a zod schema"],
  },
  {
    name: "a column that is no schema",
    edits: [['distance: z.int().min(0).meta({ unit: "miles" })', 'distance: "integer"']],
    codes: ["column-unsupported"],
    at: "flights.schema.distance",
    says: ['column "distance" is no schema of the zod that Steward uses (got "integer"'],
  },
  {
    name: "an unknown way with violations",
    edits: [['violations: "quarantine"', 'violations: "quarantin"']],
    codes: invalid,
    at: "flights.contract.violations",
    says: ['expected "reject", "quarantine", "accept"', 'did you mean "quarantine"?'],
  },
  {
    name: "an unknown level of risk",
    edits: [['risk: "limited"', 'risk: "Limited"']],
    codes: invalid,
    at: "late-arrival.risk",
    says: ['did you mean "limited"?'],
  },
  {
    name: "a key that is one column and no list",
    edits: [['key: ["airport"]', 'key: "airport"']],
    codes: invalid,
    at: "weather.key",
    says: ['got "airport", expected a list'],
  },
  {
    name: "a key that names a column twice",
    edits: [['key: ["airport"]', 'key: ["airport", "airport"]']],
    codes: invalid,
    at: "weather.key",
    says: ["expected columns that differ"],
  },
  {
    name: "an approval by nobody in particular",
    edits: [['approval: { from: ["ops-lead"], count: 1, notBy: "author" }', 'approval: "ops-lead"']],
    codes: invalid,
    at: "late-arrival.approval",
    says: ['got "ops-lead"', '"waived"'],
  },
  {
    name: "an approval that names one person and no list",
    edits: [['from: ["ops-lead"]', 'from: "ops-lead"']],
    codes: invalid,
    at: "late-arrival.approval.from",
    says: ['"from" takes no such value (got "ops-lead", expected a list)'],
  },
  {
    name: "an approval that names somebody twice",
    edits: [['from: ["ops-lead"]', 'from: ["ops-lead", "ops-lead"]']],
    codes: invalid,
    at: "late-arrival.approval.from",
    says: ["expected people or roles that differ"],
  },
  {
    name: "a parameter without a default",
    edits: [["z.int().default(31)", "z.int()"]],
    codes: ["params-invalid"],
    at: "late-training.params.leaves",
    says: ['parameter "leaves" has no default', "add .default(…)"],
  },
  {
    name: "a default that its own schema refuses",
    edits: [["z.int().default(31)", "z.int().max(10).default(31)"]],
    codes: ["params-invalid"],
    at: "late-training.params.leaves",
    says: ["has a default that its schema refuses (got 31)"],
  },
  {
    name: "parameters that are plain values",
    edits: [["z.object({ leaves: z.int().default(31) })", "{ leaves: 31 }"]],
    codes: invalid,
    at: "late-training.params",
    says: ['got an object with "leaves"'],
  },
  {
    name: "an unknown durability",
    edits: [['durability: "disk"', 'durability: "memroy"']],
    codes: invalid,
    at: "late-arrival.log.durability",
    says: ['did you mean "memory"?'],
  },
  {
    name: "a rollout that is a text",
    edits: [["rollout: allAtOnce()", 'rollout: "allAtOnce"']],
    codes: invalid,
    at: "late-arrival.rollout",
    says: ["expected allAtOnce()"],
  },
];

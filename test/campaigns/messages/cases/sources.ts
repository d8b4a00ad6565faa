/**
 * Sources elsewhere, datasets that are derived, and what is fitted: wrong in what only they have.
 * @module
 */
import type { Malformed } from "../malformed.ts";

const invalid = ["definition-invalid"] as const;

/** The right project, with another source of its flights and what that takes. */
function withSource(source: string, names: string): NonNullable<Malformed["edits"]> {
  return [
    ["trainingJob,\n}", `trainingJob, ${names},\n}`],
    ['parquet("flights.parquet")', source],
  ];
}

export const wrongSources: readonly Malformed[] = [
  {
    name: "a bucket without its address",
    edits: withSource('parquet(s3("lake/flights.parquet"))', "s3"),
    codes: invalid,
    at: "flights.source.bucket",
    says: ["expected s3://<bucket>/<key>"],
  },
  {
    name: "a password in an address",
    edits: withSource('parquet(http("https://reader:hunter2abc@example.org/flights.parquet"))', "http"),
    codes: ["definition-invalid", "secret-inlined"],
    says: ["https://reader:***@example.org/flights.parquet"],
    hides: "hunter2abc",
  },
  {
    name: "a database whose address is written down",
    edits: withSource('postgres({ url: "postgres://example.org/flights", query: "SELECT 1" })', "postgres"),
    codes: invalid,
    at: "flights.source.url",
    says: ["expected input(…)"],
  },
  {
    name: "a schedule of seconds",
    edits: [
      ["trainingJob,\n}", "trainingJob, every,\n}"],
      ['source: parquet("flights.parquet")', 'source: parquet("flights.parquet"), schedule: every("5 seconds")'],
    ],
    codes: invalid,
    at: "flights.schedule.every",
    says: ['got "5 seconds", expected "1 minute" or more'],
  },
  {
    name: "a derivation that lacks a column of the schema",
    edits: [
      ["trainingJob,\n}", "trainingJob, derived,\n}"],
      [
        'source: csv("weather.csv")',
        "source: derived(flights, (rows) => rows.derive((row) => ({ time: row.date, airport: row.origin })))",
      ],
    ],
    codes: ["source-columns-missing"],
    at: "weather.schema.wind",
    says: ['no step gives the column "wind" of the schema'],
  },
];

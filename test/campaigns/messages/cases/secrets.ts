/**
 * Secrets that stand in a definition. None of them opens anything.
 * @module
 */
import type { Malformed } from "../malformed.ts";

const codes = ["secret-inlined"] as const;

/** In pieces, so that no scanner takes this file for one that leaks. */
const join = (...parts: readonly string[]): string => parts.join("");
const canary = "zN8wQ2kL5vR9tY3xB7mD";

function described(name: string, secret: string, kind: string): Malformed {
  return {
    name,
    edits: [["where it leaves", `where it leaves; use ${secret}`]],
    codes,
    at: "flights.schema.origin.description",
    line: "export const flights = dataset(",
    says: [`the text holds what looks like ${kind}`],
    hides: secret,
  };
}

export const secrets: readonly Malformed[] = [
  {
    name: "a password in a source's address",
    edits: [['parquet("flights.parquet")', `parquet("s3://ops:${canary}@store/flights.parquet")`]],
    codes: ["definition-invalid", "secret-inlined"],
    at: "flights.source.path",
    says: ["s3://ops:***@store/flights.parquet"],
    hides: canary,
  },
  {
    name: "a signature in a source's path",
    edits: [['parquet("flights.parquet")', `parquet("flights.parquet?X-Amz-Signature=${canary}")`]],
    codes,
    at: "flights.source.path",
    says: ["a credential in an address"],
    hides: canary,
  },
  {
    name: "a password in the owner's address",
    edits: [['owner: "ops-ml"', `owner: "https://ops:${canary}@example.org"`]],
    codes,
    at: "late-arrival.owner",
    says: ["a password in an address"],
    hides: canary,
  },
  described("an AWS access key", join("AKIA", "QYLPMN5HFIQR7XYA"), "an AWS access key"),
  described("a private key", join("-----BEGIN RSA ", "PRIVATE KEY----- MIIEowIBAAKCAQEA"), "a private key"),
  described("a GitHub token", join("ghp", "_", canary, canary), "a GitHub token"),
  described("a GitLab token", join("glpat", "-", canary), "a GitLab token"),
  described("a Slack token", join("xoxb", "-1234567890-", canary), "a Slack token"),
  described("a Hugging Face token", join("hf", "_", canary, canary), "a Hugging Face token"),
  described("a package registry's token", join("npm", "_", canary, canary), "a package registry's token"),
  described("a Google API key", join("AIza", canary, canary.slice(0, 15)), "a Google API key"),
  described("a Stripe key", join("sk", "_live_", canary), "a Stripe key"),
  described("an API key", join("sk", "-", canary, canary), "an API key"),
  described("a signed token", join("eyJ", "hbGciOiJI.", "eyJ", "zdWIiOiIx.", canary), "a signed token"),
  {
    name: "a parameter that is named like a password",
    edits: [
      ["leaves: z.int().default(31)", `leaves: z.int().default(31), dbPassword: z.string().default("${canary}")`],
    ],
    codes,
    at: "late-training.params.dbPassword",
    says: ['the parameter "dbPassword" is named like a secret'],
    hides: canary,
  },
  {
    name: "a token in a parameter",
    edits: [["leaves: z.int().default(31)", `hub: z.string().default("${join("hf", "_", canary, canary)}")`]],
    codes,
    at: "late-training.params.hub",
    says: ["a Hugging Face token"],
    hides: canary,
  },
  {
    name: "a token in a constant of an expression",
    edits: [["row.origin.category()", `row.origin.eq("${join("ghp", "_", canary, canary)}")`]],
    codes,
    at: "routes.origin.right.value",
    says: ["a GitHub token"],
    hides: canary,
  },
  {
    name: "a token in a patch of another environment",
    edits: [
      [
        "production: {}",
        `production: { override: [patch(flights, { source: csv("${join("ghp", "_", canary, canary)}") })] }`,
      ],
    ],
    codes,
    says: ["a GitHub token"],
    hides: canary,
  },
  {
    name: "a token where a duration belongs",
    edits: [['test: "14 days"', `test: "${join("ghp", "_", canary, canary)}"`]],
    codes: ["definition-invalid", "secret-inlined"],
    at: "late-training.split.test",
    says: ['got "***"'],
    hides: canary,
  },
  {
    name: "a token in an error that is thrown",
    before: `throw new Error("cannot reach https://ops:${canary}@example.org");\n`,
    codes: ["project-evaluation-failed"],
    says: ["https://ops:***@example.org"],
    hides: canary,
  },
];

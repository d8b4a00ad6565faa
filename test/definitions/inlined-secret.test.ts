import { describe, expect, it } from "vitest";
import { findSecret, isSecretName, maskProblem, maskSecrets } from "../../framework/definitions/inlined-secret.ts";

/** In pieces, so that no scanner takes this file for one that leaks. None of them opens anything. */
const join = (...parts: readonly string[]): string => parts.join("");
const canary = "zN8wQ2kL5vR9tY3xB7mD";

describe("a secret in a text", () => {
  it.each([
    [`s3://ops:${canary}@store/flights`, "a password in an address", "s3://ops:***@store/flights"],
    [`mysql://ops:p@${canary}@db`, "a password in an address", "mysql://ops:***@db"],
    [`postgres://:${canary}@db`, "a password in an address", "postgres://:***@db"],
    [join("AKIA", "QYLPMN5HFIQR7XYA"), "an AWS access key", "***"],
    [join("-----BEGIN ", "PRIVATE KEY-----\nMIIE"), "a private key", join("-----BEGIN ", "PRIVATE KEY-----", "***")],
    [join("a gho", "_", canary), "a GitHub token", "a ***"],
    [join("glpat", "-", canary), "a GitLab token", "***"],
    [join("xoxp", "-", canary), "a Slack token", "***"],
    [join("hf", "_", canary), "a Hugging Face token", "***"],
    [join("pypi", "-", canary, canary), "a package registry's token", "***"],
    [join("AIza", canary, canary.slice(0, 15)), "a Google API key", "***"],
    [join("rk", "_test_", canary), "a Stripe key", "***"],
    [join("sk", "-ant-", canary), "an API key", "***"],
    [join("pul", "-", "0a".repeat(20)), "a Pulumi token", "***"],
    [join("eyJ", "hbGciOiJI.eyJ", "zdWIiOiIx.", canary), "a signed token", "***"],
    [`a.csv?x=1&sig=${canary}#top`, "a credential in an address", "a.csv?x=1&sig=***#top"],
  ])("is found and hidden: %s", (text, kind, masked) => {
    expect([findSecret(text), maskSecrets(text)]).toEqual([kind, masked]);
  });

  it.each([
    "flights.parquet",
    "npm:vega-datasets/data/flights-3m.parquet",
    "https://example.org/flights?year=2001",
    "ops-data@example.org",
    "task-force",
    "risk-of-a-long-hyphenated-word",
    "hf_data",
    "sk-ecommerce-recommendations-v2",
    "postgres://ops:***@db",
    "postgres://ops:<password>@db",
    "https://example.org:8080?owner=ops@example.org",
    "2001-06-30T23:05:00Z",
    "a".repeat(64),
    "🌦 Wetter",
    "",
  ])("is not seen in %s", (text) => {
    expect([findSecret(text), maskSecrets(text)]).toEqual([undefined, text]);
  });

  it("is hidden however often it occurs, and in every part of a problem", () => {
    const secret = join("ghp", "_", canary);
    const problem = {
      code: "internal",
      at: secret,
      what: `${secret} ${secret}`,
      got: secret,
      expected: secret,
      fix: secret,
    } as const;
    expect(JSON.stringify(maskProblem(problem))).not.toContain(canary);
  });

  it.each(["password", "dbPassword", "API_KEY", "apiKey", "aws_secret_access_key", "authToken", "secret"])(
    "is expected under the name %s",
    (name) => {
      expect(isSecretName(name)).toBe(true);
    },
  );

  it.each(["tokenizer", "key", "keys", "maxTokens", "leaves", "secretary", "passes"])(
    "is not expected under the name %s",
    (name) => {
      expect(isSecretName(name)).toBe(false);
    },
  );
});

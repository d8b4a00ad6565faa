/**
 * Inlined secrets: texts that look like a credential. A spec is stored, hashed and shown; a secret does not belong in it.
 * @module
 */

import type { Problem } from "./problem.ts";

interface SecretForm {
  readonly kind: string;
  /** Its quantifiers have bounds, so that no text takes long. What its group `before` takes stays readable. */
  readonly pattern: RegExp;
}

const forms: readonly SecretForm[] = [
  {
    kind: "a password in an address",
    // Neither a port before a query with an @ in it, nor what stands for a password.
    pattern:
      /(?<before>\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,200}:)(?!\d{1,5}[?#])(?!(?:\*+|\$\{\w+\}|<[\w -]+>)@)[^\s/]{1,500}(?=@)/gi,
  },
  { kind: "an AWS access key", pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g },
  {
    kind: "a private key",
    pattern: /(?<before>-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)[\s\S]*/g,
  },
  { kind: "a GitHub token", pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/g },
  { kind: "a GitLab token", pattern: /\bglpat-[\w-]{16,}/g },
  { kind: "a Slack token", pattern: /\bxox[abeoprs]-[\w-]{10,}/g },
  { kind: "a Hugging Face token", pattern: /\bhf_[A-Za-z0-9]{20,}/g },
  { kind: "a package registry's token", pattern: /\b(?:npm_[A-Za-z0-9]{30,}|pypi-[\w-]{30,})/g },
  { kind: "a Google API key", pattern: /\bAIza[\w-]{35}/g },
  { kind: "a Stripe key", pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  // A capital and a digit tell it from a name with hyphens.
  { kind: "an API key", pattern: /\bsk-(?=[\w-]{0,200}[A-Z])(?=[\w-]{0,200}\d)[\w-]{20,}/g },
  { kind: "a Pulumi token", pattern: /\bpul-[a-f0-9]{40}\b/g },
  { kind: "a signed token", pattern: /\beyJ[\w-]{8,500}\.eyJ[\w-]{8,5000}\.[\w-]{8,}/g },
  {
    kind: "a credential in an address",
    pattern: /(?<before>[?&](?:access_token|api[-_]?key|password|sig|x-amz-signature|x-goog-signature)=)[^&#\s]{6,}/gi,
  },
];

/** No form fits into less; most texts are names, which are not looked at any longer. */
const shortest = 7;

/** A problem that shows no secret. */
export function maskProblem(problem: Problem): Problem {
  const { what, got, expected, fix, at } = problem;
  return {
    ...problem,
    at: maskSecrets(at),
    what: maskSecrets(what),
    ...(got !== undefined && { got: maskSecrets(got) }),
    ...(expected !== undefined && { expected: maskSecrets(expected) }),
    ...(fix !== undefined && { fix: maskSecrets(fix) }),
  };
}

/** What kind of secret a text holds, such as `"an AWS access key"`; nothing for one that holds none. */
export function findSecret(text: string): string | undefined {
  if (text.length < shortest) return undefined;
  return forms.find(({ pattern }) => text.search(pattern) >= 0)?.kind;
}

/** The text with every secret in it replaced by `***`. */
export function maskSecrets(text: string): string {
  return forms.reduce(
    (shown, { pattern }) =>
      shown.replace(pattern, (...match: readonly unknown[]) => {
        const groups = match.at(-1);
        return `${typeof groups === "object" && groups !== null && "before" in groups ? groups.before : ""}***`;
      }),
    text,
  );
}

/** Whether a name says that its value is a secret: `password`, `apiKey`, `aws_secret_access_key`. */
export function isSecretName(name: string): boolean {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
  return /(?:^|[^a-z])(?:password|passwd|passphrase|secret|credential|credentials|(?:api|access|private|secret)_?key|(?:access|auth|api|bearer)_?token)(?:[^a-z]|$)/.test(
    words,
  );
}

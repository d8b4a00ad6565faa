/**
 * The texts in which inputs would show, and how they are taken out of what is said. Pure.
 * @module
 */

/** Shorter texts hide nothing, and blotting them out would spoil every line. */
const shortest = 4;

/** A word of a value is a secret by itself from this length on: `Bearer` in front of one is none. */
const shortestWord = 12;

/** The texts that must not be told of inputs: each as it is, its long words, and an address's password, as it is written and as it is meant. */
export function listSecretTexts(inputs: Readonly<Record<string, string>>): readonly string[] {
  const texts = Object.values(inputs).flatMap((value) => {
    const password = URL.parse(value)?.password ?? "";
    return [value, password, decode(password), ...value.split(/\s+/).filter((word) => word.length >= shortestWord)];
  });
  // The longest first: a text may be a part of another.
  return [...new Set(texts)].filter((text) => text.length >= shortest).sort((a, b) => b.length - a.length);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A text without the secrets in it. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);
}

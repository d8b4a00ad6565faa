import { expect, it } from "vitest";
import { listSecretTexts, redact } from "../../workflows/secret-texts.ts";

it.each<[string, string, string]>([
  ["a value", "canary-key", "refused with canary-key"],
  ["an address", "postgres://ann:p%40ss-word@host/db", "cannot reach postgres://ann:p%40ss-word@host/db"],
  ["the password of an address as it is written", "postgres://ann:p%40ss-word@host/db", "bad password p%40ss-word"],
  ["the password of an address as it is meant", "postgres://ann:p%40ss-word@host/db", "bad password p@ss-word"],
  ["a token behind its kind", "Bearer 0123456789abcdef", "token 0123456789abcdef is too old"],
])("%s is taken out of what is said", (_title, value, text) => {
  const secrets = listSecretTexts({ one: value, short: "us" });
  expect(redact(text, secrets)).toContain("[secret]");
  expect(redact(text, secrets)).not.toMatch(/canary-key|ss-word|0123456789abcdef/);
});

it("what hides nothing stays", () => {
  const secrets = listSecretTexts({ one: "Bearer 0123456789abcdef", region: "eu" });
  expect(redact("the Bearer of eu", secrets)).toBe("the Bearer of eu");
});

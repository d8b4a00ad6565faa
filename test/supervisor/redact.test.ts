import { expect, it } from "vitest";
import { redact } from "../../framework/supervisor/redact.ts";

it.each([
  { title: "a secret", secrets: { A: "hunter22" }, text: "key=hunter22;", shown: "key=***;" },
  { title: "the longer of two that overlap", secrets: { A: "hunter", B: "hunter22" }, text: "hunter22", shown: "***" },
  {
    title: "each line of a secret with several",
    secrets: { A: "BEGIN\nabcdef" },
    text: "x abcdef y",
    shown: "x *** y",
  },
  {
    title: "what a secret connection names as secret, and no address",
    secrets: { A: JSON.stringify({ store: { endpoint: "http://127.0.0.1:9000", secretKey: "hunter22" } }) },
    text: "http://127.0.0.1:9000 refuses hunter22",
    shown: "http://127.0.0.1:9000 refuses ***",
  },
  { title: "nothing more of one that only begins like JSON", secrets: { A: "{hunter" }, text: "{hunter", shown: "***" },
  { title: "no value too short to be one", secrets: { A: "1" }, text: "port 1", shown: "port 1" },
])("takes out $title", ({ secrets, text, shown }) => {
  expect(redact(text, { secrets })).toBe(shown);
});

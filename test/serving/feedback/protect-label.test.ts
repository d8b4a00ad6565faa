import { describe, expect, it } from "vitest";
import { createProtectLabel, hashLabel, openLabel } from "../../../framework/serving/feedback/protect-label.ts";
import { createProtect } from "../../../framework/serving/log/protect-record.ts";
import { SubjectKeys } from "../../../framework/serving/log/subject-keys.ts";

const key = Buffer.alloc(32, 7);
const keys = { find: async () => Buffer.alloc(32, 1), nameOf: () => "f".repeat(64) };

describe("a label that is encrypted", () => {
  const protect = createProtectLabel({ mode: "encrypt", key, keys });
  const seal = async (label: unknown) => String((await protect({ id: "a", label, subject: "c-1" }))["label"]);

  it("is as long as any other, and opens with the key of its person", async () => {
    const labels = [true, false, 0, -1234.5678e-300, "no", "malignant neoplasm of bronchus and lung", "Zürich"];
    const sealed = await Promise.all(labels.map(seal));
    expect(new Set(sealed.map((text) => Buffer.from(text, "base64").length)).size).toBe(1);
    expect(new Set(sealed.map((text) => text.replace(/[^=]/g, ""))).size).toBe(1);
    expect(sealed.map((text) => openLabel(text, Buffer.alloc(32, 1)))).toEqual(labels);
    expect(openLabel(sealed[0] ?? "", Buffer.alloc(32, 2))).toBeUndefined();
  });
});

it("a hashed label is nobody's column, also of a caller who writes into one what the label's hash is made of", async () => {
  const hide = createProtect({ pii: { request: { note: "hash" }, inputs: {} }, key });
  for (const label of [true, "sun"]) {
    const texts = [JSON.stringify(label), `label\n${JSON.stringify(label)}`, `\uFFFDlabel\n${JSON.stringify(label)}`];
    const hidden = (await hide({ id: "a", request: { note: texts } })) as {
      readonly request: { readonly note: unknown };
    };
    expect(hidden.request.note).not.toContain(hashLabel(label, key));
  }
});

it("the name of a person's key is nobody's column, also of a caller who writes into one what the name is made of", async () => {
  const hide = createProtect({ pii: { request: { note: "hash" }, inputs: {} }, key });
  const entries = { read: async () => undefined, write: async () => true, remove: async () => undefined };
  const name = new SubjectKeys({ entries, key }).nameOf("c-1");
  const texts = ["c-1", "subject\nc-1", "\uFFFDsubject\nc-1"];
  const hidden = (await hide({ id: "a", request: { note: texts } })) as {
    readonly request: { readonly note: unknown };
  };
  expect(hidden.request.note).not.toContain(name);
});

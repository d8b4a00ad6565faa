/**
 * Labels without what must not be in them: one that says something of a person is hashed, or encrypted with a key of theirs, before it
 * goes anywhere. Whoever joins labels to answers reveals them again, while the key is there.
 * @module
 */
import { createHmac } from "node:crypto";
import type { PiiSpec } from "../../definitions/pii.ts";
import type { Protect } from "../log/record-log.ts";
import { decryptValue, encryptValue, noText, type SubjectKeys } from "../log/subject-keys.ts";
import type { LabelItem } from "./label-item.ts";

type Mode = NonNullable<PiiSpec["label"]>;

export interface ProtectLabelOptions {
  readonly mode: Mode;
  /** What hashes are made with, 32 bytes. Secret. */
  readonly key: Uint8Array;
  /** Needed where labels are encrypted. */
  readonly keys?: Pick<SubjectKeys, "find" | "nameOf"> | undefined;
}

/** What encrypted labels are for: as something else they do not open. */
const boundTo = "feedback.label";

/**
 * Makes of labels what may be kept of them, with how it was done under `pii`. An encrypted one names its person's key, from which nobody
 * can tell whose it is. @throws Error for a label that is to be encrypted for nobody
 */
export function createProtectLabel({ mode, key, keys }: ProtectLabelOptions): Protect {
  const pii = { label: mode };
  if (mode === "hash")
    return (record) => {
      const { label } = record as unknown as Pick<LabelItem, "label">;
      return { ...record, label: hashLabel(label, key), pii };
    };
  if (!keys) throw new Error("labels are to be encrypted, and there is no store for the keys of persons");
  return async (record) => {
    const { label, subject } = record as unknown as Pick<LabelItem, "label" | "subject">;
    if (subject === undefined) throw new Error("a label is to be encrypted, and does not say for whom");
    const sealed = encryptValue(label, { key: await keys.find(subject), name: boundTo });
    return { ...record, label: sealed, subject: keys.nameOf(subject), pii };
  };
}

/** 64 hexadecimal digits. No column that is hashed has the same, whatever its values: those are texts. */
export function hashLabel(label: LabelItem["label"], key: Uint8Array): string {
  return createHmac("sha256", key).update(noText).update("label\n").update(JSON.stringify(label)).digest("hex");
}

/** The label again. @returns nothing for another key than its person's */
export function openLabel(sealed: string, key: Uint8Array): LabelItem["label"] | undefined {
  try {
    return decryptValue(sealed, { key, name: boundTo }) as LabelItem["label"];
  } catch {
    return undefined;
  }
}

/**
 * Records without what must not be in them: personal data is left out, hashed or encrypted before a record goes anywhere.
 * @module
 */
import { createHmac } from "node:crypto";
import type { PiiSpec } from "../../definitions/pii.ts";
import type { LoggedRecord, Protect } from "./record-log.ts";
import { decryptValue, encryptValue, type SubjectKeys } from "./subject-keys.ts";

export interface ProtectOptions {
  readonly pii: PiiSpec;
  /** The column of a request that says whose a row is. @default nobody's: what is to be encrypted is left out */
  readonly subject?: string | undefined;
  /** What hashes are made with, 32 bytes. Secret. */
  readonly key: Uint8Array;
  /** @default what is to be encrypted is left out */
  readonly keys?: Pick<SubjectKeys, "find"> | undefined;
}

type Recording = PiiSpec["request"][string];
type Columns = Readonly<Record<string, readonly unknown[]>>;

/** Whose each row is; nothing of a row that does not say so. */
type Owners = readonly (Uint8Array | undefined)[];

/** Makes of records what may be kept of them: with how each name was recorded, under `pii`. */
export function createProtect(options: ProtectOptions): Protect {
  const { pii, key } = options;
  return async (record) => {
    const { request, inputs, unit } = record as LoggedRecord & {
      readonly request?: Columns;
      readonly inputs?: Columns;
    };
    const owners = await findOwners(request, options);
    const hidden = {
      ...(request && { request: hide(request, pii.request, { key, owners }) }),
      ...(inputs && { inputs: hide(inputs, pii.inputs, { key, owners }) }),
    };
    const modes = Object.entries(hidden).map(([name, { modes }]) => [name, modes] as const);
    return {
      ...record,
      ...Object.fromEntries(Object.entries(hidden).map(([name, { columns }]) => [name, columns])),
      ...(pii.unit && typeof unit === "string" && { unit: hashValue(unit, key) }),
      pii: Object.fromEntries(modes),
    };
  };
}

async function findOwners(request: Columns | undefined, { pii, subject, keys }: ProtectOptions): Promise<Owners> {
  const isAsked = [pii.request, pii.inputs].some((modes) => Object.values(modes).includes("encrypt"));
  const subjects = subject === undefined ? undefined : request?.[subject];
  if (!isAsked || !subjects || !keys) return [];
  return await Promise.all(
    subjects.map((one) => (one === null || one === undefined ? undefined : keys.find(textOf(one)))),
  );
}

interface Hiding {
  readonly key: Uint8Array;
  readonly owners: Owners;
}

function hide(columns: Columns, modes: Readonly<Record<string, Recording>>, { key, owners }: Hiding) {
  const hidden = Object.entries(columns).map(([name, values]) => {
    const mode = Object.hasOwn(modes, name) ? (modes[name] ?? "redact") : "redact";
    return {
      name,
      mode,
      values: values.map((value, row) => hideValue(value, { name, mode, key, owner: owners[row] })),
    };
  });
  return {
    columns: Object.fromEntries(hidden.map(({ name, values }) => [name, values])),
    modes: Object.fromEntries(hidden.flatMap(({ name, mode }) => (mode === "plain" ? [] : [[name, mode]]))),
  };
}

interface HiddenValue {
  readonly name: string;
  readonly mode: Recording;
  readonly key: Uint8Array;
  readonly owner: Uint8Array | undefined;
}

function hideValue(value: unknown, { name, mode, key, owner }: HiddenValue): unknown {
  if (value === null || value === undefined) return null;
  switch (mode) {
    case "plain":
      return value;
    case "redact":
      return null;
    case "hash":
      return hashValue(value, key);
    case "encrypt":
      return owner ? encryptValue(value, { key: owner, name }) : null;
  }
}

/** Equal values have equal texts: 64 hexadecimal digits. */
function hashValue(value: unknown, key: Uint8Array): string {
  return createHmac("sha256", key).update(textOf(value)).digest("hex");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A record with what is encrypted in it as it was, where it is with this key. */
export function decryptRecord(record: LoggedRecord, key: Uint8Array): LoggedRecord {
  const { pii } = record as { readonly pii?: Readonly<Record<string, Readonly<Record<string, Recording>>>> };
  const shown = Object.entries(pii ?? {}).map(([place, modes]) => {
    const columns = Object.entries((record[place] ?? {}) as Columns).map(([name, values]) => {
      const isEncrypted = Object.hasOwn(modes, name) && modes[name] === "encrypt";
      return [name, isEncrypted ? values.map((value) => tryDecrypt(value, { key, name })) : values] as const;
    });
    return [place, Object.fromEntries(columns)] as const;
  });
  return { ...record, ...Object.fromEntries(shown) };
}

/** What is another person's stays as it is. */
function tryDecrypt(value: unknown, place: { readonly key: Uint8Array; readonly name: string }): unknown {
  if (typeof value !== "string") return value;
  try {
    return decryptValue(value, place);
  } catch {
    return value;
  }
}

/**
 * Rows for the tests of online stores.
 * @module
 */
import type { KeyValue } from "../../../framework/features/online/entity-key.ts";
import { createLayout } from "../../../framework/features/online/layout.ts";
import type { OnlineRow } from "../../../framework/features/online/online-store.ts";

export const layout = createLayout([
  { name: "size", type: "number" },
  { name: "kind", type: "category" },
  { name: "open", type: "boolean" },
]);

export const root = "a".repeat(64);

/** How many entities a process of `writer.ts` writes. */
export const entities = 5000;

export function row(key: readonly KeyValue[], size: number | null, eventTime: bigint): OnlineRow {
  return { key, values: [size, size === null ? null : `kind ${size}`, size === null ? null : size > 1], eventTime };
}

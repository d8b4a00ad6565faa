/**
 * Files as somebody might send them who is careless, or means harm, each with what must become of it.
 * @module
 */
import type { SourceFormat } from "../../../framework/definitions/source-format.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { type TestColumn, testSpec } from "../ingesting.ts";

export type Format = SourceFormat;

/**
 * `accepted`: every row is stored. `quarantined`: some rows are, and the others set apart. `rejected`: the file as a whole
 * is refused. `any`: damage that a reader need not notice; it must not fall over it, and say the same twice.
 */
export type Verdict = "accepted" | "quarantined" | "rejected" | "any";

export interface HostileCase {
  /** What is wrong with the file, to be read after the family's name. */
  readonly title: string;
  readonly content: string | Uint8Array;
  readonly verdict: Verdict;
  /**
   * Of a quarantine: each reason as `row 2: n is not a number`. Of a rejection: a part of what is said.
   * @default nothing is said
   */
  readonly says?: readonly string[];
  /** The columns beside `t`. @default `usualColumns` */
  readonly columns?: readonly TestColumn[];
  /** What is stored, each value as text. @default of text, what the oracle reads; of Parquet, it is not compared */
  readonly stored?: readonly Readonly<Record<string, unknown>>[];
}

const usualColumns: readonly TestColumn[] = [
  { name: "s", type: "string", nullable: true },
  { name: "n", type: "number", nullable: true },
  { name: "i", type: "integer", nullable: true },
  { name: "b", type: "boolean", nullable: true },
];

/** The spec that a case is read by. */
export function specOf(format: Format, { columns = usualColumns }: Pick<HostileCase, "columns">): DatasetSpec {
  return testSpec(columns, { source: { kind: "file", format, path: "hostile" } });
}

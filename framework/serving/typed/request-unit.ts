/**
 * The unit of a typed request that a column of its rows names. Pure.
 * @module
 */
import { Refusal } from "../../http/refusal.ts";
import { readJson } from "../json-body.ts";
import { longestId } from "../limits.ts";

/**
 * Reads whom a request is for from a column of its rows. A body, or a value, that is wrong in another way is refused when it is read.
 *
 * @returns nothing where the column is null or missing
 * @throws Refusal 400 for rows of several units, since one variant answers a request; and for a value of more than 256 characters
 */
export function readRowsUnit(body: Uint8Array, column: string): string | undefined {
  const { document } = readJson(body);
  const units = new Set(listRows(document).map((row) => readValue(row, column)));
  if (units.size > 1)
    throw new Refusal(
      400,
      `column "${column}" says whom a request is for, and its rows are for several: send those of each by themselves`,
    );
  const [unit] = units;
  if (unit !== undefined && unit.length > longestId)
    throw new Refusal(400, `column "${column}" says whom a request is for, and has more than ${longestId} characters`);
  return unit;
}

function listRows(document: unknown): readonly unknown[] {
  if (!isRecord(document)) return [];
  const { rows } = document;
  return Array.isArray(rows) ? rows : [document];
}

function readValue(row: unknown, column: string): string | undefined {
  const value = isRecord(row) && Object.hasOwn(row, column) ? row[column] : undefined;
  const isNamed = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isNamed && value !== "" ? String(value) : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

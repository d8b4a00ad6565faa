/**
 * Rows in groups of one value of a column. Pure.
 * @module
 */

/** The number of each row's group, from 0 in the order in which the values come. */
export function numberGroups(values: readonly string[]): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(values, (value) => {
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  });
}

/** The rows of each value, the largest group first and equal ones by value. */
export function groupRows(values: readonly string[]): readonly (readonly [string, readonly number[]])[] {
  const groups = new Map<string, number[]>();
  for (const [row, value] of values.entries()) {
    const rows = groups.get(value);
    if (rows) rows.push(row);
    else groups.set(value, [row]);
  }
  return [...groups].sort(([a, rowsOfA], [b, rowsOfB]) => rowsOfB.length - rowsOfA.length || (a < b ? -1 : 1));
}

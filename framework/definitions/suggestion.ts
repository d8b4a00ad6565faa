/**
 * Suggestions: which of the known words an unknown one was probably meant to be.
 * @module
 */

/** The nearest of `known`, when few letters are wrong, missing, too many or swapped. */
export function findNearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 100) return undefined;
  const distances = known.map((one) => ({ one, distance: measure(word.toLowerCase(), one.toLowerCase()) }));
  const [nearest] = distances.sort((a, b) => a.distance - b.distance);
  return nearest && nearest.distance <= Math.max(1, Math.floor(nearest.one.length / 3)) ? nearest.one : undefined;
}

/** How many single letters are inserted, removed, replaced, or swapped with the next, from one word to the other. */
function measure(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(
        (next[j - 1] ?? 0) + 1,
        (row[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

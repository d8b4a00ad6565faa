/**
 * The most frequent texts, with bounds of how often each occurs and of how often any other does (Misra and Gries, in the form
 * that merges).
 * @module
 */
import type { TextCount, TextsProfile } from "./profile.ts";

/** How many of the most frequent texts are kept where there are more than `fewTexts`. */
export const keptTexts = 128;

/** How often a text occurs. */
export interface BoundedText {
  readonly text: string;
  readonly atLeast: number;
  readonly atMost: number;
}

type Top = Pick<TextsProfile, "top" | "unlisted">;

export function readTop(top: readonly TextCount[]): BoundedText[] {
  return top.map(([text, atLeast, atMost = atLeast]) => ({ text, atLeast, atMost }));
}

/** Keeps the most frequent of some texts. @param unlisted how often one that is not among them occurs at most */
export function keepTop(
  texts: readonly BoundedText[],
  { unlisted, limit }: { readonly unlisted: number; readonly limit: number },
): Top {
  const ordered = [...texts].sort((a, b) => b.atLeast - a.atLeast || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  const bound = ordered.slice(limit).reduce((most, { atMost }) => Math.max(most, atMost), unlisted);
  // One that may occur no more often than any that is not listed says nothing.
  const kept = ordered.slice(0, limit).filter(({ atMost }) => atMost > bound);
  const top = kept.map(
    ({ text, atLeast, atMost }): TextCount => (atLeast === atMost ? [text, atLeast] : [text, atLeast, atMost]),
  );
  return { top, unlisted: bound };
}

/** The sum of the most frequent texts of several profiles: in one that does not list a text, it occurs up to its bound. */
export function addTops(tops: readonly Top[]): { readonly texts: BoundedText[]; readonly unlisted: number } {
  const unlisted = tops.reduce((sum, top) => sum + top.unlisted, 0);
  const sums = new Map<string, { least: number; most: number }>();
  for (const { top, unlisted: bound } of tops) {
    for (const { text, atLeast, atMost } of readTop(top)) {
      const sum = sums.get(text) ?? { least: 0, most: unlisted };
      sums.set(text, { least: sum.least + atLeast, most: sum.most + atMost - bound });
    }
  }
  return {
    texts: Array.from(sums, ([text, { least, most }]) => ({ text, atLeast: least, atMost: most })),
    unlisted,
  };
}

/**
 * Hidden characters: what a terminal obeys or does not show, made visible.
 * @module
 */

/**
 * Shows what a terminal would obey or not show: control characters, and those that change the direction of writing or
 * have no width. Line breaks and tabs stay.
 */
export function escapeHidden(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\n" || character === "\t"
      ? character
      : `\\u{${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}}`,
  );
}

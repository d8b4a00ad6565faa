/**
 * Text in HTML: whatever comes from data or a project gets into a page only through here.
 * @module
 */
import { escapeHidden } from "../definitions/hidden-text.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text between tags or within quotes, with hidden characters made visible. */
export function escapeHtml(text: string): string {
  return escapeHidden(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}

/**
 * A page of HTML that needs nothing else: no network, no script but one that a page may bring, nothing that a value of the data could
 * become. Pure.
 * @module
 */
import { createHash } from "node:crypto";
import { escapeHtml } from "./html.ts";
import { baseStyle } from "./page-style.ts";

export interface Page {
  readonly title: string;
  /** HTML: everything in it that is not markup came through `escapeHtml`. */
  readonly body: string;
  /** Rules beside those that every page has. @default none */
  readonly style?: string;
  /** What runs in it once it is read: this text alone, known to the browser by its digest. @default nothing runs */
  readonly script?: string;
}

export function formatPage({ title, body, style = "", script }: Page): string {
  const allowed =
    script === undefined ? "" : `; script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'${allowed}">
<title>${escapeHtml(title)}</title>
<style>${baseStyle}${style}</style>
</head>
<body>
${body}${script === undefined ? "" : `\n<script>${script}</script>`}
</body>
</html>
`;
}

export type Fact = readonly [name: string, value: string];

/** Facts beside each other; "" where there are none. @param style the class of the list. @default none */
export function formatFacts(facts: readonly Fact[], style = ""): string {
  const cells = facts.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`);
  return cells.length > 0 ? `<dl${style && ` class="${style}"`}>${cells.join("")}</dl>` : "";
}

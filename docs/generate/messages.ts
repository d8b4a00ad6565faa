/**
 * The page of messages: every code of the catalogue, with a message as it was really printed where the campaign printed one.
 * @module
 */
import { generated } from "./generated.ts";

/** A catalogue of codes, as `framework/definitions/problem-catalogue.ts` has it. */
type Catalogue = Readonly<Record<string, { readonly means: string; readonly fix: string }>>;

/** What `test/campaigns/results/messages.json` has of each malformed project. */
export interface PrintedMessages {
  readonly log: readonly { readonly name: string; readonly printed: readonly string[] }[];
}

const head = `# Messages

Whatever is wrong is told at once: one message for each problem, with what is wrong, what was got and what was expected, what to do about it, and where it is. The word in brackets is its code, which this page is sorted by.

\`\`\`text
✖ "atLeast" of metric "auc" is out of range (got 1.4, expected a number from 0 to 1) — lower it
  → at late-arrival.gates[1] (examples/flights/project.ts:12) [gate-out-of-range]
\`\`\``;

/** Renders the page. The first message that was printed with a code is its example. */
export function renderMessages(catalogue: Catalogue, { log }: PrintedMessages): string {
  const examples = new Map<string, string>();
  for (const { printed } of log) {
    for (const message of splitMessages(printed)) {
      const code = /\[([a-z-]+)\]$/.exec(message)?.[1];
      if (code !== undefined && !examples.has(code)) examples.set(code, message);
    }
  }
  const sections = Object.entries(catalogue).map(([code, { means, fix }]) => {
    const example = examples.get(code);
    const shown = example === undefined ? [] : [`\`\`\`text\n${example}\n\`\`\``];
    return [`## ${code}`, escapeHtml(means), `What to do: ${escapeHtml(fix)}.`, ...shown].join("\n\n");
  });
  return `${[generated("framework/definitions/problem-catalogue.ts"), head, ...sections].join("\n\n")}\n`;
}

/** The messages among printed lines: each begins with its mark. */
function splitMessages(lines: readonly string[]): string[] {
  return lines
    .join("\n")
    .split(/^(?=✖ )/m)
    .map((message) => message.trimEnd());
}

/** `<stack>` is no element of HTML. */
function escapeHtml(text: string): string {
  return text.replaceAll("<", "\\<");
}

/**
 * A plan as text for a terminal and as Markdown for a pull request.
 * @module
 */
import { formatDuration } from "../definitions/units.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import type { Certainty, Consequence, DefinitionPlan } from "../plan/consequence.ts";
import type { Difference } from "../plan/difference.ts";
import type { Plan } from "../plan/plan.ts";

const signs: Readonly<Record<DefinitionPlan["change"], string>> = {
  create: "+",
  update: "~",
  retry: "↻",
  remove: "-",
  none: " ",
};

/** A plan for a terminal. */
export function formatPlan(plan: Plan): string {
  const header = `Plan of ${plan.project} in ${plan.environment}`;
  if (!plan.changes) return `${header}: no changes. What is deployed is what is defined.`;
  const changed = plan.definitions.filter(({ change }) => change !== "none");
  const body = changed.flatMap(({ kind, name, change, differences, consequences }) => [
    `${signs[change]} ${kind} ${name} (${change})`,
    ...differences.map((difference) => `    ${formatDifference(difference)}`),
    ...consequences.map((consequence) => `    → ${formatConsequence(consequence)}`),
  ]);
  return [`${header}:`, "", ...body, "", formatTotal(plan)].join("\n");
}

/** A plan as Markdown: what a reviewer reads beside the code. */
export function formatPlanMarkdown(plan: Plan): string {
  const header = `### Plan of \`${plan.project}\` in \`${plan.environment}\``;
  if (!plan.changes) return `${header}\n\nNo changes.`;
  const changed = plan.definitions.filter(({ change }) => change !== "none");
  const rows = changed.map(({ kind, name, change, differences, consequences }) => {
    const edits = differences.map((difference) => formatCode(formatDifference(difference)));
    const steps = consequences.map((consequence) => escapeMarkdown(formatConsequence(consequence)));
    return `| ${change} | ${kind} **${escapeMarkdown(name)}** | ${edits.join("<br>") || "—"} | ${steps.join("<br>") || "—"} |`;
  });
  return [
    header,
    "",
    "| change | definition | differences | consequences |",
    "|---|---|---|---|",
    ...rows,
    "",
    formatTotal(plan),
    "",
    `<sub>facts ${plan.facts.slice(0, 12)}</sub>`,
  ].join("\n");
}

/** `will: train late-training — the model is new (about 15 s)`. */
export function formatConsequence({ step, subject, certainty, why, extent, seconds }: Consequence): string {
  const estimate = seconds === undefined ? "" : ` (about ${formatDuration(seconds)})`;
  const much = extent === undefined ? "" : `: ${extent}`;
  return `${formatCertainty(certainty)}: ${step} ${subject}${much} — ${why}${estimate}`;
}

function formatCertainty(certainty: Certainty): string {
  switch (certainty.kind) {
    case "will":
      return "will";
    case "if":
      return `if ${certainty.condition}`;
    case "unknown":
      return `unknown until ${certainty.until}`;
  }
}

function formatDifference({ path, before, after }: Difference): string {
  const show = (value: Difference["before"]): string =>
    value === undefined ? "nothing" : shorten(toCanonicalJson(value));
  return `${path}: ${show(before)} → ${show(after)}`;
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

/** A text as code in a cell of a table. Within backticks nothing can be escaped, so what would end them or the cell goes as entities. */
function formatCode(text: string): string {
  const line = text.replaceAll(/\s*[\r\n]+\s*/g, " ");
  if (!/[`|\\]/.test(line)) return `\`${line}\``;
  return `<code>${line.replaceAll(/[^\w .,:;→…-]/gu, (character) => `&#${character.codePointAt(0)};`)}</code>`;
}

/** A text as it is in a cell of a table, whatever it means to Markdown. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, " ").replaceAll(/[\\`*_{}[\]<>|~#&]/g, "\\$&");
}

/** The time that all certain steps would take, where each of them has run before. */
function formatTotal({ definitions }: Plan): string {
  const certain = definitions
    .flatMap(({ consequences }) => consequences)
    .filter(({ certainty }) => certainty.kind === "will");
  const known = certain.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
  const open = certain.length - known.length;
  if (definitions.every(({ consequences }) => consequences.length === 0)) return "Nothing has to run.";
  if (certain.length === 0) return "Nothing is certain to run.";
  const total = `${certain.length} step${certain.length === 1 ? "" : "s"} will run`;
  if (known.length === 0) return `${total}; there is no history yet to estimate the time from.`;
  const sum = formatDuration(known.reduce((a, b) => a + b, 0));
  return open === 0
    ? `${total}, about ${sum} by the last runs.`
    : `${total}; ${known.length} of them took ${sum} last time, ${open} ${open === 1 ? "has" : "have"} not run yet.`;
}

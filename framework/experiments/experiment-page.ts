/**
 * An experiment as one page that needs nothing else: what was decided, and each arm's difference with its interval, look by look. Pure.
 * @module
 */
import type { ExperimentSpec } from "../definitions/experiment-spec.ts";
import { formatDuration } from "../definitions/units.ts";
import { drawChart, type Point } from "../page/chart.ts";
import { escapeHtml } from "../page/html.ts";
import { type Fact, formatFacts, formatPage } from "../page/page.ts";
import type { Comparison, ExperimentDecision } from "./experiment-decision.ts";
import type { FollowedExperiment, Look } from "./follow-experiment.ts";
import { formatNumber, formatSigned, sayDifference } from "./say-decision.ts";

const verdicts: Readonly<Record<ExperimentDecision["verdict"], string>> = {
  continue: "goes on",
  winner: "has a winner",
  "no-winner": "has no winner",
  invalid: "is invalid",
};

/** Heads stand over the beginnings of texts and the ends of numbers, and columns apart. */
const style = `
th, td { text-align: left; padding: 2px 12px 2px 0; white-space: nowrap; }
th.number, td.number { text-align: right; }
`;

export function formatExperimentPage(spec: ExperimentSpec, { looks, decision }: FollowedExperiment): string {
  const facts: Fact[] = [
    ["verdict", decision.winner ?? verdicts[decision.verdict]],
    ["after", formatDuration(decision.elapsed)],
    ["metric", `${spec.metric}, ${spec.better} is better`],
    ["smallest difference worth finding", formatNumber(spec.minimum)],
    ["alpha", formatNumber(spec.alpha)],
  ];
  const body = `<header>
<h1>${escapeHtml(spec.name)}</h1>
<p class="root">experiment on endpoint ${escapeHtml(decision.endpoint)}, as of ${escapeHtml(decision.asOf)}</p>
${formatFacts(facts)}
<p>${escapeHtml(decision.sentence)}</p>
</header>
<main>
${decision.comparisons.map((comparison) => formatArm(spec, comparison, looks)).join("\n")}
${formatUnits(spec, decision)}
${formatGuardrails(decision)}
</main>
<footer>The intervals hold at all looks together: the experiment may be watched, and ended, at any time. They are confidence sequences of the normal mixture, over units that are independent of one another, each counted once when its labels are matured.</footer>`;
  return formatPage({ title: `${spec.name}: experiment on ${decision.endpoint}`, body, style });
}

function formatArm(spec: ExperimentSpec, comparison: Comparison, looks: readonly Look[]): string {
  const { arm, state } = comparison;
  const drawn = looks.flatMap(({ until, comparisons }) => {
    const found = comparisons.find((one) => one.arm === arm);
    return found?.interval ? [{ seconds: Date.parse(until) / 1000, interval: found.interval, until }] : [];
  });
  const chart = drawn.length > 1 ? drawDifference(spec, arm, drawn) : '<p class="empty">Too little is known yet.</p>';
  return `<article><h2><span class="name">${escapeHtml(arm)} beside ${escapeHtml(spec.control)}</span><span class="badge">${escapeHtml(state)}</span></h2>${chart}<p class="note">${escapeHtml(sayDifference(spec, comparison))}</p></article>`;
}

interface DrawnLook {
  /** Since 1970. */
  readonly seconds: number;
  readonly until: string;
  readonly interval: NonNullable<Comparison["interval"]>;
}

/** The units of an axis of time, the longest first, in seconds. */
const timeUnits = [
  { name: "days", seconds: 86_400 },
  { name: "hours", seconds: 3600 },
  { name: "minutes", seconds: 60 },
  { name: "seconds", seconds: 1 },
] as const;

/** The longest unit of which a length of time, in seconds, has two at least. */
export function chooseTimeUnit(length: number): (typeof timeUnits)[number] {
  return timeUnits.find(({ seconds }) => length >= 2 * seconds) ?? timeUnits[3];
}

function drawDifference(spec: ExperimentSpec, arm: string, drawn: readonly DrawnLook[]): string {
  const begin = drawn[0]?.seconds ?? 0;
  const length = (drawn.at(-1)?.seconds ?? begin) - begin;
  const unit = chooseTimeUnit(length);
  const to = length / unit.seconds || 1;
  // The first intervals reach further than anything that is asked about: they would leave the later ones a line.
  const shown = drawn[Math.floor(drawn.length / 4)]?.interval;
  const far = Math.max(Math.abs(shown?.low ?? 0), Math.abs(shown?.high ?? 0), 2 * spec.minimum);
  const line = (of: (interval: DrawnLook["interval"]) => number): Point[] =>
    drawn.map(({ seconds, interval }) => [(seconds - begin) / unit.seconds, of(interval)]);
  const level = (value: number): Point[] => [
    [0, value],
    [to, value],
  ];
  const titles = drawn.map(
    ({ until, interval: { difference, low, high } }) =>
      `${until}: ${formatSigned(difference)} [${formatSigned(low)}, ${formatSigned(high)}]`,
  );
  return drawChart({
    label: `the difference of ${arm} to ${spec.control} in ${spec.metric}, with its interval, over time`,
    x: { label: `${unit.name} since the first look`, from: 0, to },
    y: { label: `difference in ${spec.metric}`, from: -far, to: far },
    marks: [
      { kind: "line", tone: "ideal", points: level(0) },
      { kind: "line", tone: "ideal", name: "worth finding", points: level(spec.minimum) },
      { kind: "line", tone: "ideal", points: level(-spec.minimum) },
      { kind: "line", tone: "other", name: "interval", points: line(({ low }) => low) },
      { kind: "line", tone: "other", points: line(({ high }) => high) },
      { kind: "line", tone: "own", name: "difference", points: line(({ difference }) => difference) },
      { kind: "points", tone: "own", points: line(({ difference }) => difference), titles },
    ],
  });
}

function formatUnits(spec: ExperimentSpec, { units, crossed, mismatch, comparisons }: ExperimentDecision): string {
  const rows = spec.arms.map(({ name, weight }) => {
    const { exposed = 0, matured = 0 } = units[name] ?? {};
    const value = findValue(name, comparisons, spec.control);
    const cells = [
      `${weight / 100} %`,
      exposed.toLocaleString("en"),
      matured.toLocaleString("en"),
      value === null ? "" : formatNumber(value),
    ];
    return `<tr><td>${escapeHtml(name)}</td>${cells.map((cell) => `<td class="number">${escapeHtml(cell)}</td>`).join("")}</tr>`;
  });
  return `<article><h2>Units</h2><table>${formatHead(["arm"], ["share", "units", "matured", spec.metric])}<tbody>${rows.join("")}</tbody></table><p class="note">${escapeHtml(sayMismatch({ mismatch, crossed }))}</p></article>`;
}

/** The head of a table: columns of texts, and after them those of numbers. */
function formatHead(texts: readonly string[], numbers: readonly string[]): string {
  const cells = [
    ...texts.map((one) => `<th>${escapeHtml(one)}</th>`),
    ...numbers.map((one) => `<th class="number">${escapeHtml(one)}</th>`),
  ];
  return `<thead><tr>${cells.join("")}</tr></thead>`;
}

/** The metric of an arm; of the control what it is beside an arm that runs, or any. */
export function findValue(name: string, comparisons: readonly Comparison[], control: string): number | null {
  if (name !== control) return comparisons.find(({ arm }) => arm === name)?.value ?? null;
  return (comparisons.find(({ state }) => state === "running") ?? comparisons[0])?.controlValue ?? null;
}

/** What the check of the sample ratio says, in a line. */
export function sayMismatch({ mismatch, crossed }: Pick<ExperimentDecision, "mismatch" | "crossed">): string {
  const { exposed, labelled, level } = mismatch;
  const fits =
    exposed >= level && labelled >= level ? "units are dealt as allocated" : "units are not dealt as allocated";
  const twice = crossed > 0 ? `; ${crossed.toLocaleString("en")} units were answered by more than one arm` : "";
  return `${fits}: p = ${exposed.toPrecision(2)} over all of them, ${labelled.toPrecision(2)} over those with labels${twice}`;
}

function formatGuardrails({ guardrails }: ExperimentDecision): string {
  if (guardrails.length === 0) return "";
  const rows = guardrails.map(({ arm, measure, units, harm, atLeast, by, crossed }) => {
    const cells = [
      units.toLocaleString("en"),
      harm === undefined ? "" : formatSigned(harm),
      atLeast === undefined ? "" : formatSigned(atLeast),
      formatNumber(by),
      crossed ? "crossed" : "",
    ];
    return `<tr><td>${escapeHtml(arm)}</td><td>${escapeHtml(measure)}</td>${cells.map((cell) => `<td class="number">${escapeHtml(cell)}</td>`).join("")}</tr>`;
  });
  return `<article><h2>Guardrails</h2><table>${formatHead(["arm", "measure"], ["units", "worse by", "at least", "allowed", ""])}<tbody>${rows.join("")}</tbody></table></article>`;
}

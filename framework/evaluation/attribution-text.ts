/**
 * Attributions in words, as a section of a report's page, and as lines for a terminal. Pure.
 * @module
 */
import { escapeHtml } from "../page/html.ts";
import { drawRanking } from "../page/ranking.ts";
import type { AttributedFeature, Attributions } from "./attributions.ts";
import { formatCount, formatNumber } from "./number-text.ts";

/** How many features a page draws, and how many a terminal and a card list. */
const mostDrawn = 20;
export const mostListed = 10;

const units: Readonly<Record<Attributions["unit"], string>> = {
  "log-odds": "in log-odds, of which the probability is made",
  answer: "in the unit of the answer",
  "squared-error": "in squared error",
};

/** How they were found and what they are, in one or two sentences. */
export function describeAttributions(attributions: Attributions): string {
  const { method, why, unit, rows, background } = attributions;
  return method === "tree-shap"
    ? `By the paths of the trees (TreeSHAP): the mean size of what each feature adds, ${units[unit]}, on ${formatCount(rows, "test row")}; how many of ${formatCount(background, "other row")} came through each node says what is usual.`
    : `By permutation: how much the mean squared error grows on ${formatCount(rows, "test row")} when the values of a feature are exchanged between them. Not by trees: ${why ?? "it is none of them"}.`;
}

/** What a feature does, beside its name: `0.231 ↑`. */
export function formatImportance({ importance, spread, direction }: AttributedFeature): string {
  const arrow = direction === undefined || Math.abs(direction) < clear ? "" : direction > 0 ? " ↑" : " ↓";
  const decimals = importance === 0 ? 0 : Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(importance)))));
  return `${formatNumber(importance, decimals)}${spread === undefined ? "" : ` ± ${formatNumber(spread, decimals)}`}${arrow}`;
}

/** From where on value and answer are said to go the same way, or opposite ways. */
const clear = 0.3;

/** A section of a page; "" where there are none. */
export function formatAttributionSection(attributions: Attributions | undefined): string {
  if (!attributions) return "";
  const { features, left, unit, expected } = attributions;
  const drawn = features.slice(0, mostDrawn);
  const more = features.length + left - drawn.length;
  const isPlotted = drawn.some(({ points }) => points !== undefined);
  const ranking = drawRanking({
    label: "how much each feature counts, and what it adds row by row",
    axis: `what the value of a row adds (${unit})`,
    rows: drawn.map((feature) => ({
      name: feature.feature,
      size: feature.importance,
      text: formatImportance(feature),
      ...(feature.spread !== undefined && { spread: feature.spread }),
      ...(feature.points && { points: feature.points }),
    })),
  });
  const legend = isPlotted
    ? `<p class="legend"><span class="key own">small value</span><span class="key other">large value</span><span class="key">missing, or a category</span></p>`
    : "";
  const notes = [
    describeAttributions(attributions),
    ...(expected === undefined ? [] : [`Of nothing in particular the model says ${formatNumber(expected, 4)}.`]),
    "An arrow says that larger values go with larger (↑) or smaller (↓) answers. What counts for a model need not be a cause.",
    ...(more > 0 ? [`${formatCount(more, "feature")} more count less.`] : []),
  ];
  return `<section><h2>What counts</h2>${ranking}${legend}<p class="note">${escapeHtml(notes.join(" "))}</p></section>`;
}

/** The features that count most, line by line, under a heading. */
export function listAttributions(attributions: Attributions | undefined): readonly string[] {
  if (!attributions) return [];
  const { method, unit, features, left } = attributions;
  const listed = features.slice(0, mostListed);
  const widest = Math.max(0, ...listed.map(({ feature }) => feature.length));
  const more = features.length + left - listed.length;
  return [
    `what counts, by ${method === "tree-shap" ? `TreeSHAP, in ${unit}` : "permutation, in squared error"}`,
    ...listed.map((feature) => `  ${feature.feature.padEnd(widest)}  ${formatImportance(feature)}`),
    ...(more > 0 ? [`  and ${formatCount(more, "feature")} more`] : []),
  ];
}

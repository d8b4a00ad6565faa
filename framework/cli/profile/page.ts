/**
 * A profile as one HTML page that needs nothing else: no script, no network, nothing that a value of the data could become.
 * Pure.
 * @module
 */
import type { DatasetVersion } from "../../data/dataset-version.ts";
import { describeMoments } from "../../data/profile/moments.ts";
import type { ColumnProfile, NumbersProfile, Profile } from "../../data/profile/profile.ts";
import { readDistinctCount, readFrequent, readQuantile, readSpread } from "../../data/profile/read-column.ts";
import type { ColumnSpec } from "../../definitions/spec.ts";
import { escapeHtml } from "../../page/html.ts";
import { type Fact, formatFacts, formatPage } from "../../page/page.ts";
import { drawColumn } from "./chart.ts";
import { profileStyle } from "./page-style.ts";
import { formatDistinct, formatNumber, formatShare, formatShortCount, formatText, formatValue } from "./value-text.ts";

/** What a page is about. */
export interface ProfilePage {
  readonly version: Pick<DatasetVersion, "dataset" | "from" | "to" | "eventTime" | "key" | "quarantined" | "columns">;
  readonly root: string;
  /** @default it is in no log */
  readonly number?: number;
  readonly profile: Profile;
}

export function formatProfilePage(page: ProfilePage): string {
  const { version, profile } = page;
  const specs = new Map(version.columns.map((column) => [column.name, column]));
  const cards = profile.columns.map((column) => formatCard(column, specs.get(column.name), version));
  const body = `${formatHeader(page)}
${formatQuarantine(page)}
<main>
${cards.join("\n")}
</main>
<footer>Quantiles miss their rank by 0.1 % of the values at most, in parts and mostly in what parts are merged to; ≈ marks an estimate with a standard error of 1.6 %.</footer>`;
  return formatPage({ title: `${version.dataset}: profile`, body, style: profileStyle });
}

function formatHeader({ version, root, number, profile }: ProfilePage): string {
  const { dataset, from, to, eventTime, key } = version;
  const nulls = profile.columns.reduce((sum, column) => sum + column.nulls, 0);
  const facts: readonly Fact[] = [
    ["rows", profile.rows.toLocaleString("en")],
    ["columns", String(profile.columns.length)],
    ...(from === "" ? [] : [["span", `${formatDay(from)} to ${formatDay(to)}`] as const]),
    ["nulls", formatShare(nulls / Math.max(1, profile.rows * profile.columns.length))],
    ["event time", eventTime],
    ...(key.length > 0 ? [["key", key.join(", ")] as const] : []),
  ];
  const named = number === undefined ? "version" : `version ${number}`;
  return `<header>
<h1>${escapeHtml(dataset)}</h1>
<p class="root">${named} <code>${escapeHtml(root)}</code></p>
${formatFacts(facts)}
</header>`;
}

function formatDay(time: string): string {
  return time.slice(0, 10);
}

function formatQuarantine({ version, profile }: ProfilePage): string {
  const { quarantined } = version;
  if (!quarantined || quarantined.rows === 0) return "";
  const share = formatShare(quarantined.rows / (quarantined.rows + profile.rows));
  const rows = quarantined.reasons.map(
    ({ column, reason, rows }) =>
      `<tr><td class="number">${rows.toLocaleString("en")}</td><td><b>${escapeHtml(column)}</b> ${escapeHtml(reason)}</td></tr>`,
  );
  return `<section class="quarantine">
<h2>${quarantined.rows.toLocaleString("en")} rows in quarantine (${escapeHtml(share)} of what came)</h2>
<table>${rows.join("")}</table>
</section>`;
}

function formatCard(
  column: ColumnProfile,
  spec: ColumnSpec | undefined,
  { eventTime, key }: ProfilePage["version"],
): string {
  const { name, type, count, nulls } = column;
  const share = nulls / Math.max(1, count + nulls);
  const roles = [...(name === eventTime ? ["event time"] : []), ...(key.includes(name) ? ["key"] : [])];
  // Of a vector its length is shown.
  const badges = [type === "vector" ? "length of a vector" : type, ...roles].map(
    (text) => `<span class="badge">${text}</span>`,
  );
  const { description, unit } = spec ?? {};
  const about = [description, unit && `in ${unit}`].filter((text) => text !== undefined).join(", ");
  return `<article>
<h2><span class="name" title="${escapeHtml(name)}">${escapeHtml(formatText(name, 60))}</span>${badges.join("")}</h2>
${about ? `<p class="about">${escapeHtml(about)}</p>` : ""}
<div class="nulls" title="${escapeHtml(formatShare(share))} null"><span style="width:${((1 - share) * 100).toFixed(2)}%"></span></div>
<p class="counts"><span><b>${formatShortCount(count)}</b> values</span><span><b>${escapeHtml(formatDistinct(readDistinctCount(column)))}</b> distinct</span><span${nulls > 0 ? ` class="some"` : ""}><b>${escapeHtml(formatShare(share))}</b> null</span></p>
${drawColumn(column)}
${formatStatistics(column)}
</article>`;
}

function formatStatistics({ type, count, values }: ColumnProfile): string {
  if (count === 0) return "";
  switch (values.kind) {
    case "booleans":
      return "";
    case "texts": {
      const { length } = values;
      const pairs = length && { shortest: length.min, "mean length": length.sum / count, longest: length.max };
      const facts = Object.entries(pairs ?? {}).map(([name, value]) => [name, formatNumber(value)] as const);
      return formatFacts(facts, "pairs");
    }
    case "numbers":
      return formatNumbers(values, type, count);
  }
}

function formatNumbers(values: NumbersProfile, type: ColumnProfile["type"], count: number): string {
  const bins = readSpread(values);
  const { min, max, moments, nonFinite = 0 } = values;
  if (min === undefined || max === undefined) return "";
  const at = (share: number) => formatValue(readQuantile(bins, share) ?? Number.NaN, type);
  const quantiles: readonly Fact[] = [
    ["min", formatValue(min, type)],
    ["5 %", at(0.05)],
    ["25 %", at(0.25)],
    ["50 %", at(0.5)],
    ["75 %", at(0.75)],
    ["95 %", at(0.95)],
    ["max", formatValue(max, type)],
  ];
  const pairs: Fact[] = [];
  if (moments && type !== "timestamp") {
    const { mean, deviation, skew } = describeMoments({ count: count - nonFinite, ...moments });
    pairs.push(
      ["mean", formatNumber(mean)],
      ["deviation", formatNumber(deviation)],
      ["skew", formatNumber(Number(skew.toFixed(2)) + 0)],
    );
  }
  if (nonFinite > 0) pairs.push(["not finite", formatShortCount(nonFinite)]);
  const [top] = readFrequent({ name: "", type, count, nulls: 0, values });
  if (top && type !== "timestamp" && top.count / count >= 0.02)
    pairs.push(["most frequent", `${formatValue(Number(top.value), type)} (${formatShare(top.count / count)})`]);
  if (type === "timestamp")
    return formatFacts(
      quantiles.filter((_, index) => index % 3 === 0),
      "pairs",
    );
  return `${formatFacts(quantiles, "quantiles")}${formatFacts(pairs, "pairs")}`;
}

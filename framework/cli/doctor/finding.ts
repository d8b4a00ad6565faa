/**
 * What a doctor finds, and how it is printed.
 * @module
 */
import { homedir } from "node:os";
import { formatDuration } from "../../definitions/units.ts";
import { locateUserCache } from "../../toolchain/cache.ts";
import type { ToolCost } from "../../toolchain/tools.ts";

/** `missing`: and nothing brings it by itself. */
export type Verdict = "ok" | "warning" | "missing";

export interface Finding {
  /** The heading that it stands under. */
  readonly section: string;
  readonly what: string;
  readonly verdict: Verdict;
  readonly detail: string;
  /** Where it is. @default it is nowhere */
  readonly path?: string;
  /** What getting it costs. @default it is there, or nothing brings it */
  readonly cost?: ToolCost;
}

const marks: Readonly<Record<Verdict, string>> = { ok: "✔", warning: "!", missing: "✖" };

/** Findings as text, under their headings, with lines that sum them up. @param width of the terminal, in columns */
export function formatFindings(findings: readonly Finding[], width: number): string {
  const column = Math.max(...findings.map(({ what }) => what.length)) + 4;
  const sections = [...new Set(findings.map(({ section }) => section))].map((section) => {
    const lines = findings
      .filter((finding) => finding.section === section)
      .flatMap(({ what, verdict, detail, path }) => {
        // The cache is shown once, with the room it has: what lies in it has long names that nobody needs to type.
        const place = path === undefined || path.startsWith(`${cache()}/`) ? [] : [shortenHome(path)];
        const words = detail === "on PATH" ? [] : wrapWords(detail, width - column);
        const [first = "", ...more] = [...words, ...place];
        const rest = more.map((line) => " ".repeat(column) + line);
        return [`${marks[verdict]} ${what.padEnd(column - 2)}${first}`, ...rest];
      });
    return [section, ...lines].join("\n");
  });
  return [...sections, sumUp(findings)].join("\n\n");
}

function sumUp(findings: readonly Finding[]): string {
  const count = (wanted: Verdict) => findings.filter(({ verdict }) => verdict === wanted).length;
  const [missing, warnings] = [count("missing"), count("warning")];
  const costs = findings.flatMap(({ cost }) => (cost ? [cost] : []));
  const add = (part: keyof ToolCost) => costs.reduce((sum, cost) => sum + cost[part], 0);
  const total = {
    seconds: add("seconds"),
    fetchMegabytes: add("fetchMegabytes"),
    diskMegabytes: add("diskMegabytes"),
  };
  return [
    ...(costs.length > 0
      ? ["What is not there yet, the first npx pulumi up gets:", `${sayCost(total)}, on two cores.`]
      : []),
    ...(costs.some(({ seconds }) => seconds > 60)
      ? ["Go's own caches take about 8 GB more; go clean -cache -modcache empties them."]
      : []),
    ...(missing > 0 ? [`${missing} missing: nothing brings ${missing === 1 ? "it" : "them"} by itself.`] : []),
    ...(warnings > 0 ? [`${warnings} to look at.`] : []),
    ...(missing + warnings === 0 ? ["All is well."] : []),
  ].join("\n");
}

/** A cost for people: `about 2 min, 250 MB to fetch, 148 MB on disk`. */
export function sayCost({ seconds, fetchMegabytes, diskMegabytes }: ToolCost): string {
  return `about ${formatDuration(seconds)}, ${fetchMegabytes} MB to fetch, ${diskMegabytes} MB on disk`;
}

/** Lines of whole words; a longer word than a line stands alone. */
function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function cache(): string {
  return locateUserCache();
}

function shortenHome(path: string): string {
  return path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path;
}

/**
 * What a report shows of answers that name one of several classes: curves of each against the others, how sure the model is, and
 * which classes it takes for which. Pure.
 * @module
 */
import type { Chart, Mark } from "../page/chart.ts";
import { escapeHtml } from "../page/html.ts";
import { diagonal, dotBins, toPoints, toShares } from "./bin-marks.ts";
import type { Curves } from "./curves.ts";
import { formatCount, formatNumber } from "./number-text.ts";

type ClassCurves = Extract<Curves, { readonly kind: "multiclass" }>;

/** The charts of a candidate, beside production where it has the same. */
export function listClassCharts(
  own: ClassCurves,
  production: ClassCurves | undefined,
): readonly { readonly title: string; readonly chart: Chart }[] {
  const share = (label: string) => ({ label, from: 0, to: 1 });
  const lines = (ofOwn: Mark["points"], ofOther: Mark["points"] | undefined): readonly Mark[] => [
    diagonal,
    ...(ofOther ? [{ kind: "line", tone: "other", name: "production", points: ofOther } as const] : []),
    { kind: "line", tone: "own", name: "candidate", points: ofOwn },
  ];
  const [right, wrong] = [toShares(own.confidence.ofRight), toShares(own.confidence.ofWrong)];
  const highest = Math.max(...right.map(([, y]) => y), ...wrong.map(([, y]) => y));
  const curves = own.roc.map(({ class: name, rows, points }) => ({
    title: `ROC of ${name} against all others, ${formatCount(rows, "row")}`,
    chart: {
      label: `true positive rate over false positive rate of ${name}`,
      x: share("false positive rate"),
      y: share("true positive rate"),
      marks: lines(points, production?.roc.find((other) => other.class === name)?.points),
    },
  }));
  return [
    {
      title: "Calibration of the most probable class",
      chart: {
        label: "share of right rows over the probability of the most probable class",
        x: share("probability of the most probable class"),
        y: share("share of right rows"),
        marks: [
          ...lines(toPoints(own.calibration), production && toPoints(production.calibration)),
          dotBins(own.calibration),
        ],
      },
    },
    {
      title: "Confidence",
      chart: {
        label: "probability of the most probable class, of right and of wrong rows",
        x: share("probability of the most probable class"),
        y: { label: "share of the rows", from: 0, to: highest },
        marks: [
          { kind: "bars", tone: "own", name: "right rows", points: right },
          { kind: "bars", tone: "other", name: "wrong rows", points: wrong },
        ],
      },
    },
    ...curves,
  ];
}

/** Which classes are taken for which: a row for what is true, a column for what is said. */
export function formatClassConfusion({ confusion }: ClassCurves): string {
  const { classes, counts } = confusion;
  const head = classes.map((name) => `<th>${escapeHtml(name)}</th>`).join("");
  const lines = classes.map((name, actual) => {
    const line = counts[actual] ?? [];
    const all = line.reduce((sum, count) => sum + count, 0);
    const cells = line.map((count, said) => {
      const part = all === 0 ? "" : `<span>${formatNumber((100 * count) / all, 1)} %</span>`;
      return `<td class="${said === actual ? "right" : "wrong"}"><b>${count.toLocaleString("en")}</b>${part}</td>`;
    });
    return `<tr><th>${escapeHtml(name)}</th>${cells.join("")}</tr>`;
  });
  return `<article><h2>Confusion: rows are what is true, columns what is said</h2><div class="wide"><table class="confusion">
<tr><td></td>${head}</tr>
${lines.join("\n")}
</table></div></article>`;
}

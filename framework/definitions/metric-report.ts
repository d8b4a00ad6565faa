/**
 * What the metrics that group rows must fit: the columns of the examples.
 * @module
 */
import { listColumns } from "./column.ts";
import type { Dataset } from "./dataset.ts";
import { findClasses } from "./label-classes.ts";
import { readMetricName } from "./metric-name.ts";
import type { UnplacedReport } from "./report.ts";
import type { TrainingJob } from "./training-job.ts";

/** Reports a metric that groups rows by what is no string or boolean column of the examples. */
export function reportMetricGroups(name: string, from: Pick<Dataset, "name" | "schema">, report: UnplacedReport): void {
  const by = readMetricName(name)?.by;
  if (by === undefined) return;
  const columns = listColumns(from.schema).filter(({ type }) => type === "string" || type === "boolean");
  if (columns.some((column) => column.name === by)) return;
  report({
    code: "metric-unfit",
    what: `metric "${name}" groups rows by "${by}", which is no string or boolean column of "${from.name}"`,
    expected: columns.map((column) => column.name).join(", ") || "a dataset with such a column",
    fix: `name a column of "${from.name}" that is a text or a truth`,
  });
}

/** Reports a metric of the most probable classes that counts all that the label has: it is 1, whatever is answered. */
export function reportMetricRanks(
  name: string,
  { label, spine }: Pick<TrainingJob, "label" | "spine">,
  report: UnplacedReport,
): void {
  const told = readMetricName(name);
  const classes = told?.kind === "top-accuracy" ? findClasses(label, spine.from) : undefined;
  // A label with fewer than two classes is reported itself.
  if (!classes || classes.length < 2 || (told?.k ?? 1) < classes.length) return;
  report({
    code: "metric-unfit",
    what: `metric "${name}" counts every class of the label, and so is always 1`,
    got: `${classes.length} classes`,
    expected: `topK(${Math.max(1, classes.length - 1)}) at most`,
  });
}

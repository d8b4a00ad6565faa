/**
 * `steward data diff`: how two versions of a dataset differ.
 * @module
 */
import { tmpdir } from "node:os";
import { StewardError } from "../../../definitions/problem.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../../command.ts";
import { type DatasetHistory, openVersion, readAddress, withDatasetHistory } from "../../dataset-versions.ts";
import { formatDifference } from "../../version-text.ts";

export const dataDiffCommand: Command = {
  summary: "Show how two versions of a dataset differ: rows by key, columns, files.",
  arguments: "<dataset@a> [dataset@b]",
  count: [1, 2],
  options: { ...stackOption, ...jsonOption },
  help: `
Rows are told apart by the dataset's key and its event time; of a dataset without a key, rows are added or removed as wholes.
Only the parts that the versions do not share are read.

  npx steward data diff flights               the version before the live one, and the live one
  npx steward data diff flights@3             version 3 and the live one
  npx steward data diff flights@3 flights@5   two versions`,
  run: async (call) => {
    const [first, second] = call.arguments;
    const from = readAddress(first);
    const to = second === undefined ? { dataset: from.dataset } : readAddress(second);
    if (from.dataset !== to.dataset) {
      throw new StewardError({
        code: "command-misused",
        at: "",
        what: "two versions of one dataset can be compared, not two datasets",
        got: `${from.dataset} and ${to.dataset}`,
        expected: `${from.dataset}@<version>`,
        fix: `npx steward data log ${from.dataset} lists its versions`,
      });
    }
    const shown = await withDatasetHistory(call, from, async (history, store) => {
      const { version: after, ...to_ } = await openVersion(store, history, to.version);
      const { version: before, ...from_ } = await openVersion(store, history, from.version ?? findBefore(history));
      const { diffVersions } = await import("../../../data/diff-versions.ts");
      const difference = await diffVersions({ before, after, store, workFolder: tmpdir() });
      return { from: from_, to: to_, difference };
    });
    const { difference, ...versions } = shown;
    const name = ({ root, number }: { readonly root: string; readonly number?: number }) =>
      `${from.dataset}@${number ?? root.slice(0, 12)}`;
    call.print(
      call.has("json")
        ? JSON.stringify({ dataset: from.dataset, ...versions, ...difference }, null, 2)
        : `${name(versions.from)} → ${name(versions.to)}\n${formatDifference(difference)}`,
    );
    return exitCodes.done;
  },
};

/** The number of the version before the live one. @throws StewardError when there is none */
function findBefore({ dataset, records, live }: DatasetHistory): string {
  const at = live ? records.findLastIndex(({ root }) => root === live.root) : records.length;
  const before = records[at - 1];
  if (before) return String(before.number);
  throw new StewardError({
    code: "version-unknown",
    at: dataset,
    what: `dataset "${dataset}" has no version before the live one`,
    fix: `name one: npx steward data log ${dataset} lists them`,
  });
}

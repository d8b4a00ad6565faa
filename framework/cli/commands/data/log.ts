/**
 * `steward data log`: the versions of a dataset.
 * @module
 */
import { mapConcurrently } from "../../../data/concurrency.ts";
import { StewardError } from "../../../definitions/problem.ts";
import { shortDigest } from "../../../plan/digest.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../../command.ts";
import { readAddress, withDatasetHistory } from "../../dataset-versions.ts";
import { formatLog } from "../../version-text.ts";

export const dataLogCommand: Command = {
  summary: "Show the versions of a dataset, newest first: when, how many rows, by whom or why.",
  arguments: "<dataset>",
  count: [1, 1],
  options: { ...stackOption, ...jsonOption },
  help: `
Every version that became live has a number. Rows are shown with the change against the version before; the root is the
digest by which trainings name a version. "removed" beside it: retention did not keep it.

  npx steward data log flights`,
  run: async (call) => {
    const address = readAddress(call.arguments[0]);
    if (address.version !== undefined) {
      throw new StewardError({
        code: "command-misused",
        at: "",
        what: "a log is of all versions of a dataset, not of one",
        got: call.arguments[0] ?? "",
        expected: address.dataset,
        fix: `npx steward data show ${address.dataset}@${address.version} shows one`,
      });
    }
    const { dataset, versions, live } = await withDatasetHistory(call, address, async (history, store) => {
      const roots = [...new Set(history.records.map(({ root }) => root))];
      const has = await mapConcurrently(roots, 16, (root) => store.has(root));
      const held = new Set(roots.filter((_, index) => has[index]));
      return { ...history, versions: history.records.map((record) => ({ ...record, kept: held.has(record.root) })) };
    });
    if (call.has("json")) {
      call.print(JSON.stringify({ dataset, live, versions: versions.toReversed() }, null, 2));
    } else if (versions.length > 0) {
      call.print(formatLog(versions, live?.root));
    } else if (live) {
      const { rows, root } = live;
      call.print(
        `no version of ${dataset} has a number yet: ${rows.toLocaleString("en")} rows are live, root ${shortDigest(root)}; the next change numbers them 1`,
      );
    } else call.print(`${dataset} has no version yet`);
    return exitCodes.done;
  },
};

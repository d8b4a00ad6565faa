/**
 * `steward data quarantine`: the rows of a version that broke the contract.
 * @module
 */
import { tmpdir } from "node:os";
import { StewardError } from "../../../definitions/problem.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../../command.ts";
import { openVersion, readAddress, withDatasetHistory } from "../../dataset-versions.ts";
import { formatQuarantine, formatQuarantineCsv } from "../../quarantine-text.ts";

const mostRows = 10_000;

export const dataQuarantineCommand: Command = {
  summary:
    "Show the rows of a dataset that broke its contract: how many for which reason, where they are, what they hold.",
  arguments: "<dataset[@version]>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    csv: { type: "boolean", help: "print the rows as CSV, with all of their values as they came" },
    reason: { type: "string", help: "only rows with a reason that has this in it, in any case (default: all)" },
    column: { type: "string", help: "only rows with a reason that is about this column (default: all)" },
    limit: { type: "string", help: `how many rows, ${mostRows.toLocaleString("en")} at most (default: 20)` },
    skip: { type: "string", help: "how many rows to pass over (default: 0)" },
  },
  help: `
  npx steward data quarantine flights                       the live version: counts, and the first rows
  npx steward data quarantine flights --reason "is above"   rows with such a reason
  npx steward data quarantine flights --column delay --csv --limit 10000 > delays.csv
  npx steward data quarantine flights@3                     another version, by its number`,
  run: async (call) => {
    const address = readAddress(call.arguments[0]);
    const limit = readCount(call, "limit", { least: 1, most: mostRows }) ?? 20;
    const skip = readCount(call, "skip", { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? 0;
    if (call.has("json") && call.has("csv"))
      throw misuse('"--json" and "--csv" are two forms of the same', "one of the two");
    const [reason, column] = [call.text("reason"), call.text("column")];
    const filter = { ...(reason !== undefined && { reason }), ...(column !== undefined && { column }) };
    const shown = await withDatasetHistory(call, address, async (history, store) => {
      const { version, ...place } = await openVersion(store, history, address.version);
      const { readQuarantine } = await import("../../../data/quarantine.ts");
      const page = await readQuarantine({ store, version, ...filter, skip, limit, workFolder: tmpdir() });
      return { place, version, ...page };
    });
    const { place, version, rows, isMore } = shown;
    const isFiltered = Object.keys(filter).length > 0;
    if (call.has("csv")) {
      call.print(formatQuarantineCsv(rows));
      // Beside the rows, which may go into a file that should be whole.
      if (isMore) process.stderr.write(`there are more rows: --skip ${skip + rows.length} has the next\n`);
    } else if (call.has("json")) {
      const { rows: total, reasons } = version.quarantined ?? { rows: 0, reasons: [] };
      call.print(
        JSON.stringify({ ...place, dataset: address.dataset, quarantined: total, reasons, rows, isMore }, null, 2),
      );
    } else call.print(formatQuarantine({ dataset: address.dataset, version, rows, isMore, isFiltered, skip }));
    return exitCodes.done;
  },
};

function readCount(
  call: Pick<Call, "text">,
  option: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const text = call.text(option);
  if (text === undefined) return undefined;
  if (/^\d{1,16}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw misuse(`"--${option}" is no count of rows`, `a whole number from ${least} to ${most}`, text);
}

function misuse(what: string, expected: string, got?: string): StewardError {
  const fix = "see npx steward data quarantine --help";
  return new StewardError({ code: "command-misused", at: "", what, expected, fix, ...(got !== undefined && { got }) });
}

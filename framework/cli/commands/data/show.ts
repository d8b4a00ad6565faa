/**
 * `steward data show`: what there is to know of a version of a dataset.
 * @module
 */
import { tmpdir } from "node:os";
import { StewardError } from "../../../definitions/problem.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../../command.ts";
import { openVersion, readAddress, withDatasetHistory } from "../../dataset-versions.ts";
import { formatRows, formatVersion } from "../../version-text.ts";

const shownFiles = 20;
const mostRows = 1_000;

export const dataShowCommand: Command = {
  summary: "Show a version of a dataset: columns, files, rows, what was quarantined, and its first rows.",
  arguments: "<dataset[@version]>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    rows: { type: "string", help: "print this many of the first rows (default: none)" },
  },
  help: `
  npx steward data show flights              the live version
  npx steward data show flights@3 --rows 10  by its number, with rows
  npx steward data show flights@1f2e3d4c     by the beginning of its root`,
  run: async (call) => {
    const address = readAddress(call.arguments[0]);
    const count = readCount(call.text("rows"));
    const shown = await withDatasetHistory(call, address, async (history, store) => {
      const { version, ...place } = await openVersion(store, history, address.version);
      const { describeVersion, readFirstRows } = await import("../../../data/show-version.ts");
      const facts = await describeVersion(store, version, shownFiles);
      const rows = count > 0 ? await readFirstRows({ store, version, count, workFolder: tmpdir() }) : undefined;
      return { place, facts, rows };
    });
    const { place, facts, rows } = shown;
    call.print(
      call.has("json")
        ? JSON.stringify({ ...place, ...facts, ...(rows && { firstRows: rows }) }, null, 2)
        : [formatVersion(facts, place), ...(rows ? ["", "first rows", ...formatRows(rows)] : [])].join("\n"),
    );
    return exitCodes.done;
  },
};

function readCount(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^[1-9]\d{0,3}$/.test(text) && Number(text) <= mostRows) return Number(text);
  throw new StewardError({
    code: "command-misused",
    at: "",
    what: '"--rows" is no count of rows',
    got: text,
    expected: `a whole number from 1 to ${mostRows}`,
    fix: "see npx steward data show --help",
  });
}

/**
 * `steward data checkout`: a version of a dataset as files.
 * @module
 */
import { resolve } from "node:path";
import { checkoutFormats } from "../../../data/checkout-version.ts";
import { StewardError } from "../../../definitions/problem.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../../command.ts";
import { openVersion, readAddress, withDatasetHistory } from "../../dataset-versions.ts";
import { formatBytes, formatCount } from "../../table.ts";

export const dataCheckoutCommand: Command = {
  summary: "Write a version of a dataset to a folder, for whoever reads it without Steward.",
  arguments: "<dataset[@version]>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    to: { type: "string", help: "the folder, which is made; one that is there must be empty" },
    format: { type: "string", help: `${checkoutFormats.join(", ")} (default: parquet, as it is stored)` },
  },
  help: `
Every part is checked against its digest. The folder is there whole or not at all.

  npx steward data checkout flights --to data
  npx steward data checkout flights@3 --to data --format csv`,
  run: async (call) => {
    const address = readAddress(call.arguments[0]);
    const given = call.text("to");
    if (!given) throw misuse('"--to" is missing, which says where to', "none", "--to <folder>");
    const asked = call.text("format") ?? "parquet";
    const format = checkoutFormats.find((one) => one === asked);
    if (!format)
      throw misuse('"--format" is not one that can be written', asked, `one of ${checkoutFormats.join(", ")}`);
    const to = resolve(given);
    const written = await withDatasetHistory(call, address, async (history, store) => {
      const { version, ...place } = await openVersion(store, history, address.version);
      const { checkOutVersion } = await import("../../../data/checkout-version.ts");
      return { ...place, ...(await checkOutVersion({ version, store, to, format })) };
    });
    const { files, rows, bytes } = written;
    call.print(
      call.has("json")
        ? JSON.stringify({ dataset: address.dataset, folder: to, format, ...written }, null, 2)
        : `✔ ${formatCount(rows, "row")}, ${formatBytes(bytes)} in ${formatCount(files, "file")}: ${given}`,
    );
    return exitCodes.done;
  },
};

function misuse(what: string, got: string, expected: string): StewardError {
  return new StewardError({
    code: "command-misused",
    at: "",
    what,
    got,
    expected,
    fix: "see npx steward data checkout --help",
  });
}

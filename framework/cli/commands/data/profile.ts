/**
 * `steward data profile`: how the values of a dataset's version are spread.
 * @module
 */
import { resolve } from "node:path";
import { writeWhole } from "../../../supervisor/private-file.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../../command.ts";
import { openVersion, readAddress, withDatasetHistory } from "../../dataset-versions.ts";
import { formatCount } from "../../table.ts";

export const dataProfileCommand: Command = {
  summary: "Show how the values of a version of a dataset are spread: a table, or a page with plots.",
  arguments: "<dataset[@version]>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    html: { type: "string", help: "write one self-contained page to this file, and print where (default: none)" },
  },
  help: `
  npx steward data profile flights                       a table of the live version
  npx steward data profile flights@3 --html flights.html a page with plots of version 3
  npx steward data profile flights --json                the profile as it is merged from those of the parts

  Of texts, min and max are lengths; of times, microseconds since 1970 in JSON.`,
  run: async (call) => {
    const address = readAddress(call.arguments[0]);
    const file = call.text("html");
    const opened = await withDatasetHistory(call, address, async (history, store) => {
      const { version, ...place } = await openVersion(store, history, address.version);
      const { profileVersion } = await import("../../../data/profile/profile-version.ts");
      return { version, place, ...(await profileVersion(store, version)) };
    });
    const { version, place, profile, parts, made } = opened;
    if (file !== undefined) {
      const { formatProfilePage } = await import("../../profile/page.ts");
      writeWhole(resolve(file), formatProfilePage({ version, profile, ...place }), 0o644);
    }
    if (call.has("json")) {
      call.print(JSON.stringify({ dataset: version.dataset, ...place, parts, made, profile }, null, 2));
      return exitCodes.done;
    }
    if (file === undefined) {
      const { formatProfileTable } = await import("../../profile/table.ts");
      call.print(`${formatProfileTable(profile).join("\n")}\n`);
    }
    call.print(`${formatCount(profile.rows, "row")} in ${formatCount(parts, "part")}`);
    if (made > 0) call.print(`${formatCount(made, "part")} had no profile; it was made for this and is not kept`);
    if (file !== undefined) call.print(`page: ${resolve(file)}`);
    return exitCodes.done;
  },
};

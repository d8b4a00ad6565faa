/**
 * `steward forget`: removes the key of a person, with all that was encrypted for them.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import { SubjectKeys } from "../../serving/log/subject-keys.ts";
import { type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { locateCallStack, requireStore } from "../stack.ts";

export const forgetCommand: Command = {
  summary:
    "Remove the key of a person: what the logs of endpoints have encrypted for them can be read by nobody any more.",
  arguments: "<subject>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    yes: { type: "boolean", help: "remove it; nothing brings it back" },
  },
  help: `
The subject is what requests have in the column that an endpoint's log names with "subject", and encrypted labels in their own. Records
stay, with all that is not encrypted: hashes of units and columns, and the ids and names that callers chose. Labels that were encrypted for
the subject count as not known. A model server that used the key within the last minute may use it for as long.

  npx steward forget customer-17         whether there is a key
  npx steward forget customer-17 --yes   remove it`,
  run: async (call) => {
    const [subject = ""] = call.arguments;
    const { connection, logKey } = await requireStore(locateCallStack(call));
    const { openStore } = await import("../../store/store.ts");
    const entries = openStore(connection.store).entries;
    const keys = new SubjectKeys({ entries, key: Buffer.from(logKey ?? "", "hex") });
    const found = (await keys.read(subject)) !== undefined;
    const isRemoved = call.has("yes") && (await keys.remove(subject));
    if (call.has("json")) call.print(JSON.stringify({ found, removed: isRemoved }));
    else if (isRemoved) call.print("the key is removed, and with it all that was encrypted for this subject");
    else if (found) call.print("there is a key of this subject: --yes removes it, and nothing brings it back");
    if (found || call.has("json")) return exitCodes.done;
    throw new StewardError({
      code: "entity-unknown",
      at: "",
      what: "there is no key of this subject: nothing is encrypted for it, or its key was removed before",
      fix: "nothing is left to remove, unless the subject is called otherwise in the requests",
    });
  },
};

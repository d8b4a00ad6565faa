/**
 * `steward data gc`: removes from the store what nothing needs any more.
 * @module
 */
import { StewardError } from "../../../definitions/problem.ts";
import { duration, toSeconds } from "../../../definitions/units.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../../command.ts";
import { readCallStack, withStack } from "../../stack.ts";
import { formatCollection } from "../../version-text.ts";

export const dataGcCommand: Command = {
  summary: "List what nothing in the store needs any more, or remove it with --yes.",
  count: [0, 0],
  options: {
    ...stackOption,
    ...jsonOption,
    yes: { type: "boolean", help: "remove it (default: only say what would be removed)" },
    grace: { type: "string", help: 'keep what was written within this time (default: "24 hours")' },
  },
  help: `
Kept is what an entity, a recorded result or the log of a dataset leads to. Versions beyond the "retention" of their dataset
are kept only where the live version or a training set needs them. Exported histories are in another bucket and stay.
Nothing is removed while an entity is at work, or when a document cannot be read.

  npx steward data gc
  npx steward data gc --yes --grace "1 hour"`,
  run: async (call) => {
    const grace = readGrace(call.text("grace") ?? "24 hours");
    const removes = call.has("yes");
    const stack = await readCallStack(call);
    const { collect, planCollection, requireQuiet, sumByKind } = await import("../../../data/collection.ts");
    const collection = await withStack(stack, async ({ engine, openStore }) => {
      const store = await openStore();
      const { name: project } = stack.project;
      // A listing is a second or so behind; whoever removes asks each entity itself.
      const ask = async () => {
        const listed = await engine.list(project);
        const asked = await Promise.all(listed.map(({ kind, name }) => engine.status({ project, kind, name })));
        return asked.filter((status) => status !== undefined);
      };
      const statuses = removes ? await ask() : await engine.list(project);
      if (removes) requireQuiet(statuses);
      const planned = await planCollection({ store, statuses, now: new Date().toISOString(), grace });
      if (removes) await collect(store, planned, async () => requireQuiet(await ask(), statuses));
      return planned;
    });
    const { kept, garbage, uploads, expired } = collection;
    call.print(
      call.has("json")
        ? JSON.stringify(
            {
              removed: removes,
              kept: sumByKind(kept),
              garbage: sumByKind(garbage),
              objects: garbage.map(({ sha256, size, kind }) => ({ sha256, size, kind })),
              uploads,
              expired,
            },
            null,
            2,
          )
        : formatCollection(collection, removes ? undefined : describeRemoval(call)),
    );
    return exitCodes.done;
  },
};

/** The same command, but that it removes. */
function describeRemoval(call: Pick<Call, "text">): string {
  const [stack, grace] = [call.text("stack"), call.text("grace")];
  return ["npx steward data gc --yes", stack && `--stack ${stack}`, grace && `--grace "${grace}"`]
    .filter(Boolean)
    .join(" ");
}

function readGrace(text: string): number {
  if (duration.safeParse(text).success) return toSeconds(text);
  throw new StewardError({
    code: "command-misused",
    at: "",
    what: '"--grace" is no duration',
    got: text,
    expected: 'a duration with its unit, such as "1 hour"',
    fix: "see npx steward data gc --help",
  });
}

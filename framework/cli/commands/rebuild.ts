/**
 * `steward rebuild`: restores what was tracked into an empty database.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import type { Sql } from "../../tracking/database.ts";
import type { Rebuilt } from "../../tracking/seal/rebuild-runs.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { locateCallStack, requirePrepared, type StackPlace } from "../stack.ts";

const variable = "STEWARD_TRACKING_DATABASE";

export const rebuildCommand: Command = {
  summary: "Restore sealed runs, experiments and models into an empty tracking database.",
  count: [0, 0],
  options: {
    ...stackOption,
    ...jsonOption,
    add: { type: "boolean", help: "also into a database that has something: what it has stays as it is" },
  },
  help: `
What was sealed is in the stack's store: every run that ended, experiments, logged models, registered models, their versions
and aliases. A run that never ended was not sealed. Artifacts are in the store in any case. Restored are all into the stack's
own database, or into the one that ${variable} names:

  npx steward rebuild
  ${variable}=postgres://user:password@host/database npx steward rebuild

Interrupted and begun again, with --add, it goes on where it ended. Until then the tracking server answers nothing from an empty
database: what would be logged to it would take the numbers and names of what was there.`,
  run: async (call) => {
    const stack = locateCallStack(call);
    const { connection } = requirePrepared(stack);
    const url = await findDatabase(stack);
    const [{ openStore }, { trackingAreas }, { openDatabase }, { rebuildRuns }, content] = await Promise.all([
      import("../../store/store.ts"),
      import("../../tracking/parts.ts"),
      import("../../tracking/database.ts"),
      import("../../tracking/seal/rebuild-runs.ts"),
      import("../../tracking/seal/tracked-content.ts"),
    ]);
    const store = openStore(connection.store);
    const sql: Sql = await openDatabase({ url, areas: trackingAreas, owner: connection.owner }).catch(sayUnreachable);
    try {
      await (call.has("add") ? content.requireSameExperiments(sql, store) : content.requireEmpty(sql));
      let said = 0;
      const rebuilt = await rebuildRuns(sql, store, ({ runs, of }) => {
        if (runs < of && Date.now() - said < 1000) return;
        said = Date.now();
        process.stderr.write(`${runs.toLocaleString("en")} of ${of.toLocaleString("en")} runs restored\n`);
      });
      print(call, rebuilt);
    } finally {
      await sql.end({ timeout: 5 });
    }
    return exitCodes.done;
  },
};

function print(call: Call, rebuilt: Rebuilt): void {
  if (call.has("json")) {
    call.print(JSON.stringify(rebuilt, null, 2));
    return;
  }
  const { restored, present, records } = rebuilt;
  const counts = [
    [restored, "runs"],
    [records.experiment, "experiments"],
    [records["logged-model"], "logged models"],
    [records["registered-model"], "registered models"],
    [records["model-version"], "versions of models"],
  ] as const;
  const said = counts.map(([count, noun]) => `${count.toLocaleString("en")} ${noun}`);
  call.print(
    `restored: ${said.join(", ")}${present > 0 ? `; ${present.toLocaleString("en")} runs were there already` : ""}`,
  );
}

/** The database that was named, else the stack's own, which must run. */
async function findDatabase({ name, folder }: StackPlace): Promise<string> {
  const named = process.env[variable];
  const { openSupervisor } = await import("../../supervisor/client.ts");
  const services = await (await openSupervisor(folder)).list();
  const runs = (service: string) => services.some((one) => one.name === service && one.pid !== undefined);
  const down = new StewardError({
    code: "stack-not-up",
    at: "",
    what: `stack "${name}" is down`,
    fix: `npx pulumi up -s ${name} brings it back as it was`,
  });
  if (!runs("store")) throw down;
  if (named !== undefined && named !== "") return named;
  const { tracking } = requirePrepared({ name, folder });
  const isDeclared = (service: string) => services.some((one) => one.name === service);
  if (!tracking || !isDeclared("tracking")) {
    throw new StewardError({
      code: "tracking-off",
      at: "",
      what: `stack "${name}" does not track experiments`,
      fix: `npx pulumi config set -s ${name} steward:tracking local, then npx pulumi up -s ${name}`,
    });
  }
  if (!isDeclared("database")) {
    throw new StewardError({
      code: "database-unnamed",
      at: "",
      what: `stack "${name}" tracks experiments in a database that is not its own`,
      fix: `name it: ${variable}=postgres://… npx steward rebuild -s ${name}`,
    });
  }
  if (!runs("database")) throw down;
  const { locateDatabase } = await import("../../postgres/address.ts");
  return locateDatabase({ port: tracking.databasePort, password: tracking.databasePassword });
}

/** A database that does not answer is said without its address, which has a password in it. */
function sayUnreachable(error: unknown): never {
  if (error instanceof StewardError) throw error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  throw new StewardError(
    {
      code: "database-unreachable",
      at: "",
      what: "the database does not let us in",
      ...(code !== "" && { got: code }),
    },
    { cause: error },
  );
}

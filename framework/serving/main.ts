/**
 * The program of a model server. Settings come from environment variables:
 *
 * - `STEWARD_CONNECTION`: where the store is, as JSON; secret.
 * - `STEWARD_ENDPOINT`, `STEWARD_MODEL`: the names of the endpoint and of its model.
 * - `STEWARD_PORT`: the port on 127.0.0.1.
 * - `STEWARD_SEGMENTS`: the replica's own folder for the request log.
 * - `STEWARD_LOG`: what is logged, as JSON: `{"requests":"all","durability":"disk"}`.
 * - `STEWARD_PII`: how personal data is recorded, as JSON: `{"request":{"email":"hash"},"inputs":{}}`. None: nothing is personal.
 * - `STEWARD_LOG_KEY`: what such data is hashed and encrypted with, 64 hexadecimal digits; secret, needed where there is any.
 * - `STEWARD_SERVER_PROCESSES`: in how many processes it runs, 0 for this one alone, which nobody watches. None: one for each core, at most 4.
 * - `STEWARD_ONLINE`: how features are served that are looked up, as JSON: `{"maxAge":"2 hours"}`. None: null where there is none.
 * - `STEWARD_UNIT_COLUMN`: the column of a typed request that says whom it is for. None: the header `steward-unit` alone does.
 * - `STEWARD_FEEDBACK`: how labels of answers come to be known, as JSON. None: no labels are taken.
 * - `STEWARD_ONLINE_FOLDER`: the folder of the online store; `STEWARD_ONLINE_URL`, secret: the server that is used in its place.
 * - those of `trace/trace-settings.ts`: where spans of requests are sent. None: nothing is traced.
 *
 * It ends with 0 after SIGTERM or SIGINT, when what was under way is answered and logged; with 1 when it cannot start or
 * the log cannot be flushed.
 * @module
 */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { z } from "zod";
import { connectionSchema } from "../connection/connection.ts";
import { endpointSpec } from "../definitions/spec.ts";
import { openOnlineStore } from "../features/online/open-online.ts";
import { claimFolder } from "../http/processes/folder-claim.ts";
import { jsonVariable, portVariable, runService } from "../http/service-program.ts";
import { openStore } from "../store/store.ts";
import { EndedTrials } from "./processes/ended-trials.ts";
import { mergePast } from "./processes/merge-evidence.ts";
import { countProcesses } from "./processes/process-count.ts";
import { listLeftFolders, locateProcess } from "./processes/process-folder.ts";
import { findTraceSettings, traceVariables } from "./trace/trace-settings.ts";

await runService({
  what: "a model server",
  settings: z.object({
    STEWARD_CONNECTION: jsonVariable.pipe(connectionSchema),
    STEWARD_ENDPOINT: z.string().min(1),
    STEWARD_MODEL: z.string().min(1),
    STEWARD_PORT: portVariable,
    STEWARD_SEGMENTS: z.string().min(1),
    STEWARD_SERVER_PROCESSES: z.coerce.number().int().min(0).max(64).optional(),
    STEWARD_LOG: jsonVariable.pipe(endpointSpec.shape.log),
    STEWARD_PII: jsonVariable.pipe(endpointSpec.shape.pii).optional(),
    STEWARD_LOG_KEY: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    STEWARD_ONLINE: jsonVariable.pipe(endpointSpec.shape.online).optional(),
    STEWARD_UNIT_COLUMN: z.string().min(1).optional(),
    STEWARD_FEEDBACK: jsonVariable.pipe(endpointSpec.shape.feedback).optional(),
    STEWARD_ONLINE_FOLDER: z.string().min(1).optional(),
    STEWARD_ONLINE_URL: z.string().min(1).optional(),
    ...traceVariables,
  }),
  processes: ({ STEWARD_SERVER_PROCESSES: asked, STEWARD_PORT: port, ...settings }) => {
    const count = countProcesses(asked, { platform: process.platform, cores: availableParallelism() });
    const trials = new EndedTrials(settings.STEWARD_ENDPOINT, settings.STEWARD_SEGMENTS);
    const behind = { left: trials.take.bind(trials), before: trials.takeBefore.bind(trials) };
    return count === undefined ? undefined : { count, port, merge: mergePast, ...behind };
  },
  start: async (settings, report, member) => {
    // Who sees to the processes needs none of it.
    const { startServer } = await import("./server.ts");
    const { STEWARD_CONNECTION: connection, STEWARD_ONLINE_FOLDER: folder, STEWARD_ONLINE_URL: url } = settings;
    const store = openStore(connection.store);
    const { STEWARD_SEGMENTS: segments } = settings;
    const own = locateProcess(segments, member?.index ?? 0);
    // What processes left that there are no more of is the first one's.
    const left = own === segments ? await listLeftFolders(segments, member?.count ?? 1) : [];
    // One that is by itself may come after several, which give up their port before they have flushed their logs.
    if (process.platform === "linux") for (const folder of [own, ...left]) await claimFolder(resolve(folder));
    return startServer({
      endpoint: settings.STEWARD_ENDPOINT,
      model: settings.STEWARD_MODEL,
      store,
      logStore: store,
      segmentFolder: own,
      leftFolders: left,
      member,
      log: settings.STEWARD_LOG,
      pii: settings.STEWARD_PII,
      logKey: settings.STEWARD_LOG_KEY,
      online: settings.STEWARD_ONLINE,
      unitColumn: settings.STEWARD_UNIT_COLUMN,
      feedback: settings.STEWARD_FEEDBACK,
      traces: findTraceSettings(settings, settings.STEWARD_ENDPOINT),
      ...(folder !== undefined && {
        openOnline: () =>
          openOnlineStore({ folder, prefix: connection.owner, ...(url !== undefined && { url }) }, { readOnly: true }),
      }),
      port: settings.STEWARD_PORT,
      report,
    });
  },
});

/**
 * The worker of a stack: one build of the workflows and activities, polling until it is told to stop or is drained.
 * @module
 */
import { createServer, type Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { Client, Connection } from "@temporalio/client";
import { NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { z } from "zod";
import { connectionSchema } from "../framework/connection/connection.ts";
import { placeOf } from "../framework/data/lineage/place.ts";
import { createEngine } from "../framework/engine/engine.ts";
import { deploymentName, taskQueue } from "../framework/engine/entity-names.ts";
import { exportClosedHistories, historyName } from "../framework/engine/history-export.ts";
import { createSchedules } from "../framework/engine/schedules.ts";
import { openOnlineStore } from "../framework/features/online/open-online.ts";
import { openStore, type Store } from "../framework/store/store.ts";
import { trackingAddressSchema } from "../framework/tracking/client/tracked-run.ts";
import { openCluster, parseRunner, runnerForms } from "../framework/training/runner-place.ts";
import { createActivities } from "./activities.ts";
import { type ActivityToolsOptions, createActivityTools } from "./activity-tools.ts";
import { type Build, isDrained, makeCurrent } from "./deployment.ts";

const settingsSchema = z.object({
  STEWARD_CONNECTION: z.string().transform((text) => connectionSchema.parse(JSON.parse(text))),
  STEWARD_PROJECT: z.string(),
  STEWARD_BUNDLE: z.string(),
  STEWARD_BUILD_ID: z.string(),
  /** The folder of steps under way. */
  STEWARD_WORK: z.string(),
  /** The folder of the inference logs of this machine. */
  STEWARD_REQUESTS: z.string().optional(),
  /** What labels in them were hashed or encrypted with; secret. */
  STEWARD_LOG_KEY: z.string().optional(),
  /** How many activities run at once; more wait their turn. */
  STEWARD_SLOTS: z.coerce.number().int().positive().default(4),
  STEWARD_HEALTH_SOCKET: z.string(),
  /** The folder of the online store. */
  STEWARD_ONLINE_FOLDER: z.string().optional(),
  /** The server that is used in its place; secret. */
  STEWARD_ONLINE_URL: z.string().optional(),
  /** What the stack supplies to reach sources, by name. */
  STEWARD_INPUTS: z
    .string()
    .default("{}")
    .transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text))),
  /** Where jobs log, and what they show; secret. */
  STEWARD_TRACKING: z
    .string()
    .transform((text) => trackingAddressSchema.parse(JSON.parse(text)))
    .optional(),
  /** Where training jobs run, as the setting `steward:runner` says it; secret. */
  STEWARD_RUNNER: z
    .string()
    .default("process")
    .transform((text, context) => {
      const place = parseRunner(text);
      if (place !== undefined) return place;
      // Without the text, which may have a password.
      context.addIssue({ code: "custom", message: `expected ${runnerForms}` });
      return z.NEVER;
    }),
  /** Set by the supervisor on an older build that a newer one has replaced: it works its runs off and takes no new ones. */
  STEWARD_SUPERSEDED: z.literal("1").optional(),
});

const sweepMilliseconds = 10_000;
/** How long after its end a closed run may first be seen in a listing. */
const listingLagMilliseconds = 10 * 60_000;
const drainCheckMilliseconds = 5_000;
/** How long a worker that was told to stop may still export; its supervisor waits longer than that. */
const lastSweepMilliseconds = 3_000;

async function main(): Promise<void> {
  const settings = settingsSchema.parse(process.env);
  const { engine } = settings.STEWARD_CONNECTION;
  Runtime.install({ shutdownSignals: [] });
  const native = await NativeConnection.connect({ address: engine.address });
  const connection = await Connection.connect({ address: engine.address });
  const client = new Client({ connection, namespace: engine.namespace });
  // Entities that a newer Steward has taken further would go wrong in this code. A superseded build gets no entities.
  if (!settings.STEWARD_SUPERSEDED) await createEngine(client, () => connection.close()).list(settings.STEWARD_PROJECT);
  const store = openStore(settings.STEWARD_CONNECTION.store);
  const cluster = openCluster(settings.STEWARD_RUNNER);
  const worker = await Worker.create({
    connection: native,
    namespace: engine.namespace,
    taskQueue,
    workflowBundle: { codePath: settings.STEWARD_BUNDLE },
    activities: createActivities(
      createActivityTools({
        store,
        workRoot: settings.STEWARD_WORK,
        inputs: settings.STEWARD_INPUTS,
        schedules: createSchedules(client),
        place: placeOf(settings.STEWARD_CONNECTION),
        ...(settings.STEWARD_REQUESTS !== undefined && { requests: settings.STEWARD_REQUESTS }),
        ...(settings.STEWARD_LOG_KEY !== undefined && { logKey: settings.STEWARD_LOG_KEY }),
        ...locateOnline(settings),
        ...(settings.STEWARD_TRACKING && { tracking: settings.STEWARD_TRACKING }),
        ...(cluster && { cluster }),
      }),
    ),
    maxConcurrentActivityTaskExecutions: settings.STEWARD_SLOTS,
    // Cancellations come with the answers to heartbeats, and `pulumi up` shows their lines.
    maxHeartbeatThrottleInterval: "1 second",
    shutdownGraceTime: "5 seconds",
    workerDeploymentOptions: {
      version: { deploymentName, buildId: settings.STEWARD_BUILD_ID },
      useWorkerVersioning: true,
      defaultVersioningBehavior: "PINNED",
    },
  });

  const stop = new AbortController();
  const stopWorker = (): void => {
    stop.abort();
    if (worker.getState() === "RUNNING") worker.shutdown();
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stopWorker);

  let ready = false;
  const health = listenForHealth(settings.STEWARD_HEALTH_SOCKET, () => ready && worker.getState() === "RUNNING");
  const running = worker.run();
  const build: Build = {
    service: connection.workflowService,
    namespace: engine.namespace,
    buildId: settings.STEWARD_BUILD_ID,
  };
  const sweep = createSweep({ client, store, project: settings.STEWARD_PROJECT });
  const beside = Promise.all([
    (async () => {
      if (!settings.STEWARD_SUPERSEDED) await makeCurrent(build, stop.signal);
      ready = true;
      await repeat(drainCheckMilliseconds, stop.signal, async () => {
        if (await isDrained(build)) stopWorker();
      });
    })(),
    repeat(sweepMilliseconds, stop.signal, sweep),
  ]).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  try {
    await Promise.race([running, beside.then(() => running)]);
  } finally {
    stopWorker();
    await running.catch(() => undefined);
    // Whoever ends a stack retires its entities just before: nobody else would export how they ended.
    await client.withDeadline(Date.now() + lastSweepMilliseconds, sweep).catch(complain);
    health.close();
    await Promise.all([native.close(), connection.close()]);
  }
}

/** Where features are put that servers look up, where the stack says so. */
function locateOnline(settings: z.output<typeof settingsSchema>): Pick<ActivityToolsOptions, "openOnline"> {
  const { STEWARD_CONNECTION: connection, STEWARD_ONLINE_FOLDER: folder, STEWARD_ONLINE_URL: url } = settings;
  if (folder === undefined) return {};
  const location = { folder, prefix: connection.owner, ...(url !== undefined && { url }) };
  return { openOnline: () => openOnlineStore(location, { readOnly: false }) };
}

/** Creates the export of closed histories. The first turn looks at all there are, later ones at the recent. */
function createSweep(options: {
  readonly client: Client;
  readonly store: Store;
  readonly project: string;
}): () => Promise<void> {
  const { client, store, project } = options;
  let known: Set<string> | undefined;
  let since: Date | undefined;
  return async () => {
    const began = Date.now();
    known ??= new Set((await store.listHistories(`${project}/`)).map(({ key }) => key));
    const names = known;
    const exported = await exportClosedHistories(client, store, {
      project,
      since,
      isKnown: (run) => names.has(historyName(run)),
    });
    for (const run of exported) names.add(historyName(run));
    since = new Date(began - listingLagMilliseconds);
  };
}

/** Does work again and again until aborted. What fails is tried at the next turn: both kinds of work here can wait. */
async function repeat(milliseconds: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await work().catch(complain);
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}

function complain(error: unknown): void {
  process.stderr.write(`${new Date().toISOString()} ${error instanceof Error ? error.message : String(error)}\n`);
}

function listenForHealth(socket: string, isReady: () => boolean): Server {
  const server = createServer((_request, response) => {
    response.writeHead(isReady() ? 200 : 503).end();
  });
  server.listen(socket);
  return server;
}

await main();

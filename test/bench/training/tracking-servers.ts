/**
 * The two servers of the tracking bench, as they are run in production: Steward's and MLflow's own, each on a database of its own of
 * one PostgreSQL server.
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import postgres, { type Sql } from "postgres";
import { openStore } from "../../../framework/store/store.ts";
import { ensureEnvironment } from "../../../framework/training/environment.ts";
import { findTrainingTools } from "../../../framework/training/training-tools.ts";
import { findFreePort, startMinio } from "../../support/minio.ts";
import { startPostgres } from "../../support/postgres.ts";
import { startTracked, type TrackedServer } from "./tracked-server.ts";

/** A server, and the connection that looks behind it. */
export interface Contender {
  readonly server: TrackedServer;
  readonly sql: Sql;
}

export interface Contenders extends AsyncDisposable {
  readonly steward: Contender;
  readonly mlflow: Contender;
  /** Writes what PostgreSQL holds to its files, so that no turn pays for another one. */
  settle(): Promise<void>;
}

/** How many processes MLflow's server has; what it does when it is not told. */
const mlflowWorkers = 4;

const program = join(import.meta.dirname, "../../../framework/tracking/main.ts");

/** Starts PostgreSQL, which waits for the disk, the store and both servers. */
export async function startContenders(signal: AbortSignal): Promise<Contenders> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-tracking-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  const database = await startPostgres({ durable: true });
  starting.defer(() => database.stop());
  const minio = await startMinio();
  starting.defer(() => minio.stop());
  await openStore(minio.connection).prepare();
  const token = randomBytes(24).toString("base64url");
  const makeDatabase = async (name: string) => {
    await database.sql`CREATE DATABASE ${database.sql(name)}`;
    const url = new URL(database.url);
    url.pathname = name;
    // Whole numbers as the server itself takes them.
    const bigint = { to: 20, from: [20], serialize: String, parse: Number };
    const sql = postgres(url.href, { max: 1, onnotice: () => undefined, types: { bigint } });
    starting.defer(() => sql.end({ timeout: 1 }));
    return { url: url.href, sql };
  };
  const own = await makeDatabase("steward");
  const theirs = await makeDatabase("mlflow");
  const shared = { cwd: folder, token, signal };
  const steward = await startSteward({ ...shared, database: own.url, store: minio.connection });
  starting.defer(() => steward.stop());
  const mlflow = await startMlflow({ ...shared, database: theirs.url });
  starting.defer(() => mlflow.stop());
  const stack = starting.move();
  return {
    steward: { server: steward, sql: own.sql },
    mlflow: { server: mlflow, sql: theirs.sql },
    settle: async () => void (await database.sql`CHECKPOINT`),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface ServerPlace {
  readonly cwd: string;
  readonly token: string;
  readonly database: string;
  readonly signal: AbortSignal;
}

async function startSteward({ store, ...place }: ServerPlace & { readonly store: object }): Promise<TrackedServer> {
  const port = await findFreePort();
  const engine = { address: "127.0.0.1:1", namespace: "none", ui: "http://127.0.0.1:1" };
  return startTracked({
    ...place,
    name: "steward",
    command: [process.execPath, program],
    env: {
      STEWARD_CONNECTION: JSON.stringify({ owner: "bench", store, engine }),
      STEWARD_TRACKING_DATABASE: place.database,
      STEWARD_TRACKING_TOKENS: JSON.stringify([{ actor: "bench", token: place.token }]),
      STEWARD_PORT: String(port),
    },
    port,
  });
}

async function startMlflow(place: ServerPlace): Promise<TrackedServer> {
  const lock = join(import.meta.dirname, "mlflow.lock");
  const { python } = await ensureEnvironment({
    ...(await findTrainingTools(place.signal)),
    lock,
    signal: place.signal,
  });
  const port = await findFreePort();
  const address = place.database.replace(/^postgres:/, "postgresql+psycopg2:");
  const flags = ["--host", "127.0.0.1", "--port", String(port), "--workers", String(mlflowWorkers)];
  return startTracked({
    ...place,
    name: "mlflow",
    command: [python, "-m", "mlflow", "server", ...flags, "--backend-store-uri", address, "--serve-artifacts"],
    env: {
      PATH: `${dirname(python)}:${process.env["PATH"] ?? ""}`,
      MLFLOW_DISABLE_TELEMETRY: "true",
      DO_NOT_TRACK: "true",
      // What runs beside the answers would take its share of the processors from them.
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
      // About as many connections as it would open by itself, which it then keeps; all of them are fewer than PostgreSQL takes.
      MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: "17",
      MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW: "1",
      GIT_PYTHON_REFRESH: "quiet",
    },
    port,
  });
}

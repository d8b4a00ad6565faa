/**
 * A tracking server for the tests of one file, on a real Postgres and a real store, and real MLflow clients that ask it.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import type { AnsweringServer } from "../../framework/http/answering-server.ts";
import { openStore, type Store } from "../../framework/store/store.ts";
import type { Token } from "../../framework/tracking/tracking-request.ts";
import { startTrackingServer } from "../../framework/tracking/tracking-server.ts";
import { ensureEnvironment } from "../../framework/training/environment.ts";
import { findTrainingTools } from "../../framework/training/training-tools.ts";
import { startMinio } from "../support/minio.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

const run = promisify(execFile);

/** What a test finds prepared; the fields are there once a test runs. */
export interface GivenTracking {
  /** Where the server listens, as `MLFLOW_TRACKING_URI`. */
  url: string;
  server: AnsweringServer;
  postgres: TestPostgres;
  store: Store;
  /** What the server reported. */
  reported: string[];
  /** Asks for JSON, as an MLflow client of that path does, and returns status and body. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Asked>;
  /** Ends the server and starts another on the same database and store. */
  restart(): Promise<void>;
}

/** What came of a request. */
export interface Asked {
  readonly status: number;
  /** As JSON; the text where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks wherever it wants to.
  readonly body: any;
}

export interface TrackingOptions {
  /** @default none: everybody may ask */
  readonly tokens?: readonly Token[];
}

/** Starts Postgres, a store and a server before the tests of a file, and ends them after. */
export function useTracking({ tokens = [] }: TrackingOptions = {}): GivenTracking {
  const given = { reported: [] as string[] } as GivenTracking;
  let stop: (() => Promise<void>) | undefined;
  const start = async () => {
    const { postgres, store, reported } = given;
    const report = (line: string) => void reported.push(line);
    given.server = await startTrackingServer({ database: postgres.url, store, tokens, port: 0, report });
    given.url = `http://127.0.0.1:${given.server.port}`;
  };
  beforeAll(async () => {
    const [minio, postgres] = await Promise.all([startMinio(), startPostgres()]);
    const cacheFolder = await mkdtemp(join(tmpdir(), "steward-tracking-"));
    stop = async () => {
      await given.server?.close();
      await Promise.all([minio.stop(), postgres.stop(), rm(cacheFolder, { recursive: true, force: true })]);
    };
    const store = openStore(minio.connection, { cacheFolder });
    await store.prepare();
    Object.assign(given, { postgres, store });
    await start();
  }, 600_000);
  afterAll(() => stop?.());
  given.ask = async (method, path, body, headers = {}) => {
    const response = await fetch(`${given.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: parse(text) };
  };
  given.restart = async () => {
    await given.server.close();
    await start();
  };
  return given;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The versions of the client that are asked with. */
export const clientVersions = ["2.22", "3.17"] as const;
export type ClientVersion = (typeof clientVersions)[number];

export interface ClientCall {
  /** A Python program in `clients/`. */
  readonly script: string;
  /** The server. */
  readonly url: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default {} */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a Python program with a real client of a version, in an environment that is built once into the user's cache, and
 * returns the JSON that it prints as its last line.
 */
export async function runClient(version: ClientVersion, call: ClientCall): Promise<unknown> {
  const lock = join(import.meta.dirname, "clients", version, "requirements.lock");
  const { python } = await ensureEnvironment({ lock, ...(await findTrainingTools()) });
  const folder = await mkdtemp(join(tmpdir(), "steward-client-"));
  try {
    const { stdout } = await run(python, [join(import.meta.dirname, "clients", call.script), ...(call.args ?? [])], {
      cwd: folder,
      maxBuffer: 2 ** 26,
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        TMPDIR: folder,
        MLFLOW_TRACKING_URI: call.url,
        MLFLOW_DISABLE_TELEMETRY: "true",
        DO_NOT_TRACK: "true",
        // What must not be asked again is to fail at once.
        MLFLOW_HTTP_REQUEST_MAX_RETRIES: "1",
        GIT_PYTHON_REFRESH: "quiet",
        OMP_NUM_THREADS: "1",
        ...call.env,
      },
    });
    return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "null");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

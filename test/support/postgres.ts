/**
 * A PostgreSQL server of a test's own: real binaries from npm, on loopback, in a folder of its own.
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll } from "vitest";
import { databaseOwner, startCluster } from "../../framework/postgres/cluster.ts";
import { listens } from "./listening.ts";
import { findFreePort } from "./minio.ts";

/** A server that runs. */
export interface TestPostgres {
  /** Its address with the name and the password of the owner of everything. */
  readonly url: string;
  readonly port: number;
  readonly password: string;
  /** The owner's connections, for preparing tables and looking behind the source. */
  readonly sql: Sql;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a server before the tests of a file, and ends it after them; the fields are there once a test runs. */
export function usePostgres(): TestPostgres {
  const given = {} as TestPostgres;
  beforeAll(async () => {
    Object.assign(given, await startPostgres());
  }, 120_000);
  afterAll(() => given.stop?.());
  return given;
}

export interface PostgresOptions {
  /** Whether what it says is written would outlive the machine's end, as in production: slower, and for measuring. @default false */
  readonly durable?: boolean;
}

/** Starts a server on loopback and waits until it serves. */
export async function startPostgres({ durable = false }: PostgresOptions = {}): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "steward-postgres-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const password = randomBytes(16).toString("hex");
    const port = await findFreePort();
    const said: string[] = [];
    const report = (line: string) => void said.push(line);
    const cluster = await startCluster({
      folder,
      port,
      password,
      settings: [`fsync=${durable ? "on" : "off"}`],
      report,
    });
    const url = `postgres://${databaseOwner}:${password}@127.0.0.1:${port}/postgres`;
    const sql = postgres(url, { max: 4, onnotice: () => undefined });
    const stop = async () => {
      await sql.end({ timeout: 1 });
      await cluster.close();
      await remove();
    };
    let lives = true;
    void cluster.ended.then(() => {
      lives = false;
    });
    try {
      await untilReady({ sql, port }, () => lives);
    } catch (error) {
      await stop();
      throw new Error(`PostgreSQL did not start: ${said.slice(-20).join("\n")}`, { cause: error });
    }
    return { url, port, password, sql, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function untilReady(server: { readonly sql: Sql; readonly port: number }, lives: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 600 && lives(); attempt++) {
    if ((await listens(server.port)) && (await server.sql`SELECT 1`.then(Boolean, () => false))) return;
    await sleep(50);
  }
  throw new Error("it never answered");
}

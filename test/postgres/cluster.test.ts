import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Cluster, databaseOwner, startCluster } from "../../framework/postgres/cluster.ts";
import { findPostgresPrograms } from "../../framework/postgres/programs.ts";
import { failure } from "../support/failure.ts";
import { listens } from "../support/listening.ts";
import { findFreePort } from "../support/minio.ts";

const password = "a password for tests";
let root = "";
let running: Cluster[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "steward-cluster-"));
});
afterEach(async () => {
  for (const cluster of running) await cluster.close();
  running = [];
  rmSync(root, { recursive: true, force: true });
});

async function start(folder: string): Promise<Cluster> {
  const cluster = await startCluster({ folder: join(root, folder), port: await findFreePort(), password });
  running.push(cluster);
  return cluster;
}

/** Asks as soon as the server answers. */
async function ask<T>(cluster: Cluster, work: (sql: postgres.Sql) => Promise<T>, shown = password): Promise<T> {
  const options = { user: databaseOwner, database: "postgres", password: shown, max: 1, onnotice: () => undefined };
  const sql = postgres({ host: "127.0.0.1", port: cluster.port, ...options });
  try {
    // The client waits ever longer after each refusal.
    await vi.waitUntil(() => listens(cluster.port), { timeout: 60_000, interval: 50 });
    await vi.waitFor(() => sql`SELECT 1`, { timeout: 60_000, interval: 50 });
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const countRows = (cluster: Cluster) =>
  ask(cluster, async (sql) => (await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM runs`)[0]?.n);
const writeRow = (cluster: Cluster) => ask(cluster, (sql) => sql`CREATE TABLE runs AS SELECT 1 AS id`);

describe("a stack's database", () => {
  it("has what was committed after it ended, and in a folder that was copied", async () => {
    const first = await start("database");
    await writeRow(first);
    await first.close();
    cpSync(join(root, "database"), join(root, "copy"), { recursive: true });
    expect(await countRows(await start("database"))).toBe(1);
    expect(await countRows(await start("copy"))).toBe(1);
  });

  it("has what was committed after the server was killed", async () => {
    const first = await start("database");
    await writeRow(first);
    const pid = Number((await readFile(join(root, "database/data/postmaster.pid"), "utf8")).split("\n")[0]);
    process.kill(pid, "SIGKILL");
    expect(await first.ended).toBe("ended by SIGKILL");
    expect(await countRows(await start("database"))).toBe(1);
  });

  it("asks for the password", async () => {
    const cluster = await start("database");
    await ask(cluster, async () => undefined);
    const sql = postgres({ host: "127.0.0.1", port: cluster.port, user: databaseOwner, password: "another", max: 1 });
    await expect(sql`SELECT 1`).rejects.toThrow(/password authentication failed/);
    await sql.end({ timeout: 1 });
  });

  it("is told to be missing where no package has its programs", async () => {
    expect((await failure(findPostgresPrograms("plan9-mips"))).problems.map(({ code }) => code)).toEqual([
      "database-missing",
    ]);
  });
});

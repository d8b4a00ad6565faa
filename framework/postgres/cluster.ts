/**
 * A PostgreSQL server of a stack's own, on loopback, with its data in a folder.
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { StewardError } from "../definitions/problem.ts";
import { findPostgresPrograms, linkLibraries, type PostgresPrograms } from "./programs.ts";

const run = promisify(execFile);

/** Who owns everything in the database. */
export const databaseOwner = "steward";

export interface ClusterOptions {
  /** Made where it is not there; the server's data are in `data` in it. */
  readonly folder: string;
  readonly port: number;
  /** The password of the owner; taken when the data are made. */
  readonly password: string;
  /** Settings of the server. @default none but those of this module */
  readonly settings?: readonly string[];
  /** Told each line that the server prints. @default nobody is told */
  readonly report?: (line: string) => void;
}

export interface Cluster {
  readonly port: number;
  /** Resolves with how the server ended. */
  readonly ended: Promise<string>;
  /** Ends it; whoever is connected is cut off, and nothing that was committed is lost. */
  close(): Promise<void>;
}

/**
 * Starts a server, its data made first where there are none. It listens a moment after this is resolved.
 *
 * @throws StewardError `database-missing`; `database-refused` where its data cannot be made
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder, port, settings = [], report = () => undefined } = options;
  const programs = await findPostgresPrograms();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const account = findAccount();
  const libraries = await linkLibraries(programs, join(folder, "lib"));
  const environment = { PATH: process.env["PATH"], HOME: folder, LC_ALL: "C", TZ: "UTC", LD_LIBRARY_PATH: libraries };
  const data = join(folder, "data");
  if (!existsSync(data)) await makeData(options, { programs, account, environment });
  // A copy need not have brought its modes along.
  await chmod(data, 0o700);
  await own(data, account);
  // Its sockets are for nobody: callers come over loopback with a password.
  const flags = ["listen_addresses=127.0.0.1", "unix_socket_directories=", ...settings].flatMap((one) => ["-c", one]);
  const [program, ...args] = runAs(account, [programs.postgres, "-D", data, "-p", String(port), ...flags]);
  const server = spawn(program, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  for (const output of [server.stdout, server.stderr])
    output.setEncoding("utf8").on("data", (text: string) => text.trimEnd().split("\n").forEach(report));
  const ended = once(server, "exit").then(([code, signal]) => (signal ? `ended by ${signal}` : `exit code ${code}`));
  return {
    port,
    ended,
    async close() {
      server.kill("SIGINT");
      await ended;
    },
  };
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Who runs the server, which refuses to be run by root: there it is nobody. */
function findAccount(): Account | undefined {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
}

/** The folders above the data may be root's alone: what nobody keeps of root is to reach files below them. */
function runAs(account: Account | undefined, command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  if (!account) return command;
  const kept = "+dac_override,+dac_read_search";
  const become = [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups"];
  return ["setpriv", ...become, `--inh-caps=${kept}`, `--ambient-caps=${kept}`, "--", ...command];
}

interface Surroundings {
  readonly programs: PostgresPrograms;
  readonly account: Account | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

/** Makes the data beside their place and moves them there, so that they are whole or not there. */
async function makeData(
  { folder, password }: ClusterOptions,
  { programs, account, environment }: Surroundings,
): Promise<void> {
  const [draft, secret] = [join(folder, "data.new"), join(folder, "password.new")];
  try {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft, { mode: 0o700 });
    await writeFile(secret, password, { mode: 0o600 });
    for (const path of [draft, secret]) await own(path, account);
    const asked = ["-D", draft, "-U", databaseOwner, "--pwfile", secret, "--auth", "scram-sha-256"];
    const [program, ...args] = runAs(account, [programs.initdb, ...asked, "--encoding", "UTF8", "--no-locale"]);
    await run(program, args, { cwd: folder, env: environment });
    await rename(draft, join(folder, "data"));
  } catch (cause) {
    const got = String((cause as { stderr?: unknown }).stderr || cause).trim();
    const what = "the database's data could not be made";
    throw new StewardError({ code: "database-refused", at: "", what, got, file: folder }, { cause });
  } finally {
    await rm(secret, { force: true });
  }
}

/** Makes files the account's: those of a folder that was restored are root's. */
async function own(path: string, account: Account | undefined): Promise<void> {
  if (!account) return;
  const { uid } = await lstat(path);
  if (uid === account.uid) return;
  await chown(path, account.uid, account.gid);
  for (const below of await readdir(path, { recursive: true }).catch(() => []))
    await chown(join(path, below), account.uid, account.gid);
}

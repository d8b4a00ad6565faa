/**
 * The guard of the child that evaluates a project: the program's first import. It takes away what reaches out of the process, so
 * that whatever a project does, also in a package it uses and also where it catches the refusal, is a problem with its place.
 * Node's permissions stand behind it. They keep files and processes, but know nothing of sockets and names, and say neither who nor where.
 *
 * It keeps honest projects honest. Code that means harm can get around it, and should not be reviewed into a repository.
 * @module
 */
import childProcess from "node:child_process";
import dgram from "node:dgram";
import dns from "node:dns";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import sqlite from "node:sqlite";
import workerThreads from "node:worker_threads";
import { readPlace } from "../definitions/place.ts";
import type { Problem } from "../definitions/problem.ts";
import { report } from "./channel.ts";
import { varyClockAndChance } from "./variation.ts";

/** How far from its own files a team may be when it reaches out, through packages that call packages. */
Error.stackTraceLimit = 100;

/** What holds functions. */
type Holder = Record<string, unknown>;
/** Says what a call is about, from its arguments. */
type Describe = (args: readonly unknown[]) => string | undefined;

/** Ends the process at once, and tells nobody: the way out that is left to the evaluator alone. */
export const exit: (code: number) => never = (process as unknown as Ending).reallyExit.bind(process);

/** What Node ends a process with in the end. */
interface Ending {
  reallyExit(code: number): never;
}

class Refusal extends Error {
  override readonly name = "Refusal";
}

const told = new Set<string>();

/** Reports what was tried and where, once for each line, however often a loop comes by. */
function tell(problem: Pick<Problem, "code" | "what" | "got">): void {
  const place = readPlace(new Error().stack);
  const key = `${problem.what} ${place?.file}:${place?.line}`;
  if (told.has(key)) return;
  told.add(key);
  report({ at: "", ...problem, ...place });
}

/** Records what was tried, and refuses it. */
function refuse(what: string, got: string | undefined): never {
  tell({ code: "project-not-data", what: `the project ${what}`, ...(got !== undefined && { got }) });
  throw new Refusal(`a project may describe, and nothing else: it ${what}${got === undefined ? "" : ` (${got})`}`);
}

/** What is taken away, in words. */
interface Loss {
  readonly what: string;
  /** @default the first argument, where it says something */
  readonly describe?: Describe;
}

function replace(holder: object, names: Iterable<string>, { what, describe = describeFirst }: Loss): void {
  for (const name of names) {
    if (typeof (holder as Holder)[name] === "function") put(holder, name, forbid({ what, describe }));
  }
}

function put(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, writable: true, configurable: true });
}

function forbid({ what, describe = describeFirst }: Loss): unknown {
  // No arrow function: some of these are called with "new".
  function refused(...args: readonly unknown[]): never {
    return refuse(what, describe(args));
  }
  return refused;
}

function describeFirst([first]: readonly unknown[]): string | undefined {
  if (typeof first === "string") return shorten(first);
  if (typeof first === "number") return String(first);
  return first instanceof URL ? first.href : undefined;
}

/** The address in the arguments of `connect`, `listen` and their like. */
function describeAddress(args: readonly unknown[]): string | undefined {
  // Node's own callers pass the arguments as one list.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === "number") return `${typeof second === "string" ? second : "localhost"}:${first}`;
  if (typeof first !== "object" || first === null) return describeFirst([first]);
  const { host = "localhost", port, path }: { host?: unknown; port?: unknown; path?: unknown } = first;
  return port === undefined ? describeFirst([path]) : `${host}:${port}`;
}

function describeUrl([input]: readonly unknown[]): string | undefined {
  return describeFirst([input instanceof Request ? input.url : input]);
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function refuseNetwork(): void {
  const connects = "opens a connection";
  replace(net.Socket.prototype, ["connect"], { what: connects, describe: describeAddress });
  replace(net.Server.prototype, ["listen"], { what: "listens for connections", describe: describeAddress });
  replace(dgram.Socket.prototype, ["bind", "connect", "send"], { what: "uses datagrams", describe: () => undefined });
  const asks = (name: string): boolean => /^(lookup|resolve|reverse)/.test(name);
  for (const holder of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype])
    replace(holder, Object.getOwnPropertyNames(holder).filter(asks), { what: "looks up a name in DNS" });
  // These reach the sockets above too, but later, when nobody can say any more who asked.
  for (const name of ["fetch", "WebSocket", "EventSource"])
    put(globalThis, name, forbid({ what: connects, describe: describeUrl }));
}

const changes =
  /^(append|chmod|chown|copyFile|cp|createWriteStream|fchmod|fchown|fsync|fdatasync|ftruncate|futimes|lchmod|lchown|link|lutimes|mkdir|mkdtemp|rename|rm|symlink|truncate|unlink|utimes|write)/;

function refuseFiles(): void {
  for (const holder of [fs, fs.promises] as readonly (typeof fs | typeof fs.promises)[]) {
    replace(
      holder,
      Object.keys(holder).filter((name) => changes.test(name)),
      { what: "changes a file" },
    );
    for (const name of ["open", "openSync"]) {
      const original: unknown = (holder as unknown as Holder)[name];
      if (typeof original !== "function") continue;
      (holder as unknown as Holder)[name] = (...args: readonly unknown[]): unknown => {
        const flags = typeof args[1] === "string" || typeof args[1] === "number" ? args[1] : "r";
        if (flags !== "r" && flags !== 0) refuse("changes a file", describeFirst(args));
        return Reflect.apply(original, holder, args);
      };
    }
  }
}

function refuseProcesses(): void {
  replace(childProcess, ["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"], {
    what: "starts another program",
  });
  replace(workerThreads, ["Worker"], { what: "starts a thread" });
  replace(process, ["exit", "reallyExit"], {
    what: "ends the process that evaluates it",
    describe: ([code]) => `process.exit(${code ?? ""})`,
  });
  replace(process, ["abort", "kill"], { what: "sends a signal to a process", describe: () => undefined });
  replace(process, ["chdir"], { what: "changes the working directory" });
}

/** Records what a project prints, and prints nothing: stdout belongs to the command that is run. */
function catchPrinting(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const caught = (data: unknown, ...rest: readonly unknown[]): boolean => {
      const text = typeof data === "string" ? data : "bytes";
      tell({ code: "project-prints", what: "the project prints", got: shorten(text.trim()) });
      const done = rest.at(-1);
      if (typeof done === "function") process.nextTick(done);
      return true;
    };
    stream.write = caught as typeof stream.write;
  }
}

/** A database is a file, whatever opens it. */
function refuseDatabases(): void {
  replace(sqlite, ["DatabaseSync", "backup"], { what: "opens a database" });
}

refuseNetwork();
refuseFiles();
refuseDatabases();
refuseProcesses();
catchPrinting();
varyClockAndChance();
// What is imported by name from these modules from now on is what they hold now.
syncBuiltinESMExports();

/**
 * What may differ from one evaluation of a project to the next: the clock and chance. The second evaluation gets others than the
 * first, so that what a project makes of them shows as a difference. What it only compares with them may come out the same twice.
 * @module
 */
import crypto from "node:crypto";
import os from "node:os";
import { type Place, readPlace } from "../definitions/place.ts";

/** A call, from a team's own file, of something that varies. */
export interface VaryingCall {
  /** `Math.random()`. */
  readonly call: string;
  readonly place: Place;
}

/** Year, month, day, weekday, hour, minute, second and millisecond all become others. */
const shiftMilliseconds = (((431 * 24 + 7) * 60 + 13) * 60 + 17) * 1000 + 321;
/** More calls than a reader needs to see. */
const mostCalls = 5;
/** More throws of the dice than a project makes. */
const mostThrows = 10_000;

const calls = new Map<string, VaryingCall>();
const thrown: number[] = [];
let shift = 0;
let next = 0;

/** From here on the clock is another, and so is chance. */
export function beginSecondEvaluation(): void {
  shift = shiftMilliseconds;
}

/** The calls that team files made themselves. */
export function listVaryingCalls(): readonly VaryingCall[] {
  return [...calls.values()];
}

/** Notes a call whose caller, itself and not through a package, is a team's own file. */
function note(call: string, replacement: unknown): void {
  if (calls.size >= mostCalls) return;
  const { stackTraceLimit } = Error;
  const noted: { readonly stack?: string } = {};
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(noted, replacement as () => unknown);
  Error.stackTraceLimit = stackTraceLimit;
  const place = readPlace(noted.stack);
  if (place) calls.set(`${call} ${place.file}:${place.line}`, { call, place });
}

/** Puts what varies in the place of what the process has. */
export function varyClockAndChance(): void {
  varyDate();
  varyFormat();
  varyProcess();
  const now = performance.now.bind(performance);
  varyFunction(performance, "performance", { now: () => now() + shift });
  const nanoseconds = process.hrtime.bigint;
  varyFunction(process.hrtime, "process.hrtime", { bigint: () => nanoseconds() + BigInt(shift) * 1_000_000n });
  const chance = Math.random;
  varyFunction(Math, "Math", { random: () => (shift === 0 ? throwDice(chance) : (recallDice(chance) + 0.5) % 1) });
  for (const [holder, path, names] of [
    [crypto, "crypto", ["randomUUID", "randomBytes", "randomInt"]],
    [globalThis.crypto, "crypto", ["randomUUID", "getRandomValues"]],
  ] as const) {
    for (const name of names) {
      const original = (holder as unknown as Record<string, (...args: unknown[]) => unknown>)[name];
      if (original) varyFunction(holder, path, { [name]: original.bind(holder) });
    }
  }
}

/** What is another in each process, on each machine, shows as another in the second evaluation, too. */
function varyProcess(): void {
  for (const name of ["pid", "ppid"] as const) {
    const value = process[name];
    Object.defineProperty(process, name, { configurable: true, get: () => value + (shift === 0 ? 0 : 1) });
  }
  const nameHost = os.hostname;
  varyFunction(os, "os", { hostname: () => `${nameHost()}${shift === 0 ? "" : "-other"}` });
}

/** Formats the moment at which it is called, where it is given none. */
function varyFormat(): void {
  const { prototype } = Intl.DateTimeFormat;
  const format = Object.getOwnPropertyDescriptor(prototype, "format")?.get;
  if (format === undefined) return;
  Object.defineProperty(prototype, "format", {
    configurable: true,
    get(this: Intl.DateTimeFormat) {
      const bound: Intl.DateTimeFormat["format"] = Reflect.apply(format, this, []);
      return (date?: Parameters<typeof bound>[0]) => bound(date ?? Date.now());
    },
  });
}

function throwDice(chance: () => number): number {
  const value = chance();
  if (thrown.length < mostThrows) thrown.push(value);
  return value;
}

function recallDice(chance: () => number): number {
  const value = thrown[next] ?? chance();
  next += 1;
  return value;
}

function varyFunction(
  holder: object,
  path: string,
  functions: Readonly<Record<string, (...args: never[]) => unknown>>,
): void {
  for (const [name, varying] of Object.entries(functions)) {
    const replacement = (...args: never[]): unknown => {
      note(`${path}.${name}()`, replacement);
      return varying(...args);
    };
    Object.defineProperty(holder, name, { value: replacement, writable: true, configurable: true });
  }
}

function varyDate(): void {
  const RealDate = Date;
  const now = (): number => RealDate.now() + shift;
  const noteDate = (call: string): void => note(call, call === "Date.now()" ? varyingNow : handler.construct);
  const varyingNow = (): number => {
    noteDate("Date.now()");
    return now();
  };
  const handler = {
    construct(target: DateConstructor, args: readonly unknown[], newTarget: new () => object): object {
      if (args.length === 0) noteDate("new Date()");
      return Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget);
    },
    apply(): string {
      noteDate("new Date()");
      return new RealDate(now()).toString();
    },
    get(target: DateConstructor, key: string | symbol): unknown {
      return key === "now" ? varyingNow : Reflect.get(target, key);
    },
  } satisfies ProxyHandler<DateConstructor>;
  const varying = new Proxy(RealDate, handler);
  RealDate.prototype.constructor = varying;
  globalThis.Date = varying;
}

/**
 * What the operating system refuses (no room, no right to write), told in a person's terms: where, how much is free, what
 * to do. The one place that knows these codes.
 * @module
 */
import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { type Problem, StewardError } from "../definitions/problem.ts";

/** A refusal of the operating system. */
export interface SystemRefusal {
  /** `ENOSPC`. */
  readonly code: string;
  /** What was refused, in the system's own words. */
  readonly message: string;
  /** The file or folder. @default the system did not say */
  readonly path?: string | undefined;
  /** How much room the path's disk has, in bytes. @default not known */
  readonly freeBytes?: number | undefined;
}

/** An error of Node's file functions. */
type Refused = NodeJS.ErrnoException & { readonly dest?: string };

/** Libraries that write by themselves (DuckDB, uv, Go) only say it in words. */
const fullInWords = /no space left on device|disk quota exceeded|\bENOSPC\b|\bEDQUOT\b|XMinioStorageFull/i;

/** A refusal as a problem; nothing when it is another error, which its caller knows more about. Pure. */
export function explainRefusal({ code, message, path, freeBytes }: SystemRefusal): Problem | undefined {
  const place = { at: "", ...(path === undefined ? {} : { file: path }) };
  switch (code) {
    case "ENOSPC":
      return {
        code: "disk-full",
        ...place,
        what: "The disk is full",
        got: freeBytes === undefined ? message : `${formatBytes(freeBytes)} free; ${message}`,
        fix: "free some room and run it again: nothing half-written was kept, and it goes on from here",
      };
    case "EDQUOT":
      return {
        code: "disk-full",
        ...place,
        what: "Your share of the disk is used up",
        got: message,
        fix: "free some room or have your quota raised, then run it again: nothing half-written was kept",
      };
    case "EROFS":
      return {
        code: "folder-read-only",
        ...place,
        what: "The disk is mounted read-only",
        got: message,
        fix: writableFix,
      };
    case "EACCES":
    case "EPERM":
      return { code: "folder-read-only", ...place, what: "The system refuses access", got: message, fix: accessFix };
    default:
      return undefined;
  }
}

const writableFix =
  "deploys write below .steward beside Pulumi.yaml and into the cache (STEWARD_CACHE): work in a copy that you may write to; npx steward plan needs to write nothing";
/** The system does not say whether it was to be read or written. */
const accessFix = `give your user the right to it; ${writableFix}`;

/**
 * An error of the operating system as one for people; every other error as it is.
 *
 * @param folder what was being written, when the system does not say. @default not known
 */
export function toReadable(error: unknown, folder?: string): unknown {
  if (!(error instanceof Error) || error instanceof StewardError) return error;
  const { code: said = "", syscall = "", path: of, dest = of ?? folder } = error as Refused;
  // A link's path is what it points to.
  const path = syscall === "symlink" || of === undefined ? dest : of;
  // Programs and sockets are refused with the same codes, and need another cure.
  if (/^(spawn|kill|connect|listen|bind)/.test(syscall)) return error;
  const inWords = fullInWords.test(error.message) && said !== "EDQUOT" ? "ENOSPC" : said;
  // So says a folder that cannot be made with its parents, whatever the reason.
  const code = said === "ENOENT" && syscall === "mkdir" && path ? (findRefusal(path) ?? said) : inWords;
  const freeBytes = path === undefined ? undefined : measureFree(path);
  const message = code === inWords ? sayRefusal(error) : `${code}, ${syscall}`;
  const problem = explainRefusal({ code, message, path, freeBytes });
  return problem ? new StewardError(problem, { cause: error }) : error;
}

/** Why nothing can be made at a path: what its nearest folder says to somebody who would write there. */
function findRefusal(path: string): string | undefined {
  const folder = findFolder(path);
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function findFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : findFolder(dirname(path));
}

/** What the system says without the paths, which may be long. */
export function sayRefusal({ message, syscall }: Refused): string {
  return syscall === undefined ? message : (message.split(`, ${syscall}`)[0] ?? message);
}

/** Whether the last lines of a program say that it found no room. */
export function saysFull(lines: readonly string[]): boolean {
  return lines.some((line) => fullInWords.test(line));
}

/** How much a user may still write to the disk of a path, which need not exist, in bytes. @returns nothing when the system does not tell */
export function measureFree(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(findFolder(path));
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/**
 * Refuses to begin what would end half-way on a full disk.
 *
 * @param needed bytes
 * @throws StewardError `disk-full`
 */
export function requireRoom(path: string, needed: number): void {
  const free = measureFree(path);
  if (free === undefined || free >= needed) return;
  throw new StewardError({
    code: "disk-full",
    at: "",
    file: path,
    what: "The disk is all but full, so nothing was begun",
    got: `${formatBytes(free)} free`,
    expected: `at least ${formatBytes(needed)}`,
    fix: "free some room and run it again",
  });
}

/** `0 B`, `312 MB`, `1.2 GB`: in steps of a thousand. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)), units.length - 1);
  const value = bytes / 1_000 ** step;
  return `${value < 10 && step > 0 ? Number(value.toFixed(1)) : Math.round(value)} ${units[step]}`;
}

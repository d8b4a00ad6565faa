/**
 * Places: where in a team's files a definition was written. They are kept beside the definitions, never in them: a spec is
 * the same wherever it was written.
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A line of a file. */
export interface Place {
  /** The file, relative to the working directory. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
}

/** Enough to get out of a function that a team wraps around a builder, out of a package of theirs, say. */
const frames = 8;

const framework = fileURLToPath(new URL("..", import.meta.url));

const stacks = new WeakMap<object, { readonly stack?: string }>();

/** Notes who called a builder, as the place of what it returns. Only `findPlace` reads the stack, which is the costly part. */
export function notePlace<T extends object>(value: T, builder: unknown): T {
  const { stackTraceLimit } = Error;
  const noted = {};
  Error.stackTraceLimit = frames;
  Error.captureStackTrace(noted, builder as () => unknown);
  Error.stackTraceLimit = stackTraceLimit;
  stacks.set(value, noted);
  return value;
}

/** Where a value was made by a builder; nothing where it is no builder's, such as a changed copy. */
export function findPlace(value: object): Place | undefined {
  return readPlace(stacks.get(value)?.stack);
}

/** The first line of a stack trace that is a team's own: neither of a package nor of this framework. */
export function readPlace(stack: string | undefined): Place | undefined {
  for (const text of stack?.split("\n") ?? []) {
    const [, path, line] = /(?:^\s+at (?:async )?|\()((?:file:\/\/)?\/.*?)(?:\?[^:]*)?:(\d+):\d+\)?$/.exec(text) ?? [];
    if (path === undefined) continue;
    const file = path.startsWith("file:") ? fileURLToPath(path) : path;
    if (isOwnFile(file)) return { file: relative(process.cwd(), file), line: Number(line) };
  }
  return undefined;
}

/** Whether a file, by its absolute path, is a team's own: neither of a package nor of this framework. */
export function isOwnFile(file: string): boolean {
  return !file.startsWith(framework) && !file.includes("/node_modules/");
}

/**
 * The code that a deploy is made from, as git has it: the commit of the checkout, and what differs from it. What git says is
 * read by pure functions; git is called without a shell, and writes nothing.
 * @module
 */
import { execFile } from "node:child_process";
import type { Problem } from "../definitions/problem.ts";
import { StewardError } from "../definitions/problem.ts";

/** What git has of a checkout. */
export interface GitState {
  /** @default there is no commit yet */
  readonly commit?: string;
  /** The files that differ from the commit, new ones included, relative to the checkout's folder, sorted. */
  readonly changed: readonly string[];
  /** How those differ that the commit has, as git writes it; new files are not in it, for nobody meant them to be kept yet. */
  readonly patch: string;
  /** Whether the patch is longer than what is kept of it, 1 MiB. */
  readonly isCut: boolean;
}

/** What git printed. */
export interface GitSays {
  /** `rev-parse --verify HEAD`. @default there is no commit yet */
  readonly head?: string;
  /** `status --porcelain=v1 -z`. */
  readonly status: string;
  /** `diff HEAD`. */
  readonly patch: string;
}

const longestPatch = 2 ** 20;
const callMilliseconds = 20_000;
/** How many files a problem names. */
const shownFiles = 10;

/** Reads what git printed. Pure. */
export function readGitState({ head, status, patch }: GitSays): GitState {
  const commit = head?.trim();
  const isCut = Buffer.byteLength(patch) > longestPatch;
  return {
    ...(commit && { commit }),
    changed: listChanged(status),
    patch: isCut ? Buffer.from(patch).subarray(0, longestPatch).toString("utf8") : patch,
    isCut,
  };
}

/** Entries end in a NUL; each has two letters, a space and a path. One of a file that was renamed is followed by its old path. */
function listChanged(status: string): string[] {
  const files: string[] = [];
  const entries = status.split("\0").values();
  for (const entry of entries) {
    if (entry.length < 4) continue;
    files.push(entry.slice(3));
    if (/^(?:[RC].|.[RC])/.test(entry)) files.push(entries.next().value ?? "");
  }
  return [...new Set(files.filter(Boolean))].sort();
}

/** What an environment asks of code. */
export interface CodePolicy {
  /** The place of the policy: `flights.environments.production.code`. */
  readonly at: string;
}

/** What keeps code from an environment that takes committed code alone. Pure. @returns nothing when all of it is committed */
export function judgeCommitted(state: GitState | undefined, { at }: CodePolicy): Problem | undefined {
  const expected = "a checkout whose files are all committed";
  const what = "this environment takes committed code alone";
  const code = "code-uncommitted";
  if (!state) return { code, at, what, got: "a folder that is not under version control", expected };
  if (state.commit === undefined) return { code, at, what, got: "a checkout without a commit", expected };
  if (state.changed.length === 0) return undefined;
  const shown = state.changed.slice(0, shownFiles);
  const more = state.changed.length - shown.length;
  const got = [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
  return { code, at, what, got, expected };
}

/** @throws StewardError `code-uncommitted` for an environment that takes committed code alone, where some is not */
export async function requireCommitted(
  project: { readonly name: string; readonly environment: string; readonly code?: "committed" | undefined },
  folder: string,
): Promise<void> {
  if (project.code === undefined) return;
  const at = `${project.name}.environments.${project.environment}.code`;
  const problem = judgeCommitted(await findGitState(folder), { at });
  if (problem) throw new StewardError(problem);
}

/** Asks git about the checkout that holds a folder. @returns nothing for a folder that is not under version control, or without git */
export async function findGitState(folder: string): Promise<GitState | undefined> {
  const root = (await callGit(folder, ["rev-parse", "--show-toplevel"]))?.replace(/\n$/, "");
  // What an enclosing checkout ignores is in none of its commits, and its status would not tell.
  if (!root || (await callGit(folder, ["check-ignore", "--quiet", "."])) !== undefined) return undefined;
  const [head, status] = await Promise.all([
    callGit(root, ["rev-parse", "--verify", "--quiet", "HEAD"]),
    callGit(root, ["status", "--porcelain=v1", "-z", "--untracked-files=all"]),
  ]);
  if (status === undefined) return undefined;
  const hasPatch = head !== undefined && status !== "";
  const patch = hasPatch ? await callGit(root, ["diff", "HEAD", "--no-color", "--no-ext-diff", "--no-textconv"]) : "";
  return readGitState({ ...(head !== undefined && { head }), status, patch: patch ?? "" });
}

/** What git printed; nothing where it failed. Output beyond the limit is left out. */
function callGit(folder: string, args: readonly string[]): Promise<string | undefined> {
  // A checkout's own settings may name programs to be run; of them its filters alone are.
  const safe = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", ...args];
  const options = {
    cwd: folder,
    env: composeEnvironment(process.env),
    timeout: callMilliseconds,
    maxBuffer: 2 * longestPatch,
  };
  return new Promise((resolve) => {
    execFile("git", safe, options, (error, stdout) => {
      const isTooLong = error?.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER";
      resolve(error && !isTooLong ? undefined : stdout);
    });
  });
}

/** Whatever git was told of another checkout is not passed on: a hook of it may have started us. */
function composeEnvironment(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  // But for settings, by which a container says whose checkouts are safe.
  const kept = Object.entries(given).filter(([name]) => !name.startsWith("GIT_") || name.startsWith("GIT_CONFIG_"));
  return { ...Object.fromEntries(kept), GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
}

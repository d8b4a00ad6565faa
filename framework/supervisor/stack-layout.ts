/**
 * Where the supervisor of a stack keeps what: declarations, records of processes and logs in the stack's own folder, and
 * sockets in a short folder of the user's, because the path of a UNIX socket may have little more than 100 bytes.
 * @module
 */
import { lstatSync, mkdirSync, realpathSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatOf } from "../definitions/format.ts";
import { StewardError } from "../definitions/problem.ts";
import { admitDocument } from "../definitions/versioned.ts";
import { digestBytes } from "../plan/digest.ts";
import { readJson, writePrivateJson } from "./private-file.ts";

/** The paths of one stack. */
export interface StackLayout {
  /** The stack's folder with all links resolved, so that one folder has one supervisor whatever it is called. */
  readonly folder: string;
  /** `<name>.json` for each declared service. */
  readonly services: string;
  /** `<name>@<digest8>.json` for each process, the supervisor's address and its lock. */
  readonly run: string;
  readonly logs: string;
  /** The lock that the supervisor of the stack holds while it lives. */
  readonly lock: string;
  /** Where the supervisor tells its clients of its socket. */
  readonly address: string;
  readonly supervisorLog: string;
}

/** The layout of a stack; its folder need not exist. */
export function locateStack(stackFolder: string): StackLayout {
  let folder = stackFolder;
  try {
    folder = realpathSync(stackFolder);
  } catch {
    // It is not there yet; `prepareStack` makes it, and is the first who needs its real path.
  }
  const run = join(folder, "run");
  const logs = join(folder, "logs");
  return {
    folder,
    services: join(folder, "services"),
    run,
    logs,
    lock: join(run, "supervisor.lock"),
    address: join(run, "supervisor.json"),
    supervisorLog: join(logs, "supervisor.log"),
  };
}

/** The file in a stack's folder that says the folder's format. */
const formatFile = "format.json";

/**
 * Looks whether this version reads the folder of a stack, which need not exist.
 *
 * @returns whether the folder says the present format already
 * @throws StewardError `format-newer` when a newer Steward has prepared it
 */
export function checkStackFormat(stackFolder: string): boolean {
  const path = join(stackFolder, formatFile);
  const document = readJson(path);
  if (document === undefined) return false;
  admitDocument(document, { at: path, name: "stack-folder" });
  return (document as { readonly format: string }).format === formatOf("stack-folder");
}

/** Makes the folders of a stack, readable by their owner alone, and says the present format there. @throws StewardError as `checkStackFormat` */
export function prepareStack(stackFolder: string): StackLayout {
  const saysFormat = checkStackFormat(stackFolder);
  mkdirSync(stackFolder, { recursive: true, mode: 0o700 });
  const layout = locateStack(stackFolder);
  if (!saysFormat) {
    // By way of a draft of this process's own: nobody holds the stack's lock yet.
    const draft = join(layout.folder, `${formatFile}.${process.pid}`);
    writePrivateJson(draft, { format: formatOf("stack-folder") });
    renameSync(draft, join(layout.folder, formatFile));
  }
  for (const folder of [layout.services, layout.run, layout.logs]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return layout;
}

/** The path for a socket of the stack: the supervisor's own, or the one on which an instance answers its probe. */
export function locateSocket(layout: StackLayout, purpose: string): string {
  return join(prepareSocketFolder(), digestBytes(`${layout.folder} ${purpose}`).slice(0, 24));
}

/** macOS allows a socket path 103 bytes, Linux 107; this folder and the socket's name take up to 44. */
const longestBase = 58;

function prepareSocketFolder(): string {
  const base = Buffer.byteLength(tmpdir()) > longestBase ? "/tmp" : tmpdir();
  const user = process.getuid?.() ?? 0;
  const folder = join(base, `steward-${user}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  // Everyone may write to the temp folder: what another user has put there first must not carry our secrets.
  if (!found.isDirectory() || found.uid !== user || (found.mode & 0o077) !== 0) {
    throw new StewardError({
      code: "supervisor-folder-unsafe",
      at: "",
      what: `the folder "${folder}", in which supervisors listen, is open to others`,
      got: `${found.isDirectory() ? "a folder" : "no folder"} of user ${found.uid} with mode ${(found.mode & 0o777).toString(8)}`,
      expected: `a folder of user ${user} with mode 700`,
      fix: "remove it, or set TMPDIR to a folder of your own",
    });
  }
  return folder;
}

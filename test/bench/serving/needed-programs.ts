/**
 * The programs that the serving bench asks servers with, and how a machine gets them.
 * @module
 */
import { accessSync, constants } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";

const packages = { wrk: "wrk", taskset: "util-linux", "g++": "g++" } as const;

/** What this machine is missing, a sentence each. */
export function listMissing(path = process.env["PATH"] ?? ""): readonly string[] {
  const folders = path.split(delimiter);
  const missing = Object.entries(packages).filter(([program]) => !folders.some((folder) => isThere(folder, program)));
  const told = missing.map(([program, name]) => `the bench needs ${program}: apt-get install ${name}`);
  if (availableParallelism() < 2)
    told.push("the bench needs two cores: one for the servers, one for whoever asks them");
  return told;
}

function isThere(folder: string, program: string): boolean {
  try {
    accessSync(join(folder, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

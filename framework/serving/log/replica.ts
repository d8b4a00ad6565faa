/**
 * Replicas: who numbers records. A folder of segments has one name for good, whatever process writes there.
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../../supervisor/private-file.ts";

const namePattern = /^[0-9a-f]{12}$/;

/** The name of the replica of a folder: 12 hexadecimal digits, chosen by chance when it is first asked for. */
export function findReplica(folder: string): string {
  return readReplica(folder) ?? chooseReplica(folder);
}

/** The name of the replica of a folder; nothing where there is none yet. */
export function readReplica(folder: string): string | undefined {
  try {
    const name = readFileSync(join(folder, "replica"), "utf8").trim();
    return namePattern.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

function chooseReplica(folder: string): string {
  const name = chooseName();
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, "replica"), `${name}\n`);
  return name;
}

/** A name that no other replica has. */
export function chooseName(): string {
  return randomBytes(6).toString("hex");
}

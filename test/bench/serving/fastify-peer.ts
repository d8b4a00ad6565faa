/**
 * The packages of the peer that is made of Fastify and onnxruntime-node, installed once into the user's cache by their own lock.
 * @module
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { locatePeer } from "../data/peers.ts";

const own = join(import.meta.dirname, "fastify");

/** Finds the packages, or installs them. No package runs a script of its own. @returns the folder that has them */
export async function ensureFastify(signal: AbortSignal): Promise<string> {
  const folder = locatePeer("fastify", await readFile(join(own, "package-lock.json")));
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  try {
    for (const file of ["package.json", "package-lock.json"]) await copyFile(join(own, file), join(draft, file));
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    await promisify(execFile)("npm", ["ci", ...flags], { cwd: draft, signal });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/**
 * What is to run, kept on disk: the service as declared and its older descriptions that still drain.
 * @module
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { type Digest, digestOf } from "../plan/digest.ts";
import { draftOf, readJson, writePrivateJson } from "./private-file.ts";
import { type Service, serviceSchema } from "./service.ts";
import type { StackLayout } from "./stack-layout.ts";

const declarationSchema = z.strictObject({
  service: serviceSchema,
  /** Whether this description has been ready once. One that never was has no work to drain. */
  proven: z.boolean(),
  /** Older descriptions whose processes go on until they end by themselves, oldest first. */
  draining: z.array(serviceSchema),
});

/** A declared service. One file holds all its descriptions, so that a switch from one to the next is one rename. */
export interface Declaration {
  readonly service: Service;
  readonly proven: boolean;
  readonly draining: readonly Service[];
}

/** The digest of a description. A changed secret changes it; it tells nothing of a secret that cannot be guessed. */
export function digestService(service: Service): Digest {
  return digestOf(service);
}

/** The name of one description's process: `worker@1a2b3c4d`. */
export function nameInstance(service: Service): string {
  return `${service.name}@${digestService(service).slice(0, 8)}`;
}

/**
 * Declares a description in place of the one before. With `update: "overlap"` the old one drains if it ever worked; a
 * description that comes back while it drains is the current one again.
 */
export function redeclare(previous: Declaration | undefined, service: Service): Declaration {
  if (!previous) return { service, proven: false, draining: [] };
  const digest = digestService(service);
  if (digestService(previous.service) === digest) return previous;
  const others = previous.draining.filter((old) => digestService(old) !== digest);
  return {
    service,
    proven: others.length < previous.draining.length,
    draining: service.update === "overlap" && previous.proven ? [...others, previous.service] : others,
  };
}

/** Reads every declaration of a stack, by name. */
export function readDeclarations(layout: StackLayout): Declaration[] {
  return listFiles(layout.services).map((file) => {
    const path = join(layout.services, file);
    const parsed = declarationSchema.safeParse(readJson(path));
    if (parsed.success) return parsed.data;
    throw new StewardError(
      parsed.error.issues.map((issue) => ({
        code: "service-invalid",
        at: issue.path.join("."),
        file: path,
        what: `the declaration of a service cannot be read: ${issue.message}`,
        fix: "remove the file and deploy the stack again",
      })),
    );
  });
}

/** Keeps a declaration. */
export function writeDeclaration(layout: StackLayout, declaration: Declaration): void {
  writePrivateJson(locate(layout, declaration.service.name), declaration);
}

/** Forgets a declaration and every trace of its secrets. */
export function removeDeclaration(layout: StackLayout, name: string): void {
  const path = locate(layout, name);
  for (const file of [path, draftOf(path)]) rmSync(file, { force: true });
}

function locate(layout: StackLayout, name: string): string {
  return join(layout.services, `${name}.json`);
}

/** The JSON files of a folder, sorted; none when there is no such folder. */
export function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .sort();
  } catch {
    return [];
  }
}

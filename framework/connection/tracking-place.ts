/**
 * Where a stack tracks experiments, and the secrets of it, in a file of its own, which an older version leaves alone.
 * @module
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { findJson, writePrivateJson } from "../supervisor/private-file.ts";

/** The ports of the tracking server and of the database that a stack keeps for it. */
export const trackingPorts = { server: "tracking", database: "database" } as const;

const trackingSecretsSchema = z.strictObject({
  /** What people and their scripts show. */
  token: z.string().min(16),
  /** What the worker shows, for the jobs that it runs. */
  workerToken: z.string().min(16),
  /** The password of the owner of the stack's own database. */
  databasePassword: z.string().min(16),
});

/** Everything in it but the ports is secret. */
export interface TrackingPlace extends z.output<typeof trackingSecretsSchema> {
  readonly port: number;
  readonly databasePort: number;
}

const fileName = "tracking.json";
/** The folder of the stack's own database, in the stack's. */
export const databaseFolder = "database";

/** Makes the secrets where there are none yet. @throws StewardError `file-damaged` where a database goes by those that were lost */
export function chooseTrackingSecrets(folder: string): void {
  const path = join(folder, fileName);
  if (trackingSecretsSchema.safeParse(findJson(path)).success) return;
  if (existsSync(join(folder, databaseFolder, "data"))) {
    throw new StewardError({
      code: "file-damaged",
      at: "",
      file: path,
      what: "the password of the stack's database is lost, and the database takes no other",
      fix: `restore the file from a backup; without one, move ${join(folder, databaseFolder)} away, and open experiments with it`,
    });
  }
  const secret = () => randomBytes(24).toString("base64url");
  writePrivateJson(path, { token: secret(), workerToken: secret(), databasePassword: secret() });
}

/** @returns nothing for a stack that tracks nothing, and never has */
export function findTrackingPlace(
  folder: string,
  { [trackingPorts.server]: port, [trackingPorts.database]: databasePort }: Readonly<Record<string, number>>,
): TrackingPlace | undefined {
  const secrets = trackingSecretsSchema.safeParse(findJson(join(folder, fileName))).data;
  if (port === undefined || databasePort === undefined || !secrets) return undefined;
  return { port, databasePort, ...secrets };
}

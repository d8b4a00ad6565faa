/**
 * The folder of a stack on the local platform: the ports and secrets that were chosen for it, and the connection that
 * follows from them. What was chosen stays, so that addresses survive a restart.
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { z } from "zod";
import { digestBytes } from "../plan/digest.ts";
import { readJson, writePrivateJson } from "../supervisor/private-file.ts";
import { withLock } from "../toolchain/lock.ts";
import { type Connection, connectionSchema } from "./connection.ts";
import { enginePortNames, renderDynamicConfig, renderTemporalConfig, renderUiConfig } from "./temporal-config.ts";

/** The ports of a stack's own services. */
const portNames = ["store", "store-console", "ui", ...enginePortNames] as const;

/** A port for each, on loopback. */
export type StackPorts = Readonly<Record<(typeof portNames)[number], number>>;

const portsSchema = z.record(z.string(), z.int().min(1).max(65_535));
const secretsSchema = z.strictObject({
  /** The password of the object store's own user. */
  store: z.string().min(16),
});

export type StackSecrets = z.output<typeof secretsSchema>;

/** What a stack on the local platform is made of. */
export interface LocalStack {
  readonly folder: string;
  readonly connection: Connection;
  readonly ports: StackPorts;
  /** The port of each endpoint's model server, by the endpoint's name. */
  readonly endpoints: Readonly<Record<string, number>>;
  readonly secrets: StackSecrets;
  /** What the services read and where they keep their data. */
  readonly paths: {
    readonly storeData: string;
    readonly temporal: string;
    /** Where the worker keeps steps under way. */
    readonly work: string;
    /** The inference logs, a folder for each endpoint. */
    readonly requests: string;
  };
}

export interface StackOptions {
  readonly project: string;
  readonly stack: string;
  /** The endpoints that need a port. @default [] */
  readonly endpoints?: readonly string[];
  /** The first port that is looked at; the next free ones follow. @default 9000 */
  readonly firstPort?: number;
}

/** The folder of a stack below the folder of its project. */
export function locateStackFolder(root: string, stack: string): string {
  return join(root, ".steward", "stacks", stack);
}

/**
 * Prepares the folder of a stack: chooses free ports and makes secrets where there are none yet, and writes the
 * configuration of its servers and its connection, all readable by their owner alone. Asked again, it answers the same.
 */
export async function prepareStackFolder(
  folder: string,
  { project, stack, endpoints = [], firstPort = 9000 }: StackOptions,
): Promise<LocalStack> {
  const temporal = join(folder, "temporal");
  mkdirSync(join(temporal, "ui"), { recursive: true, mode: 0o700 });
  return withLock(join(folder, "run", "folder.lock"), {}, async () => {
    const wanted = [...portNames, ...endpoints.map(endpointPort)];
    const ports = await choosePorts(folder, wanted, firstPort);
    const secrets = chooseSecrets(folder);
    const connection = describeConnection({ folder, project, stack, ports, secrets });
    writePrivateJson(join(folder, "connection.json"), connection);
    const privately = { mode: 0o600 };
    writeFileSync(join(temporal, "config.yaml"), renderTemporalConfig(pickPorts(ports), temporal), privately);
    writeFileSync(join(temporal, "dynamic.yaml"), renderDynamicConfig(), privately);
    writeFileSync(
      join(temporal, "ui", "steward.yaml"),
      renderUiConfig(pickPorts(ports), connection.engine.namespace),
      privately,
    );
    return describeStack({ folder, connection, ports, secrets });
  });
}

/** A stack that has been prepared before. @returns nothing where none has */
export function readStack(folder: string): LocalStack | undefined {
  const connection = connectionSchema.safeParse(readJson(join(folder, "connection.json")));
  const ports = portsSchema.safeParse(readJson(join(folder, "ports.json")));
  const secrets = secretsSchema.safeParse(readJson(join(folder, "secrets.json")));
  if (!connection.success || !ports.success || !secrets.success) return undefined;
  return describeStack({ folder, connection: connection.data, ports: ports.data, secrets: secrets.data });
}

type Ports = Readonly<Record<string, number>>;

interface StackParts {
  readonly folder: string;
  readonly connection: Connection;
  readonly ports: Ports;
  readonly secrets: StackSecrets;
}

function describeStack({ folder, connection, ports, secrets }: StackParts): LocalStack {
  const endpoints = Object.entries(ports).flatMap(([name, port]) =>
    name.startsWith(endpointPrefix) ? [[name.slice(endpointPrefix.length), port] as const] : [],
  );
  return {
    folder,
    connection,
    ports: pickPorts(ports),
    endpoints: Object.fromEntries(endpoints),
    secrets,
    paths: {
      storeData: join(folder, "store"),
      temporal: join(folder, "temporal"),
      work: join(folder, "work"),
      requests: join(folder, "requests"),
    },
  };
}

const endpointPrefix = "endpoint/";

function endpointPort(name: string): string {
  return `${endpointPrefix}${name}`;
}

function pickPorts(ports: Ports): StackPorts {
  return z.record(z.enum(portNames), z.int()).parse(Object.fromEntries(portNames.map((name) => [name, ports[name]])));
}

interface ConnectionParts extends Omit<StackParts, "connection"> {
  readonly project: string;
  readonly stack: string;
}

function describeConnection({ folder, project, stack, ports, secrets }: ConnectionParts): Connection {
  const at = pickPorts(ports);
  const name = nameStack(project, stack);
  return {
    owner: `${project}/${stack}`,
    store: {
      endpoint: `http://127.0.0.1:${at.store}`,
      region: "us-east-1",
      accessKey: "steward",
      secretKey: secrets.store,
      bucket: name,
      lockedBucket: `${name}-locked`,
    },
    engine: { address: `127.0.0.1:${at.engine}`, namespace: name, ui: `http://127.0.0.1:${at.ui}` },
    stackFolder: folder,
  };
}

/** Buckets take 63 characters, lower-case letters, digits and hyphens; the locked one's suffix needs seven. */
const longestName = 56;

/** `flights-local`, and where that would be too long or not allowed, its beginning and a digest of the whole. */
export function nameStack(project: string, stack: string): string {
  const plain = `${project}-${stack}`;
  if (/^[a-z0-9][a-z0-9-]*[a-z0-9]$/.test(plain) && plain.length <= longestName) return plain;
  const start = plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${start.slice(0, longestName - 9)}-${digestBytes(plain).slice(0, 8)}`;
}

async function choosePorts(folder: string, wanted: readonly string[], firstPort: number): Promise<Ports> {
  const path = join(folder, "ports.json");
  const kept = portsSchema.catch({}).parse(readJson(path) ?? {});
  const missing = wanted.filter((name) => kept[name] === undefined);
  if (missing.length === 0) return kept;
  const taken = new Set([...Object.values(kept), ...siblingPorts(folder)]);
  const chosen: Record<string, number> = { ...kept };
  let port = firstPort;
  for (const name of missing) {
    while (taken.has(port) || !(await isFree(port))) port += 1;
    chosen[name] = port;
    taken.add(port);
  }
  writePrivateJson(path, chosen);
  return chosen;
}

/** The ports of the stacks beside this one: they may be down now and up together with it later. */
function siblingPorts(folder: string): readonly number[] {
  const parent = dirname(folder);
  const siblings = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return siblings.flatMap(({ name }) => {
    const ports = portsSchema.safeParse(readJson(join(parent, name, "ports.json")));
    return ports.success ? Object.values(ports.data) : [];
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function chooseSecrets(folder: string): StackSecrets {
  const path = join(folder, "secrets.json");
  const kept = secretsSchema.safeParse(readJson(path));
  if (kept.success) return kept.data;
  const secrets = { store: randomBytes(24).toString("base64url") };
  writePrivateJson(path, secrets);
  return secrets;
}

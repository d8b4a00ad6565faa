/**
 * The folder of a stack on the local platform: the ports and secrets that were chosen for it, and the connection that
 * follows from them. What was chosen stays, so that addresses survive a restart.
 * @module
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { StewardError } from "../definitions/problem.ts";
import { digestBytes, digestOf } from "../plan/digest.ts";
import { listFiles } from "../supervisor/declaration.ts";
import { findJson, readJson, writePrivateJson, writeWhole } from "../supervisor/private-file.ts";
import { checkStackFormat, locateStack, prepareStack, type StackLayout } from "../supervisor/stack-layout.ts";
import { withLock } from "../toolchain/lock.ts";
import { type Connection, connectionSchema } from "./connection.ts";
import { forgetEngineHosts } from "./engine-hosts.ts";
import { type Ports, portsSchema, withPortRegistry } from "./port-registry.ts";
import { enginePortNames, renderDynamicConfig, renderTemporalConfig, renderUiConfig } from "./temporal-config.ts";
import {
  chooseTrackingSecrets,
  databaseFolder,
  findTrackingPlace,
  type TrackingPlace,
  trackingPorts,
} from "./tracking-place.ts";

/** The ports of a stack's own services. */
const portNames = ["store", "store-console", "ui", ...enginePortNames] as const;

/** A port for each, on loopback. */
export type StackPorts = Readonly<Record<(typeof portNames)[number], number>>;

const secretsSchema = z.strictObject({
  /** The password of the object store's own user. */
  store: z.string().min(16),
});

export type StackSecrets = z.output<typeof secretsSchema>;

/** In a file of its own, which an older version leaves alone: what logs of endpoints are protected with. */
const logSchema = z.strictObject({ key: z.string().regex(/^[0-9a-f]{64}$/) });

/** In a file of its own, which an older version leaves alone. */
const intakeSchema = z.strictObject({ token: z.string().min(16) });

/** Where rows are pushed to a stack, and what whoever pushes must show; the token is secret. */
export interface StackIntake {
  readonly port: number;
  readonly token: string;
}

/** What a stack on the local platform is made of. */
export interface LocalStack {
  readonly folder: string;
  readonly connection: Connection;
  readonly ports: StackPorts;
  /** The port of each endpoint's model server, by the endpoint's name. */
  readonly endpoints: Readonly<Record<string, number>>;
  readonly secrets: StackSecrets;
  /**
   * What personal data in logs is hashed and encrypted with, 64 hexadecimal digits. Secret.
   * @default nothing: an older version brought the stack up last
   */
  readonly logKey?: string;
  /** Where rows are pushed. @default nowhere: no dataset of the stack takes any, or took any before */
  readonly intake?: StackIntake;
  /** Where experiments are tracked. @default nowhere: the stack does not, and never did */
  readonly tracking?: TrackingPlace;
  /** What the services read and where they keep their data. */
  readonly paths: {
    readonly storeData: string;
    readonly temporal: string;
    /** Where the worker keeps steps under way. */
    readonly work: string;
    /** The inference logs, a folder for each endpoint. */
    readonly requests: string;
    /** The online store: the features that model servers look up. */
    readonly online: string;
    /** The data of the stack's own database. */
    readonly database: string;
  };
}

export interface StackOptions {
  readonly project: string;
  readonly stack: string;
  /** The endpoints that need a port. @default [] */
  readonly endpoints?: readonly string[];
  /** Whether rows are pushed to the stack. @default false */
  readonly intake?: boolean;
  /** Whether experiments are tracked. @default false */
  readonly tracking?: boolean;
  /** The first port that is looked at; the next free ones follow. @default 9000 */
  readonly firstPort?: number;
  /** The folder of the user's registry of ports. @default the user's cache */
  readonly registry?: string;
}

/** The folder of a stack below the folder of its project. */
export function locateStackFolder(root: string, stack: string): string {
  return join(root, ".steward", "stacks", stack);
}

/**
 * Prepares the folder of a stack: chooses free ports and makes secrets where there are none yet, and writes the
 * configuration of its servers and its connection, all readable by their owner alone. Asked again, it answers the same.
 *
 * @throws StewardError `format-newer` when a newer Steward has prepared it
 */
export async function prepareStackFolder(
  folder: string,
  { project, stack, endpoints = [], intake = false, tracking = false, firstPort = 9000, registry }: StackOptions,
): Promise<LocalStack> {
  const layout = prepareStack(folder);
  const temporal = join(folder, "temporal");
  mkdirSync(join(temporal, "ui"), { recursive: true, mode: 0o700 });
  return withLock(join(folder, "run", "folder.lock"), {}, async () => {
    forgetOrigin(layout, temporal);
    const optional = [...(intake ? [intakePort] : []), ...(tracking ? Object.values(trackingPorts) : [])];
    const wanted = [...portNames, ...optional, ...endpoints.map(endpointPort)];
    const ports = await choosePorts(folder, { wanted, firstPort, registry });
    const secrets = chooseSecrets(folder);
    chooseLogKey(folder);
    if (intake) chooseToken(folder);
    if (tracking) chooseTrackingSecrets(folder);
    const connection = describeConnection({ folder, project, stack, ports, secrets });
    writePrivateJson(join(folder, "connection.json"), connection);
    writeWhole(join(temporal, "config.yaml"), renderTemporalConfig(pickPorts(ports), temporal));
    writeWhole(join(temporal, "dynamic.yaml"), renderDynamicConfig());
    writeWhole(join(temporal, "ui", "steward.yaml"), renderUiConfig(pickPorts(ports), connection.engine.namespace));
    return describeStack({ folder, connection, ports, secrets });
  });
}

/**
 * A folder that was copied, restored or moved brings the declarations of its services along. With their paths they would run
 * on the data of the place it comes from, and its engine would join the one there.
 */
function forgetOrigin(layout: StackLayout, temporal: string): void {
  const origin = connectionSchema.safeParse(findJson(join(layout.folder, "connection.json"))).data?.stackFolder;
  if (origin === undefined || isSameFolder(origin, layout.folder)) return;
  forgetEngineHosts(temporal);
  for (const file of listFiles(layout.services)) rmSync(join(layout.services, file));
  // What a moved folder tells of processes tells of its own; what a copy tells, of those of its original, which go on.
  if (!existsSync(origin)) return;
  for (const file of listFiles(layout.run)) rmSync(join(layout.run, file));
  rmSync(layout.lock, { recursive: true, force: true });
}

function isSameFolder(one: string, other: string): boolean {
  return locateStack(one).folder === locateStack(other).folder;
}

/**
 * A stack that has been prepared before.
 *
 * @returns nothing where none has
 * @throws StewardError as `prepareStackFolder`, and what preparing the stack again mends: `file-damaged`, and `stack-not-up`
 * for a folder that was copied, restored or moved and still leads to where it was
 */
export function readStack(folder: string): LocalStack | undefined {
  checkStackFormat(folder);
  const read = (file: string) => readJson(join(folder, file), "run npx pulumi up, which makes it anew");
  const connection = connectionSchema.safeParse(read("connection.json"));
  const ports = portsSchema.safeParse(read("ports.json"));
  const secrets = secretsSchema.safeParse(read("secrets.json"));
  if (!connection.success || !ports.success || !secrets.success) return undefined;
  const { stackFolder: origin = folder } = connection.data;
  if (!isSameFolder(origin, folder)) {
    throw new StewardError({
      code: "stack-not-up",
      at: "",
      file: folder,
      what: `the stack has not been brought up since its folder was brought here from "${origin}"`,
      fix: "run npx pulumi up once: until then the stack leads to where it was, which is left alone",
    });
  }
  return describeStack({ folder, connection: connection.data, ports: ports.data, secrets: secrets.data });
}

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
  const tracking = findTrackingPlace(folder, ports);
  return {
    folder,
    connection,
    ports: pickPorts(ports),
    endpoints: Object.fromEntries(endpoints),
    secrets,
    ...describeLog(folder),
    ...describeIntake(folder, ports),
    ...(tracking && { tracking }),
    paths: {
      storeData: join(folder, "store"),
      temporal: join(folder, "temporal"),
      work: join(folder, "work"),
      requests: join(folder, "requests"),
      online: join(folder, "online"),
      database: join(folder, databaseFolder),
    },
  };
}

function describeLog(folder: string): Pick<LocalStack, "logKey"> {
  const path = join(folder, logFile);
  const fix = "restore it from a backup: without it nothing that is encrypted in the logs can be read";
  const { key } = logSchema.safeParse(readJson(path, fix)).data ?? {};
  return key === undefined ? {} : { logKey: key };
}

const intakePort = "intake";

function describeIntake(folder: string, { [intakePort]: port }: Ports): Pick<LocalStack, "intake"> {
  const { token } = intakeSchema.safeParse(findJson(join(folder, "intake.json"))).data ?? {};
  return port === undefined || token === undefined ? {} : { intake: { port, token } };
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

interface PortChoice {
  readonly wanted: readonly string[];
  readonly firstPort: number;
  readonly registry: string | undefined;
}

/** Keeps the ports of a stack and chooses those that are missing, none that another stack of the user has, up or down. */
function choosePorts(folder: string, { wanted, firstPort, registry }: PortChoice): Promise<Ports> {
  return withPortRegistry({ folder, registry }, async ({ own, others }) => {
    const path = join(folder, "ports.json");
    const written = portsSchema.safeParse(findJson(path)).data;
    // A file that was removed asks for other ports, one that was damaged does not.
    const known = written ?? (existsSync(path) ? own : undefined) ?? {};
    // A folder that was copied brings along the ports of its original, which has them.
    const kept: Ports = Object.fromEntries(Object.entries(known).filter(([, port]) => !others.has(port)));
    const taken = new Set([...Object.values(kept), ...others]);
    const chosen: Record<string, number> = { ...kept };
    let port = firstPort;
    for (const name of wanted.filter((name) => kept[name] === undefined)) {
      while (taken.has(port) || !(await isFree(port))) port += 1;
      chosen[name] = port;
      taken.add(port);
    }
    if (digestOf(chosen) !== digestOf(written ?? {})) writePrivateJson(path, chosen);
    return chosen;
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
  const kept = secretsSchema.safeParse(findJson(path));
  if (kept.success) return kept.data;
  const secrets = { store: randomBytes(24).toString("base64url") };
  writePrivateJson(path, secrets);
  return secrets;
}

const logFile = "log.json";

/** A file that is damaged is never written anew: what was encrypted with its key could not be read again. */
function chooseLogKey(folder: string): void {
  const path = join(folder, logFile);
  if (!existsSync(path)) writePrivateJson(path, { key: randomBytes(32).toString("hex") });
}

function chooseToken(folder: string): void {
  const path = join(folder, "intake.json");
  if (!intakeSchema.safeParse(findJson(path)).success)
    writePrivateJson(path, { token: randomBytes(24).toString("base64url") });
}

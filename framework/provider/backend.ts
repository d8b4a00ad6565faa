/**
 * The parts of a stack that resources work with, opened when first needed and shared by all calls of the process.
 * @module
 */
import {
  type Connection,
  connectedServices,
  type EngineConnection,
  type StoreConnection,
} from "../connection/connection.ts";
import type { Engine } from "../engine/engine.ts";
import { digestOf } from "../plan/digest.ts";
import type { Reference } from "../store/reference.ts";
import type { Supervisor } from "../supervisor/client.ts";

/** What the provider asks of the engine. */
export type ProviderEngine = Pick<Engine, "apply" | "status" | "progress" | "list" | "retire">;

/** What the provider asks of the store. */
export interface ProviderStore {
  putJson(value: unknown): Promise<Reference>;
  putFile(path: string): Promise<Reference>;
}

/** What the provider asks of a stack's supervisor. */
export type ProviderSupervisor = Pick<Supervisor, "apply" | "waitReady" | "preflight" | "remove" | "list" | "revive">;

/** How the parts are opened; tests put their own in. */
export interface Openers {
  openEngine(connection: EngineConnection): Promise<ProviderEngine>;
  openStore(connection: StoreConnection): Promise<ProviderStore>;
  openSupervisor(stackFolder: string): Promise<ProviderSupervisor>;
}

/** The parts of the stacks that this process deals with, which is one stack in practice. */
export interface Backend {
  /** Whether the stack has an engine at all: on the local platform, whether its service is declared. */
  deployed(connection: Connection): Promise<boolean>;
  /**
   * The engine of a stack, its services revived first where a supervisor runs them.
   *
   * @throws StewardError when it does not run, also where another stack's engine answers at its address
   */
  engine(connection: Connection): Promise<ProviderEngine>;
  /** The store of a stack, in the same way. */
  store(connection: Connection): Promise<ProviderStore>;
  supervisor(stackFolder: string): Promise<ProviderSupervisor>;
}

export function createBackend(openers: Openers): Backend {
  const supervisors = remember((folder: string) => openers.openSupervisor(folder));
  const revivals = remember(async (folder: string) => (await supervisors(folder)).revive());
  const engines = remember(openers.openEngine);
  const stores = remember(openers.openStore);

  /** Sees to it that a part runs, and that what answers at its address is the stack's own. */
  const requireRunning = async ({ stackFolder }: Connection, part: keyof typeof connectedServices): Promise<void> => {
    if (stackFolder === undefined) return;
    await revivals(stackFolder);
    await (await supervisors(stackFolder)).waitReady(connectedServices[part]);
  };

  return {
    deployed: async ({ stackFolder }) =>
      stackFolder === undefined ||
      (await (await supervisors(stackFolder)).list()).some(({ name }) => name === connectedServices.engine),
    engine: async (connection) => {
      await requireRunning(connection, "engine");
      return engines(connection.engine);
    },
    store: async (connection) => {
      await requireRunning(connection, "store");
      return stores(connection.store);
    },
    supervisor: supervisors,
  };
}

/** Opens once per key and shares the result. What could not be opened is tried again by the next caller. */
function remember<Key, Part>(open: (key: Key) => Promise<Part>): (key: Key) => Promise<Part> {
  const parts = new Map<string, Promise<Part>>();
  return (key) => {
    const name = digestOf(key);
    const known = parts.get(name);
    if (known) return known;
    const part = open(key);
    parts.set(name, part);
    part.catch(() => parts.delete(name));
    return part;
  };
}

/**
 * The program of a model server as a process of a test's own, told by its environment what it is told in a stack.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { StoreConnection } from "../../framework/connection/connection.ts";
import { describeSurroundings } from "./surroundings.ts";

const program = join(import.meta.dirname, "../../framework/serving/main.ts");

export interface ServerPlace {
  /** Where the store is. */
  readonly store: StoreConnection;
  /** Its home; the segments of its log are in `segments` below it, unless it is told otherwise. */
  readonly folder: string;
  readonly port: number;
}

export interface ServerStart {
  /** Variables that differ from those of a server by itself of model `storm` at endpoint `storms`. @default none */
  readonly change?: Readonly<Record<string, string | undefined>>;
  /** Of Node. @default none */
  readonly flags?: readonly string[];
  /** Whether it leads a process group of its own. @default false */
  readonly detached?: boolean;
}

export interface ServerProgram {
  readonly child: ChildProcess;
  readonly port: number;
  /** What it wrote so far. */
  readonly output: () => string;
}

/** Starts it; it is not ready yet. Who starts it ends it. */
export function startServerProgram(place: ServerPlace, options: ServerStart = {}): ServerProgram {
  const { change = {}, flags = [], detached = false } = options;
  const { store, folder, port } = place;
  const engine = { address: "127.0.0.1:1", namespace: "none", ui: "http://127.0.0.1:1" };
  const child = spawn(process.execPath, [...flags, program], {
    stdio: ["ignore", "pipe", "pipe"],
    detached,
    env: {
      ...describeSurroundings(folder),
      STEWARD_CONNECTION: JSON.stringify({ owner: "test/local", store, engine }),
      STEWARD_ENDPOINT: "storms",
      STEWARD_MODEL: "storm",
      STEWARD_SERVER_PROCESSES: "0",
      STEWARD_PORT: String(port),
      STEWARD_SEGMENTS: join(folder, "segments"),
      STEWARD_LOG: '{"requests":"all","durability":"disk"}',
      ...change,
    },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  return { child, port, output: () => output };
}

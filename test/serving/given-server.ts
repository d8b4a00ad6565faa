/**
 * A model server in the test's own process, over a store in a folder.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { type ModelServer, type ServerOptions, startServer } from "../../framework/serving/server.ts";
import { FolderStore } from "./folder-store.ts";
import { model, putPackage, release } from "./storm-model.ts";

/** What a test finds prepared; the fields are there once a test runs. */
export class GivenServer {
  folder = "";
  segments = "";
  store = new FolderStore("");
  /** What the server reported. */
  lines: string[] = [];
  #server: ModelServer | undefined;

  async prepare(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "steward-serving-"));
    this.segments = join(this.folder, "segments");
    this.store = new FolderStore(join(this.folder, "objects"));
    this.lines = [];
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Starts the server on a free port, which comes back. */
  async start(change: Partial<ServerOptions> = {}): Promise<number> {
    this.#server = await startServer({
      endpoint: "storms",
      model,
      store: this.store,
      segmentFolder: this.segments,
      log: { requests: "all", durability: "disk" },
      port: 0,
      pollMilliseconds: 5,
      report: (line) => this.lines.push(line),
      ...change,
    });
    return this.#server.port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  /** Puts a package of this bias into production; its digest comes back. */
  async promote(generation: number, bias = 0, version?: number): Promise<string> {
    const digest = await putPackage(this.store, bias);
    const { name, value } = release(generation, digest, version);
    this.store.setRef(name, generation, value);
    return digest;
  }
}

/** Prepares a server for each test of a file, and removes it after. */
export function useServer(): GivenServer {
  const given = new GivenServer();
  beforeEach(() => given.prepare());
  afterEach(() => given.remove());
  return given;
}

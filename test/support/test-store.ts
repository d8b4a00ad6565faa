/**
 * A store for the tests of one file: one MinIO for all of them, keys and a cache of its own for each.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "minio";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { StoreConnection } from "../../framework/connection/connection.ts";
import { openStore, type Store } from "../../framework/store/store.ts";
import { startMinio } from "./minio.ts";

/** What a test finds prepared; the fields are there once a test runs. */
export interface GivenStore {
  connection: StoreConnection;
  store: Store;
  /** A client of the server, for looking behind the store. */
  client: Client;
  /** What the keys of this test begin with, without the slash. */
  prefix: string;
  /** A temporary folder; the cache is in it, named like the prefix. */
  folder: string;
  /** Another store over the same keys and cache, as another process would open it. */
  open(): Store;
  /** Overwrites what lies at a key of the ordinary bucket, as only an intruder would. */
  tamper(key: string, bytes: string): Promise<void>;
}

/** Starts a MinIO before the tests of a file, and ends it after them. */
export function useStore(): GivenStore {
  const given = {} as GivenStore;
  let stop: (() => Promise<void>) | undefined;
  let turn = 0;

  beforeAll(async () => {
    const minio = await startMinio();
    const folder = await mkdtemp(join(tmpdir(), "steward-store-"));
    stop = async () => {
      await minio.stop();
      await rm(folder, { recursive: true, force: true });
    };
    const { connection } = minio;
    const { hostname, port } = new URL(connection.endpoint);
    const { accessKey, secretKey, bucket } = connection;
    const client = new Client({ endPoint: hostname, port: Number(port), useSSL: false, accessKey, secretKey });
    const open = () => openStore(connection, { prefix: given.prefix, cacheFolder: join(folder, given.prefix) });
    const tamper = async (key: string, bytes: string) => {
      await client.putObject(bucket, `${given.prefix}/${key}`, bytes);
    };
    Object.assign(given, { connection, folder, client, open, tamper });
    await openStore(connection).prepare();
  }, 600_000);

  afterAll(() => stop?.());

  beforeEach(() => {
    given.prefix = `test-${++turn}`;
    given.store = given.open();
  });

  return given;
}

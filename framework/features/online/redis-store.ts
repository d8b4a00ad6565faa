/**
 * The online store on a Redis or Valkey server. A generation of a table is one hash, which is counted, switched to and
 * dropped at once whatever its size. The keys of a table share a hash tag, so that a cluster keeps them in one slot.
 * @module
 */
import { createClient, RESP_TYPES } from "@redis/client";
import { encodeKey, type KeyValue } from "./entity-key.ts";
import { absentRow, type RowTarget, readRow } from "./layout.ts";
import {
  checkTableName,
  latestOf,
  nowInMicroseconds,
  type OnlineRow,
  type OnlineStore,
  type OnlineTable,
  readState,
  requireUpsertable,
  superseded,
  type TableRead,
  type TableStatus,
  type TableWriter,
  toStoredRows,
  type WriteOptions,
  writeState,
} from "./online-store.ts";
import { describeAddress, toRedisError } from "./redis-failure.ts";
import { abandonScript, beginScript, commitScript, dropScript, putScript, removeScript } from "./redis-scripts.ts";

/** Where a server is, and how it is used. */
export interface RedisOptions {
  /** `redis://user:password@host:port/database`; `rediss://` speaks TLS. */
  readonly url: string;
  /** What all keys begin with; no braces. */
  readonly prefix: string;
  /** How long a lookup may take, in milliseconds; a write may take thirty times as long. @default 1000 */
  readonly timeout?: number;
  /** The certificates of authorities, PEM, that the server's is checked with. @default those that Node has */
  readonly ca?: string;
}

const patience = 30;
/** A script holds the server up while it runs. */
const rowsPerScript = 500;

/** Opens the store on a server, and connects. @throws StewardError `online-store-unreachable`, `online-store-refused` */
export async function openRedisStore(options: RedisOptions): Promise<OnlineStore> {
  const address = describeAddress(options.url);
  if (/[{}]/.test(options.prefix)) throw new TypeError("the prefix of an online store's keys has no braces");
  const client = connect(options);
  try {
    await within(options.timeout ?? 1000, client.connect());
  } catch (error) {
    client.destroy();
    throw toRedisError(error, address);
  }
  return new RedisStore(client, options, address);
}

/** A lost connection is made anew with growing pauses; what is asked meanwhile fails at once. */
function connect({ url, ca, timeout = 1000 }: RedisOptions) {
  let connected = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: timeout,
      // The first connection is the caller's to try again.
      reconnectStrategy: (retries: number) => (connected ? Math.min(50 * 2 ** retries, 2000) : false),
      ...(url.startsWith("rediss:") && { tls: true as const, ...(ca !== undefined && { ca }) }),
    },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } },
  });
  client.on("ready", () => {
    connected = true;
  });
  // Whoever asks next is told; without a listener the process would end.
  client.on("error", () => {});
  return client;
}

class TimeoutError extends Error {}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TimeoutError("no answer in time")), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

type Client = ReturnType<typeof connect>;

class RedisStore implements OnlineStore {
  readonly #client: Client;
  readonly #prefix: string;
  readonly #timeout: number;
  readonly #address: string;
  /** The generation that was in force when a table was last read. */
  readonly #generations = new Map<string, number>();

  constructor(client: Client, { prefix, timeout = 1000 }: RedisOptions, address: string) {
    this.#client = client;
    this.#prefix = prefix;
    this.#timeout = timeout;
    this.#address = address;
  }

  async getMany(
    table: OnlineTable,
    keys: readonly (readonly (KeyValue | null | undefined)[])[],
    targets?: readonly RowTarget[],
  ): Promise<TableRead> {
    const encoded = keys.map(encodeKey);
    const fields = encoded.flatMap((key) => (key ? [Buffer.from(key)] : []));
    const { asOf, rows } = await this.#readRows(table.name, fields);
    let next = 0;
    const found = encoded.map((key, i) => {
      const row = key && rows[next++];
      return row ? readRow(table.layout, row, targets?.[i]) : absentRow;
    });
    return { ...(asOf !== undefined && { asOf }), rows: found };
  }

  /**
   * Reads rows of the generation that was in force when the table was last read, then, in the same round trip, which one is
   * in force: generations rise, so where it is the same one, it was in force between. Else the rows are read once more.
   */
  async #readRows(table: string, fields: readonly Buffer[]): Promise<{ asOf?: bigint; rows: (Buffer | null)[] }> {
    const keys = this.#keysOf(table);
    for (;;) {
      const guess = this.#generations.get(table) ?? 0;
      // One connection answers in the order of the questions.
      const [rows, [generation, asOf]] = await this.#ask(
        Promise.all([
          fields.length > 0 ? this.#client.hmGet(keys.rows(guess), [...fields]) : [],
          this.#client.hmGet(keys.state, ["generation", "asOf"]),
        ]),
      );
      if (!generation || !asOf) return { rows: [] };
      if (Number(generation) === guess) return { asOf: BigInt(asOf.toString()), rows };
      this.#generations.set(table, Number(generation));
    }
  }

  async begin(table: OnlineTable, options: WriteOptions): Promise<TableWriter> {
    const keys = this.#keysOf(checkTableName(table.name));
    if (options.mode === "upsert") {
      const { generation } = requireUpsertable(await this.status(table.name), table);
      return this.#createWriter(table, options, generation);
    }
    await this.#ask(this.#client.sAdd(`${this.#prefix}tables`, table.name), patience);
    const generation = await this.#run(beginScript, [keys.last, keys.begun], [keys.generations]);
    return this.#createWriter(table, options, generation);
  }

  #createWriter({ name, layout }: OnlineTable, { mode, asOf, root }: WriteOptions, generation: number): TableWriter {
    const keys = this.#keysOf(name);
    const rows = keys.rows(generation);
    let eventTime: bigint | undefined;
    const requireTurn = (answer: number) => {
      if (answer < 0) throw superseded(name);
    };
    return {
      putRows: async (given: readonly OnlineRow[]) => {
        const batch = toStoredRows(layout, given, asOf);
        for (let start = 0; start < batch.length; start += rowsPerScript) {
          const pairs = batch.slice(start, start + rowsPerScript).flatMap(({ key, row }) => [Buffer.from(key), row]);
          requireTurn(await this.#run(putScript, [keys.begun, keys.state, rows], [mode, `${generation}`, ...pairs]));
        }
        eventTime = latestOf(eventTime, given);
      },
      commit: async () => {
        const before = mode === "upsert" ? (await this.status(name))?.eventTime : undefined;
        const latest = latestOf(before, eventTime === undefined ? [] : [{ eventTime }]);
        const status: TableStatus = {
          table: name,
          generation,
          layout: layout.digest,
          rows: await this.#ask(this.#client.hLen(rows), patience),
          ...(latest !== undefined && { eventTime: latest }),
          asOf,
          materialisedAt: nowInMicroseconds(),
          root,
        };
        const values = [mode, `${generation}`, `${asOf}`, writeState(status), keys.generations];
        requireTurn(await this.#run(commitScript, [keys.begun, keys.state], values));
        return status;
      },
      abandon: async () => {
        if (mode === "replace") await this.#run(abandonScript, [keys.begun, rows], [`${generation}`]);
      },
    };
  }

  async remove(table: string, keys: readonly (readonly KeyValue[])[]): Promise<number> {
    const { state, generations } = this.#keysOf(table);
    const fields = keys.map(encodeKey).flatMap((key) => (key ? [Buffer.from(key)] : []));
    let removed = 0;
    for (let start = 0; start < fields.length; start += rowsPerScript) {
      const some = fields.slice(start, start + rowsPerScript);
      removed += await this.#run(removeScript, [state], [generations, ...some]);
    }
    return removed;
  }

  async drop(table: string): Promise<void> {
    const { begun, state, generations } = this.#keysOf(table);
    await this.#run(dropScript, [begun, state], [generations]);
    await this.#ask(this.#client.sRem(`${this.#prefix}tables`, table), patience);
  }

  async list(): Promise<readonly string[]> {
    const names = (await this.#ask(this.#client.sMembers(`${this.#prefix}tables`))).map(String);
    const present = await Promise.all(names.map((name) => this.#ask(this.#client.exists(this.#keysOf(name).state))));
    return names.filter((_, i) => present[i] === 1).sort();
  }

  async status(table: string): Promise<TableStatus | undefined> {
    const { state, rows } = this.#keysOf(table);
    const document = await this.#ask(this.#client.hGet(state, "document"));
    if (!document) return undefined;
    const status = readState(document.toString(), table);
    return { ...status, rows: await this.#ask(this.#client.hLen(rows(status.generation))) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#client.isReady) await this.#client.close();
    else this.#client.destroy();
  }

  #keysOf(table: string) {
    const tag = `${this.#prefix}{${table}}`;
    return {
      state: `${tag}:state`,
      last: `${tag}:last`,
      begun: `${tag}:begun`,
      generations: `${tag}:g`,
      rows: (generation: number) => `${tag}:g${generation}`,
    };
  }

  async #run(script: string, keys: readonly string[], values: readonly (string | Buffer)[]): Promise<number> {
    const given = { keys: [...keys], arguments: [...values] };
    return Number(await this.#ask(this.#client.eval(script, given), patience));
  }

  async #ask<T>(work: Promise<T>, times = 1): Promise<T> {
    try {
      return await within(this.#timeout * times, work);
    } catch (error) {
      throw toRedisError(error, this.#address);
    }
  }
}

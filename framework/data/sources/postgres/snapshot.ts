/**
 * Snapshots: what a database holds at one moment, read by one connection that cannot write and that is closed whatever happens.
 * @module
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Readable } from "node:stream";
import postgres, { type Sql } from "postgres";
import { z } from "zod";
import { type DatabaseAddress, readAddress } from "./address.ts";
import { toDatabaseError } from "./database-problem.ts";

/** Which database is read. */
export interface DatabaseAccess {
  /** With its password: it is told to nobody. */
  readonly url: string;
  /** The source, as problems name it. */
  readonly at: string;
  /** Ends the work, on the server too. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/** A column of what a query gives. */
export interface QueryColumn {
  readonly name: string;
  /** The number of its type. */
  readonly type: number;
}

/** One moment of a database. */
export interface Snapshot {
  /** The columns of a statement, which is not run. It is refused when it is several statements. */
  describe(query: string): Promise<readonly QueryColumn[]>;
  /** The rows that a statement of Steward's own gives. */
  rows<T>(query: string, schema: z.ZodType<T>): Promise<T[]>;
  /** What `COPY … TO STDOUT` gives. */
  copy(query: string): Promise<Readable>;
}

/** How long a connection may take, in milliseconds. */
const patience = 15_000;
/** How long the server is asked to let go of a query that nobody waits for, in milliseconds. */
const cancelPatience = 5_000;

/** What the texts of values and the limits of a connection depend on: it is the same whatever the server's own settings are. */
const settings: Readonly<Record<string, string>> = {
  DateStyle: "ISO, YMD",
  IntervalStyle: "postgres",
  TimeZone: "UTC",
  bytea_output: "hex",
  extra_float_digits: "3",
  standard_conforming_strings: "on",
  xmlbinary: "base64",
  // A slice is sorted in memory, where its rows are not long.
  work_mem: "64MB",
  lock_timeout: "30s",
  statement_timeout: "1h",
  idle_in_transaction_session_timeout: "10min",
};

const begun = z.object({ pid: z.string() });
const begin = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY";

/**
 * Does work on what a database holds at one moment. Nothing that the work asks for can write.
 * @throws StewardError when the database is not reached, refuses, or cannot do what it is asked
 */
export async function withSnapshot<T>(access: DatabaseAccess, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const { url, at, signal } = access;
  const address = readAddress(url, at);
  signal?.throwIfAborted();
  const client = openClient(url, address);
  let pid: string | undefined;
  const read = async (): Promise<T> => {
    const snapshot = openSnapshot(client.sql);
    await client.sql.unsafe(begin);
    pid = (await snapshot.rows(`SELECT pg_backend_pid()::text AS pid, ${setAll}`, begun))[0]?.pid;
    const result = await work(snapshot);
    // Nothing was written, so there is nothing to commit.
    await client.sql.end({ timeout: 1 });
    return result;
  };
  try {
    return await untilAborted(read(), signal);
  } catch (error) {
    if (signal?.aborted && pid !== undefined) await cancel(url, address, pid);
    signal?.throwIfAborted();
    throw toDatabaseError(error, { at, address });
  } finally {
    await client.close();
  }
}

const setAll = Object.entries(settings)
  .map(([name, value], index) => `set_config('${name}', '${value}', true) AS set${index}`)
  .join(", ");

function openSnapshot(sql: Sql): Snapshot {
  return {
    describe: async (query) => {
      const { columns } = await sql.unsafe(query).describe();
      return columns.map(({ name, type }) => ({ name, type }));
    },
    rows: async (query, schema) => {
      const rows: unknown = await sql.unsafe(query, [], { simple: false } as object);
      return z.array(schema).parse(Array.from(rows as Iterable<unknown>));
    },
    copy: (query) => sql.unsafe(query).readable(),
  };
}

interface Client {
  readonly sql: Sql;
  /** Closes every connection at once, whatever is under way. */
  close(): Promise<void>;
}

/**
 * A client of one connection. Its socket is made here, so that it can be closed also when what comes in is not read any more, and
 * so that a connection that is lost is not replaced by one that would see another moment.
 */
function openClient(url: string, address: DatabaseAddress): Client {
  let socket: Socket | undefined;
  const options = {
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: patience / 1000,
    onnotice: () => undefined,
    connection: { application_name: "steward" },
    socket: async () => {
      if (socket) throw Object.assign(new Error("the connection was lost"), { code: "CONNECTION_CLOSED" });
      socket = connect({ host: address.host, port: address.port, noDelay: true });
      const opening = socket;
      const late = setTimeout(() => {
        opening.destroy(Object.assign(new Error(`nothing heard for ${patience / 1000} s`), { code: "ETIMEDOUT" }));
      }, patience);
      try {
        await once(opening, "connect");
      } finally {
        clearTimeout(late);
      }
      // The client asks for them by these properties, to check the server's certificate and to say who was silent.
      return Object.assign(opening, { host: address.host, port: address.port });
    },
  };
  const sql = postgres(url, options);
  return {
    sql,
    close: async () => {
      const ended = sql.end({ timeout: 0 }).catch(() => undefined);
      socket?.destroy();
      await ended;
    },
  };
}

async function untilAborted<T>(working: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return working;
  // What is given up may still fail, and nobody waits for that.
  working.catch(() => undefined);
  const ended = new AbortController();
  const aborted = once(signal, "abort", { signal: ended.signal }).then(
    () => signal.throwIfAborted() as never,
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([working, aborted]);
  } finally {
    ended.abort();
  }
}

/** A server notices only at its next answer that nobody listens, which may be after an hour's work. */
async function cancel(url: string, address: DatabaseAddress, pid: string): Promise<void> {
  const client = openClient(url, address);
  const late = new Promise<void>((resolve) => setTimeout(resolve, cancelPatience).unref());
  try {
    const asked = client.sql`SELECT pg_cancel_backend(${pid}::int)`.then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([asked, late]);
  } finally {
    await client.close();
  }
}

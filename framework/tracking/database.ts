/**
 * The tracking server's database: a client of Postgres, and tables that are brought to their present form when it is opened.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { StewardError } from "../definitions/problem.ts";
import { digestBytes } from "../plan/digest.ts";
import { TrackingFailure } from "./tracking-failure.ts";

/** A client: whole numbers of eight bytes are numbers here, since no time and no step is larger than those can be. */
export type Sql = postgres.Sql<{ bigint: number }>;
/** A client inside of a transaction, or any other. */
export type AnySql = Sql | postgres.TransactionSql<{ bigint: number }>;

/** One step of the tables' way to their present form. It is never changed once it is released: the next one mends it. */
export interface Migration {
  /** Counts from 1 in its area. */
  readonly number: number;
  /** One or more statements, run in a transaction. */
  readonly statements: string;
}

/** The tables of one area, brought forward on their own. */
export interface MigrationArea {
  readonly area: string;
  readonly migrations: readonly Migration[];
}

export interface DatabaseOptions {
  /** With its password: it is told to nobody. */
  readonly url: string;
  /** In the order in which their tables refer to each other. */
  readonly areas: readonly MigrationArea[];
  /** Whose it is, `flights/production`: the bytes that it names are in that stack's store. @default whoever's it is */
  readonly owner?: string | undefined;
  /** How many connections there are at most. @default 10 */
  readonly connections?: number;
}

/** The schema that the tables are in. */
const schema = "tracking";
/** The number of the lock under which tables are changed: any one that nobody else takes. */
const lockNumber = 7_312_054;

/**
 * Opens the database, and brings its tables forward; servers that start at once wait for each other.
 * @throws StewardError `format-newer` where a newer Steward has been here, `database-taken` where it is another stack's; whatever Postgres says where it is not reached
 */
export async function openDatabase({ url, areas, owner, connections = 10 }: DatabaseOptions): Promise<Sql> {
  const sql = connect(url, connections);
  try {
    await migrate(sql, areas);
    if (owner !== undefined) await takeDatabase(sql, owner);
    return sql;
  } catch (error) {
    await sql.end({ timeout: 1 });
    throw error;
  }
}

/**
 * Connections for a few statements that are sent over and over with other values: Postgres plans each once, and not for the
 * values that come. The tables are in their present form already.
 */
export function openRepeating(url: string, connections: number): Sql {
  return connect(url, connections, { plan_cache_mode: "force_generic_plan" });
}

/**
 * Connections for statements that look up a few rows for each of many keys, and are planned once as well: always by an index, in
 * its order. What Postgres would otherwise do for what may be a large table costs more here than the rows themselves.
 */
export function openLookups(url: string, connections: number): Sql {
  return connect(url, connections, {
    plan_cache_mode: "force_generic_plan",
    enable_bitmapscan: "off",
    enable_seqscan: "off",
  });
}

function connect(url: string, connections: number, settings: Readonly<Record<string, string>> = {}): Sql {
  return postgres(url, {
    max: connections,
    onnotice: () => undefined,
    connect_timeout: 15,
    connection: { application_name: "steward tracking", search_path: schema, TimeZone: "UTC", ...settings },
    types: {
      bigint: { to: 20, from: [20], serialize: (value: number) => value.toString(), parse: Number },
    },
  });
}

/** A piece of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** Pieces of a statement one after the other; none of them are nothing. */
export function chain(sql: AnySql, fragments: readonly Fragment[]): Fragment | Fragment[] {
  return fragments.length > 0 ? [...fragments] : sql``;
}

/** Reads at one moment: all statements see the same, and none can write. */
export function withMoment<T>(sql: Sql, read: (moment: AnySql) => Promise<T>): Promise<T> {
  return sql.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY", read) as Promise<T>;
}

async function migrate(sql: Sql, areas: readonly MigrationArea[]): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${lockNumber})`;
    await transaction.unsafe(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await transaction`CREATE TABLE IF NOT EXISTS migrations (
      area text NOT NULL, number int NOT NULL, digest text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (area, number))`;
    const done = await transaction<{ area: string; number: number }[]>`SELECT area, number FROM migrations`;
    for (const { area, migrations } of areas) {
      const last = Math.max(0, ...done.filter((one) => one.area === area).map(({ number }) => number));
      if (last > migrations.length) throw refuseNewer(area, last, migrations.length);
      for (const { number, statements } of migrations.slice(last)) {
        await transaction.unsafe(statements);
        await transaction`INSERT INTO migrations ${transaction({ area, number, digest: digestBytes(statements) })}`;
      }
    }
  });
}

/** Makes the database a stack's, unless it is another one's. */
async function takeDatabase(sql: Sql, owner: string): Promise<void> {
  const found = await sql.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${lockNumber})`;
    await transaction`CREATE TABLE IF NOT EXISTS owners (place int PRIMARY KEY CHECK (place = 1), owner text NOT NULL)`;
    await transaction`INSERT INTO owners ${transaction({ place: 1, owner })} ON CONFLICT DO NOTHING`;
    const [row] = await transaction<{ owner: string }[]>`SELECT owner FROM owners`;
    return row;
  });
  if (found?.owner === owner) return;
  throw new StewardError({
    code: "database-taken",
    at: "",
    what: "experiments of another stack are tracked in this database, whose files are in that stack's store",
    got: found?.owner ?? "nobody",
    expected: owner,
  });
}

function refuseNewer(area: string, found: number, known: number): StewardError {
  return new StewardError({
    code: "format-newer",
    at: "",
    what: `the tables of "${area}" were brought forward by a newer Steward, and are left as they are`,
    got: `migration ${found}`,
    expected: `at most ${known}`,
  });
}

/** What Postgres and its client say when a statement may be sent again: a connection that broke, a server that starts or ends, a conflict. */
const passing = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "57P01",
  "57P02",
  "57P03",
  "40001",
  "40P01",
]);

/** How often, and after how long, work is begun again, in milliseconds. */
const pauses = [50, 200, 500, 1000, 2000];

/**
 * Does work again when the connection broke on the way, for a few seconds. The work must change nothing when what it did before
 * is there already: whether it was, nobody was told.
 * @throws TrackingFailure 503 where the database is not reached, whatever else the work throws
 */
export async function persist<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of pauses) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      await sleep(pause);
    }
  }
  try {
    return await work();
  } catch (error) {
    if (!isPassing(error)) throw error;
    throw new TrackingFailure("TEMPORARILY_UNAVAILABLE", "the database is not reached at the moment; ask again");
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && "code" in error && passing.has(String(error.code));
}

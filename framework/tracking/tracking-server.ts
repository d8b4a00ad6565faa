/**
 * The tracking server: experiments, runs, models and their artifacts, as MLflow's clients ask for them, on Postgres and the store.
 * @module
 */
import type { IncomingMessage } from "node:http";
import { type AnsweringServer, type Reply, startAnswering } from "../http/answering-server.ts";
import { Refusal } from "../http/refusal.ts";
import { openDatabase, openLookups, openRepeating } from "./database.ts";
import { trackingAreas, trackingRoutes } from "./parts.ts";
import { type Call, type FindRoute, JsonText, type Route, tabulateRoutes } from "./route.ts";
import { commitsAtOnce, RunWriter } from "./runs/run-writer.ts";
import { type IsLost, refuseLost, watchLost } from "./seal/lost-database.ts";
import { Sealer } from "./seal/sealer.ts";
import { describeFailure, TrackingFailure } from "./tracking-failure.ts";
import { admitNames, type Identify, identifyBy, readInput, type Token } from "./tracking-request.ts";
import type { TrackingStore, TrackingTools } from "./tracking-tools.ts";

export interface TrackingServerOptions {
  /** The database, with its password. */
  readonly database: string;
  readonly store: TrackingStore;
  /** Whose server it is, `flights/production`: a database is one stack's. @default whoever's */
  readonly owner?: string;
  /** Who may ask. With none, everybody may who reaches the server, which then listens on loopback alone. */
  readonly tokens: readonly Token[];
  /** 0 takes any free one. */
  readonly port: number;
  /** The address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** By which names the server is called beside those of loopback, without ports. @default [] */
  readonly names?: readonly string[];
  /** The time, in milliseconds since 1970. @default the machine's */
  readonly now?: () => number;
  /** How long answers under way may take when the server closes, in milliseconds. @default 8000 */
  readonly drainMilliseconds?: number;
  /** Told what fails, in one line each, for the program's own log. @default nobody is told */
  readonly report?: (line: string) => void;
}

/** For how long changes of a sealed run, or of a record, are gathered into its next seal, in milliseconds. */
const amendedMilliseconds = 1000;
/** How many statements of searches are under way at once. */
const lookupsAtOnce = 6;

/** Starts the server; its tables are in their present form, and it listens, when the promise is resolved. */
export async function startTrackingServer(options: TrackingServerOptions): Promise<AnsweringServer> {
  const { database, store, tokens, port, host, names = [], now = Date.now, report = () => undefined } = options;
  if (tokens.length === 0 && host !== undefined && host !== "127.0.0.1" && host !== "::1") {
    throw new Error("a tracking server without tokens listens on loopback alone");
  }
  const sql = await openDatabase({ url: database, areas: trackingAreas, owner: options.owner });
  const isLost = await watchLost(sql, store).catch(async (error: unknown) => {
    await sql.end({ timeout: 1 });
    throw error;
  });
  // Its own, so that no search has what logging waits for.
  const repeating = openRepeating(database, commitsAtOnce);
  const lookups = openLookups(database, lookupsAtOnce);
  const endConnections = (timeout: number) => Promise.all([sql, repeating, lookups].map((one) => one.end({ timeout })));
  const sealer = new Sealer({ sql, store, now, report, writer: () => writer, isLost });
  const writer: RunWriter = new RunWriter({ sql: repeating, now, onDue: () => sealer.notify(amendedMilliseconds) });
  const tools: TrackingTools = { sql, lookups, store, now, report, writer, sealer };
  const desk = new Desk({
    tools,
    find: tabulateRoutes(trackingRoutes),
    identify: identifyBy(tokens),
    admit: admitNames(names),
    isLost,
  });
  const server = await startAnswering({
    port,
    host,
    drainMilliseconds: options.drainMilliseconds,
    headersMilliseconds: 10_000,
    // An artifact may be large, and the line slow.
    requestMilliseconds: 0,
    answer: desk.answer.bind(desk),
  }).catch(async (error: unknown) => {
    await endConnections(1);
    throw error;
  });
  // What was due when the last server ended.
  sealer.notify();
  return {
    port: server.port,
    async close() {
      await server.close();
      await sealer.close();
      await endConnections(5);
    },
  };
}

interface DeskOptions {
  readonly tools: TrackingTools;
  readonly find: FindRoute;
  readonly identify: Identify;
  readonly admit: ReturnType<typeof admitNames>;
  readonly isLost: IsLost;
}

/** Where requests are answered. */
class Desk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** The reply to a request, whatever goes wrong on the way to it. */
  async answer(request: IncomingMessage): Promise<Reply> {
    try {
      return await this.#answer(request);
    } catch (error) {
      const failure = this.#toFailure(error);
      return { status: failure.status, body: describeFailure(failure), headers: failure.headers };
    }
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const { tools, find, identify, admit, isLost } = this.#options;
    const { method = "", url = "" } = request;
    admit(request.headers);
    const mark = url.indexOf("?");
    const [path, query] = mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
    const { route, parameters } = findOpen(find, method, path) ?? this.#findProtected(request, path);
    const call: Call = { tools, actor: route.open === true ? "" : identify(request.headers) };
    if (route.open !== true && (await isLost())) throw refuseLost();
    if (route.kind === "raw") {
      const reply = await route.answer({ parameters, query: new URLSearchParams(query), request }, call);
      if (mayChange(route)) tools.sealer.notify(amendedMilliseconds);
      return reply;
    }
    const input = await readInput(request, route, { query, parameters });
    const body = await route.answer(input, call);
    // The database has noted whether anything was changed that is to be sealed.
    if (mayChange(route)) tools.sealer.notify(amendedMilliseconds);
    return body instanceof JsonText ? { status: 200, body: body.text, headers: jsonHeaders } : { status: 200, body };
  }

  /** Whoever has no token learns nothing, not even which paths there are. */
  #findProtected(request: IncomingMessage, path: string): ReturnType<FindRoute> {
    const { find, identify } = this.#options;
    identify(request.headers);
    return find(request.method ?? "", path);
  }

  #toFailure(error: unknown): TrackingFailure {
    if (error instanceof TrackingFailure) return error;
    if (error instanceof Refusal) {
      const code = error.status === 413 ? "REQUEST_TOO_LARGE" : "BAD_REQUEST";
      return new TrackingFailure(code, error.message, error.headers);
    }
    this.#options.tools.report(
      `a request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    // Every write changes nothing when it comes a second time, so a client may go on asking.
    return new TrackingFailure("INTERNAL_ERROR", "the server failed to answer; its log says why");
  }
}

const jsonHeaders = { "content-type": "application/json" };

/** Whether something may be due to be sealed after a request. */
function mayChange({ method, seals = method !== "GET" }: Route): boolean {
  return seals;
}

function findOpen(find: FindRoute, method: string, path: string): ReturnType<FindRoute> | undefined {
  try {
    const found = find(method, path);
    return found.route.open === true ? found : undefined;
  } catch {
    return undefined;
  }
}

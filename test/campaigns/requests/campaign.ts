/**
 * A campaign of requests: a model server in a process of its own is sent drawn requests over REST, gRPC and the typed route, while
 * another caller asks it sound ones at a steady pace.
 * @module
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { readRaw } from "../../../framework/serving/raw-tensor.ts";
import { findLeaks } from "../../serving/bad/find-leaks.ts";
import { RawConnection, type RawReply } from "../../serving/bad/raw-connection.ts";
import { openClient } from "../../serving/grpc/client.ts";
import { type ServerPlace, type ServerProgram, startServerProgram } from "../../support/server-program.ts";
import { createDraw, type Draw } from "../promise/draw.ts";
import { type DrawnRequest, drawRequest } from "./draw-request.ts";
import { type HeldMemory, readHeldMemory } from "./held-memory.ts";
import type { SteadyOptions, SteadyPhase } from "./steady-caller.ts";

export interface CampaignOptions {
  readonly seed: number;
  /** How many requests are drawn, nine of ten of which are made wrong. */
  readonly requests: number;
  /** In how many parts they are sent, between which as many sound ones are sent as a measure. */
  readonly parts: number;
}

/** What came of a campaign. */
export interface RequestsResult extends CampaignOptions {
  readonly breaches: readonly string[];
  /** By kind and status, how many. */
  readonly statuses: Readonly<Record<string, number>>;
  /** How many of those that were answered were made wrong, and meant something all the same. */
  readonly judged: number;
  readonly steady: {
    /** In milliseconds: the median of the parts', while sound requests are sent, and while drawn ones are. */
    readonly calm: number;
    readonly stormy: number;
    readonly asked: number;
    readonly wrong: number;
  };
  /** Of the process: after the first part, and at the end. */
  readonly memory: { readonly base: HeldMemory; readonly end: HeldMemory };
  readonly seconds: number;
}

/** How many callers send at once, over HTTP/1.1 and over gRPC. */
const callers = 12;
const mostBreaches = 50;

/** Sends what a seed draws. */
export async function runRequests(server: ServerProgram, options: CampaignOptions): Promise<RequestsResult> {
  const begun = performance.now();
  const { seed, requests, parts } = options;
  const draw = createDraw(seed);
  const storm = new Storm(server, draw);
  const steady = new Worker(new URL("steady-caller.ts", import.meta.url), {
    workerData: { port: server.port, pause: 5 } satisfies SteadyOptions,
  });
  const take = async (): Promise<SteadyPhase> => {
    steady.postMessage("next");
    const [phase] = (await once(steady, "message")) as [SteadyPhase];
    return phase;
  };
  const each = Math.ceil(requests / parts);
  // A first part, of which nothing is measured: what memory it takes to be at work at all is the base.
  await storm.send(Math.min(each, 5000), 90);
  await sleep(1000);
  const base = await readMemory(server);
  const phases: { calm: SteadyPhase; stormy: SteadyPhase }[] = [];
  for (let part = 0; part < parts; part++) {
    await take();
    await storm.send(Math.min(each, 2500), 0);
    const calm = await take();
    await storm.send(each, 90);
    phases.push({ calm, stormy: await take() });
  }
  await steady.terminate();
  storm.end();
  const memory = { base, end: await readMemory(server) };
  const wrong = phases.reduce((sum, { calm, stormy }) => sum + calm.wrong + stormy.wrong, 0);
  return {
    ...options,
    breaches: [
      ...storm.breaches,
      ...findFaults(server),
      ...(wrong > 0 ? [`${wrong} sound requests were answered wrong`] : []),
    ],
    statuses: Object.fromEntries([...storm.statuses].sort()),
    judged: storm.judged,
    steady: {
      calm: median(phases.map(({ calm }) => p99(calm))),
      stormy: median(phases.map(({ stormy }) => p99(stormy))),
      asked: phases.reduce((sum, { calm, stormy }) => sum + calm.latencies.length + stormy.latencies.length, 0),
      wrong,
    },
    memory,
    seconds: (performance.now() - begun) / 1000,
  };
}

function readMemory({ child, output }: ServerProgram): Promise<HeldMemory> {
  const inspector = /ws:\/\/\S+/.exec(output())?.[0] ?? "";
  return readHeldMemory(child.pid ?? 0, inspector);
}

function findFaults({ child, output }: ServerProgram): readonly string[] {
  const failures = output().match(/a request failed: .*/g) ?? [];
  const isGone = child.exitCode !== null || child.signalCode !== null;
  return [...failures.slice(0, 10), ...(isGone ? ["the process has ended"] : [])];
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function p99({ latencies }: SteadyPhase): number {
  return latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? 0;
}

class Storm {
  readonly breaches: string[] = [];
  readonly statuses = new Map<string, number>();
  judged = 0;
  readonly #server: ServerProgram;
  readonly #draw: Draw;
  readonly #connections = new Map<number, RawConnection>();
  readonly #client: ReturnType<typeof openClient>;

  constructor(server: ServerProgram, draw: Draw) {
    this.#server = server;
    this.#draw = draw;
    this.#client = openClient(server.port);
  }

  /** Sends so many. @param wrong how many of a hundred are made wrong */
  async send(count: number, wrong: number): Promise<void> {
    let left = count;
    const sendOn = async (caller: number): Promise<void> => {
      while (left-- > 0) {
        const drawn = drawRequest(this.#draw, wrong);
        try {
          await (drawn.kind === "grpc" ? this.#call(drawn) : this.#ask(drawn, caller));
        } catch (error) {
          this.#breach(drawn, error instanceof Error ? error.message : String(error));
        }
      }
    };
    await Promise.all(Array.from({ length: callers }, (_, caller) => sendOn(caller)));
  }

  end(): void {
    for (const connection of this.#connections.values()) connection[Symbol.dispose]();
    this.#client[Symbol.dispose]();
  }

  async #ask(drawn: DrawnRequest, caller: number): Promise<void> {
    if (drawn.isLast) {
      using own = await RawConnection.open(this.#server.port);
      own.send(drawn.bytes);
      own.end();
      const reply = await own.read();
      if (reply || !own.isClosed) this.#judge(drawn, reply);
      else this.#count(`${drawn.kind} closed`);
      return;
    }
    let connection = this.#connections.get(caller);
    if (!connection || connection.isClosed) {
      connection = await RawConnection.open(this.#server.port);
      this.#connections.set(caller, connection);
    }
    this.#judge(drawn, await connection.ask(drawn.bytes));
  }

  #judge(drawn: DrawnRequest, reply: RawReply | undefined): void {
    const { kind, verdict } = drawn;
    this.#count(`${kind} ${reply?.status ?? "none"}`);
    if (!reply) {
      this.#breach(drawn, "is not answered");
      return;
    }
    const { status } = reply;
    if (status === 503 || status === 504) return;
    if (status >= 500) {
      this.#breach(drawn, `is answered ${status} ${reply.body}`);
      return;
    }
    const body = JSON.parse(reply.body) as {
      readonly error?: unknown;
      readonly outputs?: readonly { readonly data: readonly number[] }[];
    };
    if (status !== 200) {
      if (typeof body.error !== "string") this.#breach(drawn, `is refused without a reason: ${reply.body}`);
      if (findLeaks(String(body.error)).length > 0) this.#breach(drawn, `is told ${reply.body}`);
      if (verdict !== undefined) this.#breach(drawn, `is refused: ${reply.body.slice(0, 300)}`);
      return;
    }
    const typed = body as { readonly value?: number; readonly rows?: readonly { readonly value: number }[] };
    const values =
      kind === "typed"
        ? (typed.rows?.map(({ value }) => value) ?? [typed.value ?? Number.NaN])
        : (body.outputs?.[0]?.data ?? []);
    this.#compare(drawn, values);
  }

  async #call(drawn: DrawnRequest): Promise<void> {
    const { code, details = "", response } = await this.#client.send("ModelInfer", drawn.bytes);
    this.#count(`grpc ${code}`);
    if (code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED") return;
    if (code === "OK") {
      const { outputs, raw_output_contents: raw } = response as {
        readonly outputs: readonly { readonly shape: readonly string[] }[];
        readonly raw_output_contents: readonly Uint8Array[];
      };
      const reading = readRaw(raw[0] ?? new Uint8Array(), "FP64", Number(outputs[0]?.shape[0]));
      this.#compare(drawn, "values" in reading ? reading.values.map(Number) : []);
    } else if (!["INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED"].includes(code)) {
      this.#breach(drawn, `ends as ${code} ${details}`);
    } else if (findLeaks(details).length > 0) this.#breach(drawn, `is told ${details}`);
    else if (drawn.verdict !== undefined && drawn.verdict !== "unknown")
      this.#breach(drawn, `is refused: ${details.slice(0, 300)}`);
  }

  #compare(drawn: DrawnRequest, values: readonly number[]): void {
    const { verdict } = drawn;
    if (verdict === "unknown") return;
    this.judged++;
    if (verdict === undefined) {
      this.#breach(drawn, `is answered ${values.slice(0, 5).join(", ")}`);
      return;
    }
    const isRight =
      values.length === verdict.length && values.every((value, i) => isClose(value, verdict[i] ?? Number.NaN));
    if (!isRight)
      this.#breach(drawn, `is answered ${values.slice(0, 5).join(", ")}, and not ${verdict.slice(0, 5).join(", ")}`);
  }

  #count(what: string): void {
    this.statuses.set(what, (this.statuses.get(what) ?? 0) + 1);
  }

  #breach({ kind, bytes }: DrawnRequest, what: string): void {
    if (this.breaches.length < mostBreaches)
      this.breaches.push(`${kind} ${JSON.stringify(bytes.toString("latin1").slice(0, 1200))} ${what}`);
  }
}

/** Models compute in single precision. */
function isClose(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= 1e-5 * Math.max(1, Math.abs(expected));
}

/** Starts the program of a model server, and waits until it is ready. */
export async function startProgram(place: ServerPlace): Promise<ServerProgram> {
  const change = { STEWARD_LOG: '{"requests":"none","durability":"memory"}' };
  const server = startServerProgram(place, { change, flags: ["--inspect=127.0.0.1:0"] });
  const { child, port, output } = server;
  const end = performance.now() + 60_000;
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/v2/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (performance.now() > end || child.exitCode !== null) throw new Error(`the server is not ready: ${output()}`);
    await sleep(100);
  }
  return server;
}

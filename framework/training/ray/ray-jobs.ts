/**
 * A client of Ray's Jobs API: submits jobs, tells how they are, stops them, reads what they print.
 * @module
 */
import { once } from "node:events";
import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { z } from "zod";
import { hideCredentials } from "../../toolchain/command.ts";

/** Where a Ray cluster answers. */
export interface RayPlace {
  /** The address of its dashboard: `http://ray.example:8265`. */
  readonly address: string;
  /** The header `authorization` that it or the proxy before it asks for; secret. @default none */
  readonly authorization?: string | undefined;
}

/** What is submitted. */
export interface RaySubmission {
  readonly id: string;
  /** A line for the shell of the node. The cluster shows it to everybody. */
  readonly entrypoint: string;
  readonly cores: number;
  readonly gpus: number;
  readonly memoryBytes: number;
  /** Other resources that a node must have, by name. @default {} */
  readonly custom?: Readonly<Record<string, number>>;
  /** Variables of Ray's process that runs the job. The cluster shows them to everybody. @default {} */
  readonly variables?: Readonly<Record<string, string>>;
}

const jobSchema = z.object({
  status: z.enum(["PENDING", "RUNNING", "STOPPED", "SUCCEEDED", "FAILED"]),
  /** For people. */
  message: z.string().nullish(),
  /** Why it failed: `JOB_ENTRYPOINT_COMMAND_ERROR`, `JOB_SUPERVISOR_ACTOR_DIED` … */
  error_type: z.string().nullish(),
  /** When it was submitted, and when it ended, in milliseconds since 1970. */
  start_time: z.number().nullish(),
  end_time: z.number().nullish(),
  /** What its entrypoint ended with; below zero the number of a signal. */
  driver_exit_code: z.int().nullish(),
});

/** A job as Ray has it. */
export type RayJob = z.output<typeof jobSchema>;

export interface RayJobs {
  /** @returns nothing where Ray knows no such job. @throws RayUnanswered, RayRefused */
  find(id: string): Promise<RayJob | undefined>;
  /** Submits a job; one whose id is taken already is left as it is. @throws RayUnanswered, RayRefused */
  submit(submission: RaySubmission): Promise<void>;
  /** Asks a job to stop, and does not wait for it. @throws RayUnanswered, RayRefused */
  stop(id: string): Promise<void>;
  /** All that a job has printed. @param signal ends the asking @throws RayUnanswered, RayRefused; the reason of `signal` */
  logs(id: string, signal?: AbortSignal): Promise<string>;
}

/** Ray did not answer, or with what is no answer of its Jobs API: the next try may go well. */
export class RayUnanswered extends Error {}

/** Ray refused what it was asked: the next try would be refused as well. */
export class RayRefused extends Error {}

/** How long an answer may take, in milliseconds: the first submission to a cluster starts a process there. */
const patience = 60_000;
/** How much of what Ray says is told, in characters. */
const mostSaid = 300;

export function createRayJobs({ address, authorization }: RayPlace): RayJobs {
  const root = address.replace(/\/+$/, "");
  const headers = authorization === undefined ? {} : { authorization };
  const ask = async (method: "GET" | "POST", path: string, given: Given = {}): Promise<Answer> => {
    const limit = AbortSignal.timeout(patience);
    const signal = given.signal ? AbortSignal.any([given.signal, limit]) : limit;
    try {
      return await exchange(new URL(`${root}/api/jobs/${path}`), { method, headers, signal }, given.body);
    } catch (error) {
      given.signal?.throwIfAborted();
      throw new RayUnanswered(limit.aborted ? `no answer within ${patience / 1000} s` : sayError(error), {
        cause: error,
      });
    }
  };
  return {
    async find(id) {
      const answer = await ask("GET", id);
      return answer.status === 404 ? undefined : parse(answer, jobSchema);
    },
    async submit(submission) {
      const answer = await ask("POST", "", { body: describe(submission) });
      // An answer that was lost on its way has left a job.
      if (answer.status !== 200 && answer.text.includes(`${submission.id} already exists`)) return;
      parse(answer, z.object({ submission_id: z.string() }));
    },
    async stop(id) {
      const answer = await ask("POST", `${id}/stop`, { body: {} });
      if (answer.status !== 404) parse(answer, z.object({ stopped: z.boolean() }));
    },
    logs: async (id, signal) => parse(await ask("GET", `${id}/logs`, { signal }), z.object({ logs: z.string() })).logs,
  };
}

interface Given {
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function describe({ id, entrypoint, cores, gpus, memoryBytes, custom = {}, variables = {} }: RaySubmission): object {
  return {
    submission_id: id,
    entrypoint,
    entrypoint_num_cpus: cores,
    entrypoint_num_gpus: gpus,
    entrypoint_memory: memoryBytes,
    ...(Object.keys(custom).length > 0 && { entrypoint_resources: custom }),
    ...(Object.keys(variables).length > 0 && { runtime_env: { env_vars: variables } }),
  };
}

/** The head of a cluster says of what one of its own agents refused that it failed itself. */
const refusedWithin = /status code 4\d\d\b/;

function parse<T>({ status, text }: Answer, schema: z.ZodType<T>): T {
  if (status !== 200) {
    const said = `HTTP ${status}: ${sayLast(text)}`;
    const isRefused = (status >= 400 && status < 500 && ![408, 429].includes(status)) || refusedWithin.test(text);
    throw isRefused ? new RayRefused(said) : new RayUnanswered(said);
  }
  const parsed = schema.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  throw new RayUnanswered(`no answer of the Jobs API: ${sayLast(text)}`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The last line that says something: of a traceback that is the error. */
function sayLast(text: string): string {
  const line = text.split("\n").findLast((each) => /\w/.test(each)) ?? "";
  return hideCredentials(line.trim()).slice(0, mostSaid);
}

function sayError(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}

/** Without `fetch`, which says that it is a browser's: Ray takes nothing from browsers. */
async function exchange(url: URL, options: RequestOptions, body?: object): Promise<Answer> {
  const text = body && JSON.stringify(body);
  const described =
    text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  const open = url.protocol === "https:" ? requestHttps : requestHttp;
  const request = open(url, { ...options, headers: { ...options.headers, ...described } });
  const answered = once(request, "response") as Promise<[IncomingMessage]>;
  request.end(text);
  const [response] = await answered;
  response.setEncoding("utf8");
  let said = "";
  for await (const part of response) said += part;
  return { status: response.statusCode ?? 0, text: said };
}

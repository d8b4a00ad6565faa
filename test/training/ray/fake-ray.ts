/**
 * A server that speaks as much of Ray's Jobs API as the runner asks for, and runs nothing: a test says how jobs are.
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { RayJob } from "../../../framework/training/ray/ray-jobs.ts";

/** A job as the server has it. */
export interface FakeJob {
  /** What was submitted, as it came. */
  readonly submitted: Readonly<Record<string, unknown>>;
  state: RayJob;
  logs: string;
}

export interface FakeRay {
  readonly address: string;
  /** The jobs by their ids, in the order of their submission. */
  readonly jobs: Map<string, FakeJob>;
  /** What was asked: `GET /api/jobs/x`. */
  readonly asked: string[];
  /** What the next questions are answered with in the place of the truth; `hang up` after the question has been carried out. */
  readonly answers: (Answer | "hang up" | undefined)[];
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Starts the server for the time of a test. @param state what a job is when it has been submitted @default running */
export async function startFakeRay(state: RayJob = { status: "RUNNING" }): Promise<FakeRay> {
  const jobs: FakeRay["jobs"] = new Map();
  const asked: string[] = [];
  const answers: FakeRay["answers"] = [];
  const submit = (body: Readonly<Record<string, unknown>>): Answer => {
    const id = String(body["submission_id"]);
    const text = `Traceback\\nValueError: Job with submission_id ${id} already exists. Please use a different submission_id.\\n.\\n`;
    if (jobs.has(id)) return { status: 500, text: `RuntimeError: Request failed with status code 400: ${text}` };
    jobs.set(id, { submitted: body, state, logs: "" });
    return answerWith({ job_id: id, submission_id: id });
  };
  const carryOut = async (request: IncomingMessage): Promise<Answer> => {
    const [id = "", verb] = (request.url ?? "").replace(/^\/api\/jobs\//, "").split("/");
    const isBrowsers = Object.keys(request.headers).some((name) => name.startsWith("sec-fetch-"));
    if (request.method === "POST" && isBrowsers) return { status: 405, text: "not allowed for browser traffic" };
    if (id === "") return submit(await readBody(request));
    const job = jobs.get(id);
    if (!job) return { status: 404, text: `Job ${id} does not exist` };
    if (verb === "logs") return answerWith({ logs: job.logs });
    if (verb === "stop") {
      if (job.state.status === "RUNNING") job.state = { status: "STOPPED" };
      return answerWith({ stopped: true });
    }
    return answerWith({ type: "SUBMISSION", message: null, ...job.state });
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    asked.push(`${request.method} ${request.url}`);
    const instead = answers.shift();
    const { status, text } = typeof instead === "object" ? instead : await carryOut(request);
    if (instead === "hang up") response.destroy();
    else response.writeHead(status).end(text);
  };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, jobs, asked, answers };
}

function answerWith(value: object): Answer {
  return { status: 200, text: JSON.stringify(value) };
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let text = "";
  for await (const part of request) text += String(part);
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

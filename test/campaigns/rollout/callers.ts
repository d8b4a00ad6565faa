/**
 * Callers that ask one question after the other on a connection each: most as a service with a fast client would, some with bodies that
 * are packed, some over gRPC.
 * @module
 */
import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { readRaw } from "../../../framework/serving/raw-tensor.ts";
import { Dice } from "../../data/dice.ts";
import { openClient } from "../../serving/grpc/client.ts";
import { ask, model } from "../../serving/storm-model.ts";
import type { Answered } from "./verdict.ts";

/** What is asked. */
export interface Question {
  readonly id: string;
  /** @default assignment goes by the id */
  readonly unit: string | undefined;
  readonly wind: number;
  readonly rain: boolean;
  readonly region: string;
}

/** What came of a question. */
export interface Outcome extends Answered {
  readonly question: Question;
  /** What the model says. */
  readonly probability?: number | undefined;
}

/** What came in the place of an answer is told as its status. */
type Ask = (question: Question) => Promise<Pick<Outcome, "status" | "digest" | "probability">>;

export type CallerKind = "plain" | "packed" | "grpc";

/** One caller. */
export interface CallerOptions {
  readonly kind: CallerKind;
  readonly port: number;
  readonly seed: number;
  /** Whether it is to go on. */
  readonly goesOn: () => boolean;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Asks until it is told to stop. */
export async function call({ kind, port, seed, goesOn, onOutcome }: CallerOptions): Promise<void> {
  const dice = new Dice(seed);
  const caller = await openers[kind](port);
  for (let asked = 0; goesOn(); asked++) {
    const question: Question = {
      id: `${seed}-${asked}`,
      unit: dice.chance(0.5) ? `customer-${dice.whole(1, 5000)}` : undefined,
      wind: dice.whole(-4000, 4000) / 1000,
      rain: dice.chance(0.5),
      region: dice.pick(["north", "south", "west"]),
    };
    const sent = performance.now();
    const found = await caller.ask(question).catch((error: Error) => ({ status: error.message }));
    onOutcome({ ...found, question, unit: question.unit ?? question.id, sent, received: performance.now() });
  }
  caller.close();
}

interface Caller {
  readonly ask: Ask;
  readonly close: () => void;
}

const openers: Readonly<Record<CallerKind, (port: number) => Promise<Caller>>> = {
  plain: (port) => openHttp(port, false),
  packed: (port) => openHttp(port, true),
  grpc: async (port) => {
    const client = openClient(port);
    return { ask: (question) => askGrpc(client, question), close: () => client[Symbol.dispose]() };
  },
};

/** A connection that is never opened again: one that is cut drops all that is asked from then on. */
async function openHttp(port: number, isPacked: boolean): Promise<Caller> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let text = "";
  let settle: { readonly resolve: (text: string) => void; readonly reject: (error: Error) => void } | undefined;
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\r\n\r\n");
    const length = Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1]);
    if (end < 0 || text.length < end + 4 + length) return;
    const whole = text;
    text = "";
    settle?.resolve(whole);
  });
  const fail = () => settle?.reject(new Error("the connection was cut"));
  socket.on("error", fail);
  socket.on("close", fail);
  return {
    ask: async (question) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      settle = { resolve, reject };
      if (socket.destroyed) throw new Error("the connection was cut");
      socket.write(composeHttp(question, isPacked));
      return readHttp(await promise);
    },
    close: () => {
      settle = undefined;
      socket.destroy();
    },
  };
}

function composeHttp({ id, unit, ...row }: Question, isPacked: boolean): Buffer {
  const json = Buffer.from(JSON.stringify(ask(row, { id })));
  const body = isPacked ? gzipSync(json) : json;
  const headers = [
    `POST /v2/models/${model}/infer HTTP/1.1`,
    "host: rollout",
    ...(unit === undefined ? [] : [`steward-unit: ${unit}`]),
    ...(isPacked ? ["content-encoding: gzip"] : []),
    `content-length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${headers.join("\r\n")}\r\n\r\n`), body]);
}

interface HttpAnswer {
  readonly error?: string;
  readonly parameters?: { readonly model_digest: string };
  readonly outputs?: readonly { readonly data: readonly number[] }[];
}

function readHttp(text: string): Awaited<ReturnType<Ask>> {
  const status = Number(text.slice(9, 12));
  const answer = JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4)) as HttpAnswer;
  if (status !== 200) return { status: `${status} ${answer.error}` };
  return { status, digest: answer.parameters?.model_digest, probability: answer.outputs?.[0]?.data[0] };
}

async function askGrpc(client: ReturnType<typeof openClient>, question: Question): ReturnType<Ask> {
  const { id, unit, wind, rain, region } = question;
  // Without a unit of its own a call goes by its id; with one its id is the unit, for this client sends no metadata.
  const { code, details, response } = await client.call("ModelInfer", {
    model_name: model,
    id: unit ?? id,
    inputs: [
      { name: "wind", datatype: "FP64", shape: [1], contents: { fp64_contents: [wind] } },
      { name: "rain", datatype: "BOOL", shape: [1], contents: { bool_contents: [rain] } },
      { name: "region", datatype: "BYTES", shape: [1], contents: { bytes_contents: [Buffer.from(region)] } },
    ],
  });
  if (code !== "OK") return { status: `${code} ${details}` };
  const { parameters, raw_output_contents: raw } = response as {
    parameters: { model_digest: { string_param: string } };
    raw_output_contents: Uint8Array[];
  };
  const reading = readRaw(raw[0] ?? new Uint8Array(), "FP64", 1);
  if ("problem" in reading) return { status: reading.problem };
  return { status: 200, digest: parameters.model_digest.string_param, probability: Number(reading.values[0]) };
}

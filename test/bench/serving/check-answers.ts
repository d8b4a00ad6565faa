/**
 * Whether a server answers every row as ONNX Runtime does, asked on as many connections as it is timed on.
 * @module
 */
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { type AskedRow, path } from "./bench-model.ts";

/** How far an answer may be from the runtime's, in units of the larger of 1 and the answer: peers run LightGBM's 64 bits. */
const tolerance = 1e-5;

const answerSchema = z.object({ outputs: z.tuple([z.object({ data: z.tuple([z.number()]) })]) });

/** @throws Error for the first answer that is another one */
export async function checkAnswers(name: string, port: number, asked: readonly AskedRow[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  try {
    await Promise.all(
      asked.map(async ({ body, answer }, row) => {
        const said = await post(port, body, agent);
        const { success, data } = answerSchema.safeParse(said);
        const found = success ? data.outputs[0].data[0] : Number.NaN;
        if (!(Math.abs(found - answer) <= tolerance * Math.max(1, Math.abs(answer))))
          throw new Error(`${name} answered ${JSON.stringify(said)} to row ${row}, not ${answer}`);
      }),
    );
  } finally {
    agent.destroy();
  }
}

async function post(port: number, body: string, agent: Agent): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const options = { host: "127.0.0.1", port, path, method: "POST", headers, agent };
    const sent = request(options, (response) => void text(response).then((said) => resolve(JSON.parse(said)), reject));
    sent.once("error", reject).end(body);
  });
}

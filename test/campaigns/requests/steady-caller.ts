/**
 * A thread that asks sound requests at a steady pace, whatever others send meanwhile: how long each answer took, and whether it was right.
 * It is told a phase's name when one begins, and answers with what it saw of the phase before.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { RawConnection } from "../../serving/bad/raw-connection.ts";

/** What the thread is given. */
export interface SteadyOptions {
  readonly port: number;
  /** Between two requests of a connection, in milliseconds. */
  readonly pause: number;
}

/** What was seen in a phase. */
export interface SteadyPhase {
  /** In milliseconds, in the order in which they came. */
  readonly latencies: readonly number[];
  /** Answers that were wrong, or were none. */
  readonly wrong: number;
}

const { port, pause } = workerData as SteadyOptions;
let seen: { latencies: number[]; wrong: number } = { latencies: [], wrong: 0 };

function compose(nights: number): string {
  const inputs = [
    { name: "nights", datatype: "FP64", shape: [1], data: [nights] },
    { name: "breakfast", datatype: "BOOL", shape: [1], data: [true] },
    { name: "room", datatype: "BYTES", shape: [1], data: ["street"] },
  ];
  const body = JSON.stringify({ inputs });
  return `POST /v2/models/storm/infer HTTP/1.1\r\nhost: a\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

async function askOn(connection: RawConnection, from: number): Promise<void> {
  for (let nights = from; ; nights = (nights + 7) % 1000) {
    const begun = performance.now();
    const reply = await connection.ask(compose(nights));
    seen.latencies.push(performance.now() - begun);
    const data = reply?.status === 200 ? /"data":\[([^\]]*)\]/.exec(reply.body)?.[1] : undefined;
    if (Number(data) !== 2 * nights + 1.5) seen.wrong++;
    await sleep(pause);
  }
}

parentPort?.on("message", () => {
  parentPort?.postMessage(seen satisfies SteadyPhase);
  seen = { latencies: [], wrong: 0 };
});

for (let caller = 0; caller < 2; caller++) void askOn(await RawConnection.open(port), caller * 3);

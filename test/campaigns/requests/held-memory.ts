/**
 * The memory that a process holds once it has thrown away what it does not need: an engine that has nothing to do sees no reason to.
 * @module
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/** In MiB. */
export interface HeldMemory {
  /** What the engine's heap has in use, and what is outside it for its objects. */
  readonly used: number;
  /** What the process holds of the machine. */
  readonly resident: number;
  /** The most that it has held. */
  readonly peak: number;
}

/** Asks a process that was started with `--inspect=127.0.0.1:0`. @param inspector where it said that it listens */
export async function readHeldMemory(pid: number, inspector: string): Promise<HeldMemory> {
  const socket = new WebSocket(inspector);
  await once(socket as unknown as EventTarget, "open");
  let id = 0;
  const ask = async (method: string, params: object = {}): Promise<unknown> => {
    socket.send(JSON.stringify({ id: ++id, method, params }));
    for (;;) {
      const [event] = (await once(socket as unknown as EventTarget, "message")) as [{ readonly data: string }];
      const told = JSON.parse(event.data) as { readonly id?: number; readonly result?: unknown };
      if (told.id === id) return told.result;
    }
  };
  // What the first finds to be unused, such as a stream's buffers, the next frees.
  for (let times = 0; times < 3; times++) {
    await ask("HeapProfiler.collectGarbage");
    await sleep(200);
  }
  const expression = "(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())";
  const { result } = (await ask("Runtime.evaluate", { expression })) as { readonly result: { readonly value: number } };
  socket.close();
  const text = await readFile(`/proc/${pid}/status`, "utf8");
  const read = (what: string) => Math.round(Number(new RegExp(`${what}:\\s+(\\d+)`).exec(text)?.[1] ?? 0) / 1024);
  return { used: Math.round(result.value / 2 ** 20), resident: read("VmRSS"), peak: read("VmHWM") };
}

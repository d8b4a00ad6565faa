/**
 * How long answers take at 1,000 requests a second, from the moment that each was due: Steward's server beside one of `node:http`
 * that answers the same bytes to everybody.
 * @module
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { median } from "../plan/measure.ts";
import { type AskedRow, path } from "./bench-model.ts";
import { type ContenderName, controls } from "./contenders.ts";
import { cores } from "./pinned-server.ts";
import { type ServingBench, takeTurn } from "./turns.ts";

const run = promisify(execFile);

const rate = 1_000;
const connections = 8;

/** Microseconds. */
const timesSchema = z.object({ requests: z.number(), p50: z.number(), p99: z.number(), p999: z.number() });
type Times = z.infer<typeof timesSchema>;

/** Asks both in turns, and prints what each took. @returns the median p99 of each, in microseconds */
export async function benchOpenLoop(
  bench: ServingBench,
): Promise<{ readonly steward: number; readonly control: number }> {
  const { model, folder, repeats, seconds, signal, print } = bench;
  const generator = join(folder, "generator");
  await run("g++", ["-O2", "-std=c++17", "-o", generator, join(import.meta.dirname, "generator.cpp")], { signal });
  const times = { "static-http": [] as Times[], steward: [] as Times[] };
  for (let turn = 0; turn < repeats; turn++) {
    for (const name of ["static-http", "steward"] as const) {
      const found = await takeTurn(name, bench, async (port) => {
        const requests = join(folder, `${name}.requests`);
        await writeFile(requests, describeRequests(name, port, model.asked));
        const args = [port, requests, rate, seconds, connections, turn].map(String);
        const { stdout } = await run("taskset", ["-c", cores.client, generator, ...args], { signal });
        return timesSchema.parse(JSON.parse(stdout));
      });
      times[name].push(found);
      print(
        `turn ${turn + 1} ${name.padEnd(12)} p50 ${found.p50}   p99 ${found.p99}   p99.9 ${found.p999} µs of ${found.requests}`,
      );
    }
  }
  const [control, steward] = [times["static-http"], times.steward].map((all) => median(all.map(({ p99 }) => p99)));
  return { steward: steward ?? Number.NaN, control: control ?? Number.NaN };
}

/** As the generator reads them: length, bytes, and the number that must come back. */
function describeRequests(name: ContenderName, port: number, asked: readonly AskedRow[]): Buffer {
  return Buffer.concat(
    asked.flatMap(({ body, answer }) => {
      const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n`;
      const bytes = Buffer.from(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      const [length, expected] = [Buffer.alloc(4), Buffer.alloc(8)];
      length.writeUInt32LE(bytes.length);
      expected.writeDoubleLE(controls.has(name) ? Number.NaN : answer);
      return [length, bytes, expected];
    }),
  );
}

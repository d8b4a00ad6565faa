/**
 * How many requests a second each server answers, asked on 64 connections without a pause: in turns, so that what else the machine
 * does falls on all of them alike.
 * @module
 */
import { join } from "node:path";
import { median } from "../plan/measure.ts";
import type { ContenderName } from "./contenders.ts";
import { type ServingBench, takeTurn } from "./turns.ts";
import { measureRate, writeWrkScript } from "./wrk.ts";

/** Times the contenders, and prints what each answered. @returns the median of each, in requests per second */
export async function benchRates(
  names: readonly ContenderName[],
  bench: ServingBench,
): Promise<ReadonlyMap<ContenderName, number>> {
  const { model, folder, repeats, seconds, signal, print } = bench;
  const script = join(folder, "rows.lua");
  await writeWrkScript(script, model.asked);
  const rates = new Map(names.map((name) => [name, [] as number[]]));
  for (let turn = 0; turn < repeats; turn++) {
    for (const [name, all] of rates) {
      const rate = await takeTurn(name, bench, async (port) => {
        await measureRate({ port, script, seconds: Math.ceil(seconds / 3), signal });
        return measureRate({ port, script, seconds, signal });
      });
      all.push(rate);
      print(`turn ${turn + 1} ${name.padEnd(18)} ${Math.round(rate)} requests/s`);
    }
  }
  const medians = new Map([...rates].map(([name, all]) => [name, median(all)]));
  for (const [name, rate] of medians) print(`median ${name.padEnd(18)} ${Math.round(rate)} requests/s`);
  return medians;
}

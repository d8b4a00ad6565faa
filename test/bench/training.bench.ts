/**
 * The training bench: what a trial of a study costs beside its training, held against Optuna with its storage on PostgreSQL.
 * `npm run bench -- training`. The workflow's own share is not in it yet.
 * @module
 */
import { Interruption, watchInterruption } from "../../framework/toolchain/interruption.ts";
import { benchOverhead, fullOverhead } from "./training/overhead.ts";

const goal = 0.5;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

using interruption = watchInterruption();
const { signal } = interruption;
try {
  const { tpe, random } = await benchOverhead({ ...fullOverhead, signal, print });
  for (const [name, share] of Object.entries({ "trial-overhead-tpe": tpe, "trial-overhead-random": random })) {
    print(`${name} ${share.toPrecision(3)} times <=${goal} ${share <= goal ? "yes" : "no"}`);
  }
} catch (error) {
  if (!signal.aborted) throw error;
  process.exitCode = signal.reason instanceof Interruption ? signal.reason.exitCode : 1;
}

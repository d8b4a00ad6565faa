/**
 * One turn of a contender: it is started on the core that is measured, its answers are checked, it is timed, checked once more,
 * and ended with all that it started, so that nothing of it disturbs the next.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { findFreePort } from "../../support/minio.ts";
import { type BenchModel, path } from "./bench-model.ts";
import { checkAnswers } from "./check-answers.ts";
import { type ContenderName, controls, prepareContender } from "./contenders.ts";
import { startPinned } from "./pinned-server.ts";

export interface ServingBench {
  readonly model: BenchModel;
  /** A folder for whatever is written. */
  readonly folder: string;
  /** Turns that count. */
  readonly repeats: number;
  /** How long a turn is timed; a third of it before does not count. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Gives a contender its turn. @returns what was measured */
export async function takeTurn<T>(
  name: ContenderName,
  { model, folder, signal }: Pick<ServingBench, "model" | "folder" | "signal">,
  measure: (port: number) => Promise<T>,
): Promise<T> {
  const own = await mkdtemp(join(folder, `${name}-`));
  const port = await findFreePort();
  const program = await prepareContender(name, { model, folder: own, port, signal });
  const body = model.asked[0]?.body ?? "";
  const server = await startPinned(program, { name, port, path, body, signal });
  const check = async () => {
    if (!controls.has(name)) await checkAnswers(name, port, model.asked);
  };
  try {
    await check();
    const measured = await measure(port);
    await check();
    return measured;
  } finally {
    await server.stop();
    await rm(own, { recursive: true, force: true });
  }
}

/**
 * A service in several processes for the tests: `/` says which process answers, `/hang` never lets go of its loop, `/crash` ends its
 * process, `/stuck` pretends that work is under way, `/slow` takes its time, `/all` asks all processes who they are, and after `/mute` one does not say.
 * @module
 */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { startAnswering } from "../../../framework/http/answering-server.ts";
import { portVariable, runService } from "../../../framework/http/service-program.ts";

const merge = { who: (before: unknown, next: unknown) => [before, next].flat() };
let stuckSince = 0;
let isMute = false;

await runService({
  what: "a test's service",
  settings: z.object({
    STEWARD_PORT: portVariable,
    COUNT: z.coerce.number(),
    FAILS: z.string().optional(),
    FAILS_ONCE: z.string().optional(),
    SLOW: z.string().optional(),
  }),
  processes: ({ COUNT: count, STEWARD_PORT: port }) => ({
    count,
    port,
    limits: { silent: 1_000, stuck: 2_000 },
    merge,
  }),
  start: async ({ STEWARD_PORT: port, FAILS: fails, FAILS_ONCE: once, SLOW: slow }, report, member) => {
    if (once !== undefined && isTaken(once)) throw new Error("this one does not start the first time");
    if (slow !== undefined) {
      report(`begins as ${process.pid}`);
      await sleep(1_000);
    }
    if (fails !== undefined && fails === String(member?.index)) throw new Error("this one does not start");
    member?.on("who", () => (isMute ? new Promise(() => undefined) : member.index));
    member?.measure(() => (stuckSince > 0 ? performance.now() - stuckSince : 0));
    return startAnswering({
      port,
      sharesPort: true,
      answer: async ({ url }) => {
        if (url === "/crash") process.exit(3);
        if (url === "/mute") isMute = true;
        if (url === "/stuck") stuckSince = performance.now();
        while (url === "/hang");
        if (url === "/slow") await sleep(1_000);
        const body = url === "/all" ? await member?.gather("who") : { index: member?.index, pid: process.pid };
        return { status: 200, body };
      },
    });
  },
});

/** Whether a file was there. It is not any more. */
function isTaken(file: string): boolean {
  try {
    rmSync(file);
    return true;
  } catch {
    return false;
  }
}

/**
 * A service in several processes for the tests, which says when what takes long has begun: `/` says which process answers, `/hang`
 * never lets go of its loop, `/crash` ends its process, `/stuck` pretends that work is under way for longer than any may be, `/slow`
 * takes its time, `/all` asks all processes who they are, and after `/mute` one does not say. `/told` says what all were told, which
 * is who has ended, and how.
 * @module
 */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { startAnswering } from "../../../framework/http/answering-server.ts";
import { usualLimits } from "../../../framework/http/processes/watchdog.ts";
import { portVariable, runService } from "../../../framework/http/service-program.ts";

const merge = { who: (before: unknown, next: unknown) => [before, next].flat() };
const gone: unknown[] = [];
let told: unknown = "nothing";
let isStuck = false;
let isMute = false;

await runService({
  what: "a test's service",
  settings: z.object({
    STEWARD_PORT: portVariable,
    COUNT: z.coerce.number(),
    FAILS: z.string().optional(),
    FAILS_ONCE: z.string().optional(),
    SLOW: z.string().optional(),
    // Milliseconds: short where it is what a test is about. A process that is well may be silent for seconds on a busy machine.
    SILENT: z.coerce.number().default(usualLimits.silent),
  }),
  processes: ({ COUNT: count, STEWARD_PORT: port, SILENT: silent }) => ({
    count,
    port,
    limits: { ...usualLimits, silent },
    merge,
    left: ({ index, isHung }) => {
      gone.push({ index, isHung });
      return { past: { who: `left by ${index}` }, tell: { name: "gone", value: gone }, says: ["it is remembered"] };
    },
  }),
  start: async ({ STEWARD_PORT: port, FAILS: fails, FAILS_ONCE: once, SLOW: slow }, report, member) => {
    if (once !== undefined && isTaken(once)) throw new Error("this one does not start the first time");
    if (slow !== undefined) {
      report(`begins as ${process.pid}`);
      await sleep(1_000);
    }
    if (fails !== undefined && fails === String(member?.index)) throw new Error("this one does not start");
    member?.hear("gone", (value) => {
      told = value;
    });
    member?.on("who", () => (isMute ? new Promise(() => undefined) : member.index));
    member?.measure(() => (isStuck ? usualLimits.stuck + 1 : 0));
    return startAnswering({
      port,
      sharesPort: true,
      answer: async ({ url }) => {
        if (url === "/crash") process.exit(3);
        if (url === "/mute") isMute = true;
        if (url === "/stuck") isStuck = true;
        if (url === "/hang" || url === "/slow") report(`${url} is under way`);
        while (url === "/hang");
        if (url === "/slow") await sleep(1_000);
        const own = { index: member?.index, pid: process.pid };
        const body = url === "/all" ? await member?.gather("who") : url === "/told" ? { ...own, told } : own;
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

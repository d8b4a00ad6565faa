/**
 * A service in several processes for the tests: `/` says which process answers, `/hang` never lets go of its loop, `/crash` ends its
 * process, `/stuck` pretends that work is under way, `/all` asks all processes who they are.
 * @module
 */
import { z } from "zod";
import { startAnswering } from "../../../framework/http/answering-server.ts";
import { portVariable, runService } from "../../../framework/http/service-program.ts";

let stuckSince = 0;

await runService({
  what: "a test's service",
  settings: z.object({ STEWARD_PORT: portVariable, COUNT: z.coerce.number(), FAILS: z.string().optional() }),
  processes: ({ COUNT: count, STEWARD_PORT: port }) => ({ count, port, limits: { silent: 1_000, stuck: 2_000 } }),
  start: async ({ STEWARD_PORT: port, FAILS: fails }, _report, member) => {
    if (fails !== undefined && fails === String(member?.index)) throw new Error("this one does not start");
    member?.on("who", () => member.index);
    member?.measure(() => (stuckSince > 0 ? performance.now() - stuckSince : 0));
    return startAnswering({
      port,
      sharesPort: true,
      answer: async ({ url }) => {
        if (url === "/crash") process.exit(3);
        if (url === "/stuck") stuckSince = performance.now();
        while (url === "/hang");
        const body = url === "/all" ? await member?.gather("who") : { index: member?.index, pid: process.pid };
        return { status: 200, body };
      },
    });
  },
});

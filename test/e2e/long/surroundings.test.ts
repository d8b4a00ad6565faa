/**
 * Two checkouts of one user, brought up at the same moment from a folder whose name has spaces and letters of three
 * scripts: what surrounds a project must not matter to it.
 * @module
 */
import { readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readStack } from "../../../framework/connection/stack-folder.ts";
import { type Checkout, copyCheckout } from "../../support/checkout.ts";
import { placeTinyProject } from "../../support/tiny-project.ts";

const deploy = ["up", "-s", "local", "--yes", "--skip-preview"];

let checkouts: readonly Checkout[] = [];
const stackFolder = ({ folder }: Checkout) => join(folder, ".steward/stacks/local");
const portsOf = (checkout: Checkout) => {
  const stack = readStack(stackFolder(checkout));
  return stack ? [...Object.values(stack.ports), ...Object.values(stack.endpoints)] : [];
};
const first = (): Checkout => {
  const [checkout] = checkouts;
  if (!checkout) throw new Error("there is no checkout");
  return checkout;
};

beforeAll(() => {
  // Longer than the 107 bytes that the path of a socket may have.
  const deep = `${"tief/".repeat(20)}mein Projekt für Größe 数据`;
  checkouts = ["Проект 'eins' & zwei", deep].map((name) => copyCheckout(name));
  for (const checkout of checkouts) placeTinyProject(checkout);
});
afterAll(async () => {
  for (const checkout of checkouts) await checkout.end();
});

describe("two checkouts in folders with odd names", () => {
  it("come up at the same time, each with ports of its own, and answer", async () => {
    const ups = await Promise.all(checkouts.map(({ pulumi }) => pulumi(deploy)));
    for (const { code, output } of ups) expect(code, output).toBe(0);
    const ports = checkouts.flatMap(portsOf);
    expect(ports).toHaveLength(26);
    expect(new Set(ports).size).toBe(26);
    for (const { steward } of checkouts) {
      const { code, output } = await steward(["predict", "desk"]);
      expect(code, output).toBe(0);
      expect(output).toContain('"probability"');
    }
  });

  it("goes on after an interruption of the terminal while it trains, and the next run waits for what went on", async () => {
    const checkout = first();
    checkout.edit("tiny/project.ts", (text) => text.replace("default(0.2)", "default(0.3)"));
    checkout.edit("tiny/train.py", (text) => text.replace("time.sleep(60)", "time.sleep(8)"));
    checkout.edit("tiny/project.ts", (text) =>
      text.replace("slow: z.boolean().default(false)", "slow: z.boolean().default(true)"),
    );
    const interrupt = new AbortController();
    const { code, output } = await checkout.pulumi(deploy, {
      interrupt: interrupt.signal,
      onLine: (line) => line.includes("training spending") && interrupt.abort(),
    });
    expect(code).not.toBe(0);
    expect(output).toMatch(/cancelled while training spending: the work goes on; run npx pulumi up again/);
    const again = await checkout.pulumi(deploy);
    expect(again.code, again.output).toBe(0);
    expect(again.output).toContain("version 2 in production");
  });

  it("after a restart of the machine says who has taken a port meanwhile, and comes back when it is free", async () => {
    const checkout = first();
    for (const { pid } of checkout.processes()) process.kill(pid, "SIGKILL");
    await vi.waitUntil(() => checkout.processes().length === 0, { timeout: 10_000, interval: 100 });
    pretendRestart(join(stackFolder(checkout), "run"));
    const port = readStack(stackFolder(checkout))?.endpoints["desk"] ?? 0;
    const server = createServer().listen(port, "127.0.0.1");
    const refused = await checkout.pulumi(deploy);
    server.close();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(
      new RegExp(
        `service "server-desk" cannot start: port ${port} \\("\\w+"\\) is taken by .*pid ${process.pid}.*stop that program.*ports\\.json`,
      ),
    );
    const { code, output } = await checkout.pulumi(deploy);
    expect(code, output).toBe(0);
    expect((await checkout.steward(["predict", "desk"])).code).toBe(0);
  });
});

/** Makes all that tells of processes tell of an earlier start of this machine, and of pids that others have now. */
function pretendRestart(run: string): void {
  const age = (text: string) =>
    text
      .replace(/(?<="machine": ?")[0-9a-f-]{36}/g, "00000000-0000-0000-0000-000000000000")
      .replace(/(?<="pid": ?)\d+/g, String(process.pid));
  for (const name of readdirSync(run)) {
    const path = join(run, name);
    if (name.endsWith(".json")) writeFileSync(path, age(readFileSync(path, "utf8")));
    for (const number of name.endsWith(".lock") ? readdirSync(path) : []) {
      const claim = age(readlinkSync(join(path, number)));
      rmSync(join(path, number));
      symlinkSync(claim, join(path, number));
    }
  }
}

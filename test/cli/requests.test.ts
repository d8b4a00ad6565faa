import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatNone } from "../../framework/cli/commands/requests.ts";
import { type LocalStack, prepareStackFolder } from "../../framework/connection/stack-folder.ts";
import { openLog } from "../../framework/serving/log/open-log.ts";
import { createProtect } from "../../framework/serving/log/protect-record.ts";
import { SubjectKeys } from "../../framework/serving/log/subject-keys.ts";
import { openStore } from "../../framework/store/store.ts";
import { useStore } from "../support/test-store.ts";
import { localStack, rowsProject, Workspace } from "./steward.ts";

const given = useStore();
let workspace: Workspace;
let stack: LocalStack;

/** A stack whose store is the test's, with an endpoint that answered four requests, three of which are in the store. */
beforeAll(async () => {
  workspace = new Workspace({ "Pulumi.local.yaml": localStack, "project.ts": rowsProject });
  const folder = join(workspace.folder, ".steward", "stacks", "local");
  const registry = join(given.folder, "ports");
  stack = await prepareStackFolder(folder, { project: "shop", stack: "local", endpoints: ["storms"], registry });
  const path = join(folder, "connection.json");
  const connection = JSON.parse(readFileSync(path, "utf8"));
  // Of no folder, as it is none of the stack's own services.
  writeFileSync(path, JSON.stringify({ ...connection, stackFolder: undefined, store: given.connection }));
  const store = openStore(given.connection);
  const key = Buffer.from(stack.logKey ?? "", "hex");
  const pii = { request: { who: "plain", street: "encrypt" }, inputs: { wind: "plain" } } as const;
  const keys = new SubjectKeys({ entries: store.entries, key });
  const opened = await openLog({
    address: { endpoint: "storms", stream: "requests" },
    folder: join(stack.paths.requests, "storms"),
    durability: "disk",
    protect: createProtect({ pii, subject: "who", key, keys }),
    store,
    report: () => undefined,
  });
  for (let i = 0; i < 4; i++) {
    await opened.log.append({
      id: `id-${i}`,
      time: new Date(Date.UTC(2026, 2, 1, 10, i)).toISOString(),
      variant: i % 2 === 0 ? "champion" : "canary",
      version: String(1 + (i % 2)),
      request: { who: [`customer-${i}`], street: [`Main ${i}`] },
      inputs: { wind: [i / 2] },
      outputs: { probability: [0.25] },
      latencyMicroseconds: 1500,
    });
    if (i === 2) await opened.shipper?.ship();
  }
  await opened.close();
}, 60_000);
afterAll(() => workspace[Symbol.dispose]());

describe("steward requests", () => {
  it("shows the newest, in the store or not, the oldest of them first", async () => {
    const { code, stdout } = await workspace.run("requests", "storms", "--limit", "3");
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/time +id +variant +version +asked +answered +ms/);
    expect(lines.slice(1).map((line) => /id-\d/.exec(line)?.[0])).toEqual(["id-1", "id-2", "id-3"]);
    expect(lines[1]).toContain("2026-03-01T10:01:00.000Z");
    expect(lines[1]).toContain("probability 0.25");
    expect(lines[1]).toContain("1.5");
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ["a variant", ["--variant", "canary"], ["id-1", "id-3"]],
    ["a version", ["--model-version", "1"], ["id-0", "id-2"]],
    ["a time", ["--since", "2026-03-01T10:02:00Z"], ["id-2", "id-3"]],
    ["a condition", ["--where", "wind > 0.6"], ["id-2", "id-3"]],
    ["a time that lies behind all", ["--since", "1 hour"], []],
  ])("filters by %s", async (_title, words, expected) => {
    const { stdout } = await workspace.run("requests", "storms", "--json", ...words);
    const { requests, replicas } = JSON.parse(stdout);
    expect(requests.map(({ id }: { readonly id: string }) => id)).toEqual(expected);
    expect(replicas).toMatchObject([{ missing: [] }]);
  });

  it.each(["id-1", "id-3"])("shows one by its id with all that it has: %s", async (id) => {
    const { code, stdout } = await workspace.run("requests", "storms", "--id", id);
    expect(code).toBe(0);
    expect(stdout).toContain(`id                   ${id}`);
    expect(stdout).toMatch(/inputs +\{"wind":\[[\d.]+\]\}/);
  });

  it("says that there is none like that, or none at all", () => {
    const address = { endpoint: "storms", stream: "requests" };
    expect(formatNone({ address, filter: { since: undefined } })).toBe("no request of storms is recorded yet");
    expect(formatNone({ address, filter: { version: "2" } })).toBe("no request of storms is like that");
  });

  it("says that there is none of an id, and ends with 1", async () => {
    const { code, stdout } = await workspace.run("requests", "storms", "--id", "id-9");
    expect([code, stdout]).toEqual([1, "no request of storms has the id id-9\n"]);
  });

  it.each<[readonly string[], string]>([
    [["winds"], "the stack has no endpoint"],
    [["storms", "--limit", "0"], "is no count of requests"],
    [["storms", "--since", "soon"], "is neither a duration nor a time"],
    [["storms", "--where", "winds > 1"], "is no condition on records"],
    [["storms", "--where", "winds > 1"], "caller, latencyMicroseconds) — see npx steward requests --help"],
  ])("refuses %j", async (words, expected) => {
    const { code, stderr } = await workspace.run("requests", ...words);
    expect(stderr).toContain(expected);
    expect(code).not.toBe(0);
  });

  it("shows what is encrypted for a subject until its key is removed", async () => {
    const show = async () =>
      JSON.parse(
        (await workspace.run("requests", "storms", "--json", "--id", "id-1", "--decrypt", "customer-1")).stdout,
      )[0];
    expect((await show()).request.street).toEqual(["Main 1"]);
    expect((await workspace.run("forget", "customer-1")).stdout).toContain("--yes removes it");
    expect((await workspace.run("forget", "customer-1", "--yes")).code).toBe(0);
    expect(await workspace.run("forget", "customer-1")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nothing is left to remove, unless the subject is called otherwise"),
    });
    expect((await show()).request.street).not.toEqual(["Main 1"]);
    expect((await workspace.run("forget", "customer-1")).code).toBe(1);
  });
});

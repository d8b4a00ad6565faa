import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { locateStackFolder, prepareStackFolder, readStack } from "../../framework/connection/stack-folder.ts";

const run = promisify(execFile);

let root = "";
let registry = "";
let options: Parameters<typeof prepareStackFolder>[1];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "steward-ports-"));
  registry = join(root, "registry");
  options = { project: "flights", stack: "local", endpoints: ["late"], registry };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const folderOf = (stack: string) => locateStackFolder(root, stack);

/** The ports of a stack in another checkout. */
const portsOf = async (checkout: string) => {
  const { ports, endpoints } = await prepareStackFolder(locateStackFolder(join(root, checkout), "local"), options);
  return [...Object.values(ports), ...Object.values(endpoints)];
};

describe("the ports of several checkouts", () => {
  it("differ when processes choose them at the same time, and stay", async () => {
    const module = JSON.stringify(join(import.meta.dirname, "../../framework/connection/stack-folder.ts"));
    const choose = (name: string) => {
      const call = JSON.stringify(options);
      const program = `import { prepareStackFolder } from ${module};
        const { ports, endpoints } = await prepareStackFolder(${JSON.stringify(join(root, name))}, ${call});
        console.log(JSON.stringify([...Object.values(ports), ...Object.values(endpoints)]));`;
      return run(process.execPath, ["--input-type=module", "-e", program]);
    };
    const chosen = (await Promise.all(["a", "b", "c"].map(choose))).map(({ stdout }) => JSON.parse(stdout) as number[]);
    expect(new Set(chosen.flat()).size).toBe(39);
    expect(await prepareStackFolder(join(root, "a"), options)).toMatchObject({
      ports: { store: chosen[0]?.[0] },
    });
  });

  it("are given again once a checkout is gone", async () => {
    const first = await portsOf("one");
    rmSync(join(root, "one"), { recursive: true });
    expect(await portsOf("two")).toEqual(first);
  });

  it("are chosen anew in a copy, while its original has them", async () => {
    const first = await portsOf("one");
    cpSync(join(root, "one"), join(root, "two"), { recursive: true });
    expect((await portsOf("two")).filter((port) => first.includes(port))).toEqual([]);
    expect(await portsOf("one")).toEqual(first);
  });

  it("are chosen anew in a copy that is taken a second time", async () => {
    const first = await portsOf("one");
    for (const _time of [1, 2]) {
      rmSync(join(root, "two"), { recursive: true, force: true });
      cpSync(join(root, "one"), join(root, "two"), { recursive: true });
      expect((await portsOf("two")).filter((port) => first.includes(port))).toEqual([]);
    }
  });

  it("go with a checkout that is moved", async () => {
    const first = await portsOf("one");
    renameSync(join(root, "one"), join(root, "two"));
    expect(await portsOf("two")).toEqual(first);
  });
});

describe("a damaged file", () => {
  const damage = (file: string) => writeFileSync(join(folderOf("local"), file), '{"store": 90');

  it.each(["ports.json", "secrets.json", "connection.json"])(
    "%s is said, and mended when the stack is prepared",
    async (file) => {
      const before = await prepareStackFolder(folderOf("local"), options);
      damage(file);
      expect(() => readStack(folderOf("local"))).toThrow(/damaged.*npx pulumi up.*\n.*\[file-damaged\]/);
      expect(() => readStack(folderOf("local"))).not.toThrow(/store/);
      const after = await prepareStackFolder(folderOf("local"), options);
      expect(after.ports).toEqual(before.ports);
      expect(readStack(folderOf("local"))).toEqual(after);
    },
  );

  it("the registry of ports is begun anew", async () => {
    const before = await prepareStackFolder(folderOf("local"), options);
    writeFileSync(join(registry, "ports.json"), "{");
    expect(await prepareStackFolder(folderOf("local"), options)).toEqual(before);
  });
});

it("other ports are chosen when the file of the ports is removed", async () => {
  const first = await prepareStackFolder(folderOf("local"), options);
  const server = createServer().listen(first.ports.store, "127.0.0.1");
  rmSync(join(folderOf("local"), "ports.json"));
  try {
    const again = await prepareStackFolder(folderOf("local"), options);
    expect(Object.values(again.ports)).not.toContain(first.ports.store);
  } finally {
    server.close();
  }
});

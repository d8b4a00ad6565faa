import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  locateStackFolder,
  nameStack,
  prepareStackFolder,
  readStack,
} from "../../framework/connection/stack-folder.ts";
import { openSupervisor } from "../../framework/supervisor/client.ts";
import { readDeclarations, writeDeclaration } from "../../framework/supervisor/declaration.ts";
import { readRecords, writeRecord } from "../../framework/supervisor/program.ts";
import { serviceSchema } from "../../framework/supervisor/service.ts";
import { locateStack } from "../../framework/supervisor/stack-layout.ts";
import { failure } from "../support/failure.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "steward-stack-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const options = { project: "flights", stack: "local", endpoints: ["late"] };
const folderOf = (stack: string) => locateStackFolder(root, stack);

function countHosts(temporal: string): unknown {
  const histories = new DatabaseSync(join(temporal, "histories.db"));
  const { hosts } = histories.prepare("SELECT count(*) AS hosts FROM cluster_membership").get() ?? {};
  histories.close();
  return hosts;
}

describe("preparing a stack's folder", () => {
  it("forgets the services of the place that it was copied from, and keeps its own", async () => {
    const registry = join(root, "cache");
    const [origin, copy] = [folderOf("local"), join(root, "restored")];
    await prepareStackFolder(origin, { ...options, registry });
    const store = serviceSchema.parse({
      name: "store",
      command: ["minio", origin],
      probe: { kind: "tcp", port: 9000 },
    });
    writeDeclaration(locateStack(origin), { service: store, proven: true, draining: [] });
    cpSync(origin, copy, { recursive: true });
    await prepareStackFolder(origin, { ...options, registry });
    await prepareStackFolder(copy, { ...options, registry });
    expect(readDeclarations(locateStack(origin))).toHaveLength(1);
    expect(readDeclarations(locateStack(copy))).toEqual([]);
  });

  it("makes the engine of a copy forget the hosts of its original, which it would join", async () => {
    const registry = join(root, "cache");
    const [origin, copy] = [folderOf("local"), join(root, "restored")];
    const { paths } = await prepareStackFolder(origin, { ...options, registry });
    const written = new DatabaseSync(join(paths.temporal, "histories.db"));
    written.exec("CREATE TABLE cluster_membership (rpc_port INTEGER); INSERT INTO cluster_membership VALUES (9018)");
    written.close();
    cpSync(origin, copy, { recursive: true });
    const copied = await prepareStackFolder(copy, { ...options, registry });
    await prepareStackFolder(origin, { ...options, registry });
    expect([countHosts(paths.temporal), countHosts(copied.paths.temporal)]).toEqual([1, 0]);
  });

  it("of a copy forgets the processes of its original, which go on, and of a moved one does not", async () => {
    const registry = join(root, "cache");
    const [origin, copy, moved] = [folderOf("local"), join(root, "copy"), join(root, "moved")];
    await prepareStackFolder(origin, { ...options, registry });
    const process = { pid: 1, started: "1", machine: "m" };
    const record = { instance: "store@1", process, stopSeconds: 1, healthSocket: "", initialised: true, restarts: 0 };
    writeRecord(locateStack(origin), record);
    mkdirSync(locateStack(origin).lock);
    symlinkSync(JSON.stringify({ ...process, since: "" }), join(locateStack(origin).lock, "1"));
    cpSync(origin, copy, { recursive: true });
    await prepareStackFolder(copy, { ...options, registry });
    expect(readRecords(locateStack(copy))).toEqual([]);
    expect(existsSync(locateStack(copy).lock)).toBe(false);
    expect(readRecords(locateStack(origin))).toHaveLength(1);
    renameSync(origin, moved);
    await prepareStackFolder(moved, { ...options, registry });
    expect(readRecords(locateStack(moved))).toHaveLength(1);
    expect(existsSync(locateStack(moved).lock)).toBe(true);
  });

  it("chooses a port for everything, no two alike", async () => {
    const { ports, endpoints } = await prepareStackFolder(folderOf("local"), options);
    const all = [...Object.values(ports), ...Object.values(endpoints)];
    expect(new Set(all).size).toBe(13);
    expect(Object.keys(endpoints)).toEqual(["late"]);
  });

  it("answers the same when it is asked again, ports in use included", async () => {
    const first = await prepareStackFolder(folderOf("local"), options);
    const server = createServer().listen(first.ports.store, "127.0.0.1");
    try {
      await expect(prepareStackFolder(folderOf("local"), options)).resolves.toEqual(first);
    } finally {
      server.close();
    }
  });

  it("keeps the ports there are when an endpoint is added, and when one is removed", async () => {
    const first = await prepareStackFolder(folderOf("local"), options);
    const more = await prepareStackFolder(folderOf("local"), { ...options, endpoints: ["early", "late"] });
    expect(more.ports).toEqual(first.ports);
    expect(more.endpoints).toMatchObject(first.endpoints);
    const fewer = await prepareStackFolder(folderOf("local"), { ...options, endpoints: [] });
    expect(fewer.endpoints).toEqual(more.endpoints);
  });

  it("takes no port that somebody listens on", async () => {
    const first = await prepareStackFolder(folderOf("local"), options);
    rmSync(join(folderOf("local"), "ports.json"));
    const server = createServer().listen(first.ports.store, "127.0.0.1");
    try {
      const again = await prepareStackFolder(folderOf("local"), options);
      expect(Object.values(again.ports)).not.toContain(first.ports.store);
    } finally {
      server.close();
    }
  });

  it("takes no port of a stack beside it, which may be down", async () => {
    const one = await prepareStackFolder(folderOf("local"), options);
    const other = await prepareStackFolder(folderOf("labour"), { ...options, stack: "labour" });
    const common = Object.values(one.ports).filter((port) => Object.values(other.ports).includes(port));
    expect(common).toEqual([]);
  });

  it("gives each stack an owner, buckets and a namespace of its own, and a long secret", async () => {
    const { connection, secrets } = await prepareStackFolder(folderOf("local"), options);
    expect(connection).toMatchObject({
      owner: "flights/local",
      stackFolder: folderOf("local"),
      store: { bucket: "flights-local", lockedBucket: "flights-local-locked", secretKey: secrets.store },
      engine: { namespace: "flights-local" },
    });
    expect(secrets.store.length).toBeGreaterThanOrEqual(32);
  });

  it("writes what is secret for its owner's eyes alone", async () => {
    await prepareStackFolder(folderOf("local"), options);
    const modes = ["secrets.json", "connection.json"].map(
      (file) => statSync(join(folderOf("local"), file)).mode & 0o777,
    );
    expect(modes).toEqual([0o600, 0o600]);
  });

  it("writes configurations whose addresses are the connection's", async () => {
    const { connection, ports, paths } = await prepareStackFolder(folderOf("local"), options);
    const server = JSON.parse(readFileSync(join(paths.temporal, "config.yaml"), "utf8"));
    const ui = JSON.parse(readFileSync(join(paths.temporal, "ui", "steward.yaml"), "utf8"));
    expect(server.services.frontend.rpc.grpcPort).toBe(ports.engine);
    expect(ui.temporalGrpcAddress).toBe(connection.engine.address);
    expect(`http://${ui.host}:${ui.port}`).toBe(connection.engine.ui);
  });

  it("chooses once when several processes ask at the same time", async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => prepareStackFolder(folderOf("local"), options)));
    expect(new Set(all.map((stack) => JSON.stringify(stack))).size).toBe(1);
  });
});

describe("reading a stack's folder", () => {
  it("finds what was prepared", async () => {
    const prepared = await prepareStackFolder(folderOf("local"), options);
    expect(readStack(folderOf("local"))).toEqual(prepared);
  });

  it("refuses one that was brought here and still leads to where it was, until it is prepared", async () => {
    const registry = join(root, "cache");
    await prepareStackFolder(folderOf("local"), { ...options, registry });
    const copy = join(root, "copy");
    cpSync(folderOf("local"), copy, { recursive: true });
    const { problems } = await failure((async () => readStack(copy))());
    expect(problems).toMatchObject([{ code: "stack-not-up", file: copy, fix: expect.stringContaining("pulumi up") }]);
    const prepared = await prepareStackFolder(copy, { ...options, registry });
    expect(readStack(copy)).toEqual(prepared);
  });

  it("finds nothing where nothing was prepared", () => {
    mkdirSync(folderOf("local"), { recursive: true });
    expect(readStack(folderOf("local"))).toBeUndefined();
    expect(readStack(folderOf("other"))).toBeUndefined();
  });
});

describe("a folder that a newer Steward has prepared", () => {
  it("is neither read nor prepared, and stays as it is", async () => {
    const folder = folderOf("local");
    await prepareStackFolder(folder, options);
    const path = join(folder, "format.json");
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ format: "stack-folder/1" });
    writeFileSync(path, JSON.stringify({ format: "stack-folder/2" }));
    const read = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name), "utf8")]);
    const before = read();
    const refused = [
      await failure(prepareStackFolder(folder, { ...options, endpoints: ["more"] })),
      await failure((async () => readStack(folder))()),
      await failure(openSupervisor(folder)),
      await failure(openSupervisor(folder, { start: true })),
    ];
    for (const { problems } of refused)
      expect(problems).toMatchObject([
        { code: "format-newer", at: path, got: 'format "stack-folder/2"', expected: 'at most "stack-folder/1"' },
      ]);
    expect(read()).toEqual(before);
  });
});

describe("where rows are pushed to a stack", () => {
  it("is chosen once, with a token that its owner alone reads, and only where some are pushed", async () => {
    const folder = folderOf("local");
    const registry = join(root, "cache");
    expect((await prepareStackFolder(folder, { ...options, registry })).intake).toBeUndefined();
    const { intake, ports } = await prepareStackFolder(folder, { ...options, registry, intake: true });
    expect(intake?.token).toMatch(/^[\w-]{32}$/);
    expect(Object.values(ports)).not.toContain(intake?.port);
    expect((await prepareStackFolder(folder, { ...options, registry, intake: true })).intake).toEqual(intake);
    expect(readStack(folder)?.intake).toEqual(intake);
    expect(statSync(join(folder, "intake.json")).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, "intake.json"), "{");
    expect(readStack(folder)?.intake).toBeUndefined();
    const again = await prepareStackFolder(folder, { ...options, registry, intake: true });
    expect(again.intake?.port).toBe(intake?.port);
    expect(again.intake?.token).not.toBe(intake?.token);
  });
});

describe("nameStack", () => {
  it.each<[string, string, RegExp]>([
    ["flights", "local", /^flights-local$/],
    ["flights", "Local.1", /^flights-local-1-[0-9a-f]{8}$/],
    ["p".repeat(60), "production", /^p{47}-[0-9a-f]{8}$/],
  ])("of %s and %s is a bucket's name", (project, stack, expected) => {
    const name = nameStack(project, stack);
    expect(name).toMatch(expected);
    expect(`${name}-locked`.length).toBeLessThanOrEqual(63);
  });

  it("differs where long names differ at their ends", () => {
    const names = ["a", "b"].map((end) => nameStack("p".repeat(60), `stack-${end}`));
    expect(names[0]).not.toBe(names[1]);
  });
});

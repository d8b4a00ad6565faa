import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type EnvironmentOptions, ensureEnvironment } from "../../framework/training/environment.ts";
import { failure } from "../support/failure.ts";
import { createWheelhouse, type Wheelhouse, writeProgram } from "./wheelhouse.ts";

const run = promisify(execFile);
let root: string;
let wheelhouse: Wheelhouse;
let folder: string;
let options: EnvironmentOptions;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "steward-test-"));
  wheelhouse = await createWheelhouse(root);
  for (const [name, value] of Object.entries(wheelhouse.variables)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, "case-"));
  const lock = join(folder, "requirements.lock");
  await writeFile(lock, wheelhouse.lock);
  options = { lock, uv: wheelhouse.uv, python: wheelhouse.python, cacheFolder: join(folder, "cache") };
});

const weigh = async (python: string) =>
  (await run(python, ["-c", "import steward_pebble; print(steward_pebble.weight)"])).stdout.trim();
const listPartial = async () =>
  (await readdir(join(folder, "cache", "environments"))).filter((name) => name.includes(".partial-"));
const countCalls = async (program: string) =>
  (await readFile(`${program}.calls`, "utf8")).split("\n").filter((call) => call === "venv").length;

/** Another process that builds the same environment. */
function startBuilder(uv: string): ChildProcess {
  const module = JSON.stringify(join(import.meta.dirname, "../../framework/training/environment.ts"));
  const program = `import { ensureEnvironment } from ${module}; await ensureEnvironment(${JSON.stringify({ ...options, uv })});`;
  return spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "ignore" });
}

describe("ensureEnvironment", () => {
  it("installs what is locked, says what it does, and finds it again", async () => {
    const uv = await writeProgram(join(folder, "uv"), `exec "${wheelhouse.uv}" "$@"`);
    const steps: string[] = [];
    const first = await ensureEnvironment({ ...options, uv, onProgress: (step) => steps.push(step) });
    const second = await ensureEnvironment({ ...options, uv });
    expect(await weigh(first.python)).toBe("7");
    expect(second).toEqual(first);
    expect(await countCalls(uv)).toBe(1);
    expect(steps).toEqual(expect.arrayContaining([expect.stringMatching(/^Installed 1 package/)]));
    expect(first.version).toMatch(/^3\.\d+\.\d+$/);
  });

  it("makes another environment for another lock", async () => {
    const other = join(folder, "other.lock");
    await writeFile(other, `# another\n${wheelhouse.lock}`);
    const [first, second] = [await ensureEnvironment(options), await ensureEnvironment({ ...options, lock: other })];
    expect(second.digest).not.toBe(first.digest);
    expect(second.python).not.toBe(first.python);
  });

  it("is built once, whoever asks at once", async () => {
    const uv = await writeProgram(join(folder, "uv"), `exec "${wheelhouse.uv}" "$@"`);
    const other = startBuilder(uv);
    const ended = once(other, "exit");
    const all = await Promise.all([1, 2, 3].map(() => ensureEnvironment({ ...options, uv })));
    expect(await ended).toEqual([0, null]);
    expect(new Set(all.map(({ python }) => python)).size).toBe(1);
    expect(await countCalls(uv)).toBe(1);
    expect(await listPartial()).toEqual([]);
  });

  it("goes on after a builder that was killed, whose uv ends with it", async () => {
    const uv = await writeProgram(
      join(folder, "uv"),
      `[ "$1" = venv ] && exec "${wheelhouse.uv}" "$@"\necho $$ > "${folder}/pid"\nexec sleep 300`,
    );
    const builder = startBuilder(uv);
    const ended = once(builder, "exit");
    const pid = await vi.waitFor(
      async () => {
        // The file is there a moment before what is in it.
        const written = Number(await readFile(join(folder, "pid"), "utf8"));
        expect(written).toBeGreaterThan(0);
        return written;
      },
      { timeout: 30_000 },
    );
    builder.kill("SIGKILL");
    await ended;
    expect(await listPartial()).toHaveLength(1);
    const { python } = await ensureEnvironment(options);
    expect(await weigh(python)).toBe("7");
    expect(await listPartial()).toEqual([]);
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), { timeout: 10_000 });
  });

  it("is built again when the Python below it has gone", async () => {
    const { python } = await ensureEnvironment(options);
    await unlink(python);
    await symlink("/nowhere/python", python);
    expect(await weigh((await ensureEnvironment(options)).python)).toBe("7");
  });

  it("is built again when a file of it has been lost or cut short", async () => {
    const { python } = await ensureEnvironment(options);
    const [module = ""] = (await readdir(join(python, "../../lib"), { recursive: true })).filter((name) =>
      name.endsWith("steward_pebble.py"),
    );
    await writeFile(join(python, "../../lib", module), "");
    expect(await weigh((await ensureEnvironment(options)).python)).toBe("7");
  });

  it("says where it asked when nobody answers", async () => {
    const uv = await writeProgram(
      join(folder, "uv"),
      `[ "$1" = venv ] && exec "${wheelhouse.uv}" "$@"
UV_NO_INDEX=0 UV_FIND_LINKS= UV_HTTP_RETRIES=0 UV_DEFAULT_INDEX=http://me:hunter2@127.0.0.1:9/simple exec "${wheelhouse.uv}" "$@"`,
    );
    const failed = await failure(ensureEnvironment({ ...options, uv }));
    expect(failed.message).toMatch(/127\.0\.0\.1:9 does not answer.*UV_DEFAULT_INDEX names a mirror/);
    expect(failed.message).not.toContain("hunter2");
  });

  it("stops building with its signal and leaves nothing half made", async () => {
    const uv = await writeProgram(join(folder, "uv"), `touch "${folder}/begun"\nexec sleep 300`);
    const controller = new AbortController();
    const building = ensureEnvironment({ ...options, uv, signal: controller.signal });
    const rejected = expect(building).rejects.toThrow("enough");
    await vi.waitFor(() => readFile(join(folder, "begun")), { timeout: 10_000 });
    controller.abort(new Error("enough"));
    await rejected;
    expect(await listPartial()).toEqual([]);
  });

  it("refuses a lock without hashes before uv runs", async () => {
    await writeFile(options.lock, "steward-pebble==1.0\n");
    await expect(ensureEnvironment({ ...options, uv: "/nowhere/uv" })).rejects.toMatchObject({
      problems: [{ code: "lock-invalid", file: options.lock, at: "line 1", got: "steward-pebble==1.0" }],
    });
  });

  it("says what to do about bytes that are not those locked", async () => {
    await writeFile(options.lock, wheelhouse.lock.replace(/[0-9a-f]{64}/, "0".repeat(64)));
    await expect(ensureEnvironment(options)).rejects.toMatchObject({
      problems: [
        { code: "environment-failed", file: options.lock, fix: expect.stringContaining("not what is locked") },
      ],
    });
    expect(await listPartial()).toEqual([]);
  });

  it("keeps passwords of addresses out of its error", async () => {
    const uv = await writeProgram(
      join(folder, "uv"),
      'echo "error: no answer from https://me:hunter2@mirror.example/simple" >&2; exit 2',
    );
    const failed = ensureEnvironment({ ...options, uv });
    await expect(failed).rejects.toThrow("https://…@mirror.example");
    await expect(failed).rejects.not.toThrow("hunter2");
  });
});

/**
 * `npm run record-first-hour`: lives the first hour of a team, from an empty folder to a second version of its model, with nothing on
 * the machine but Node, Python and the registries, and writes down what stood on the terminal. Every cache is a new one, so it takes a
 * while: the servers are built.
 * @module
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { packAll } from "../../packaging/pack.ts";

const log = new URL("../first-hour.txt", import.meta.url);
const home = realpathSync(mkdtempSync(join(tmpdir(), "steward-first-hour-")));
const project = join(home, "rain");
let started = performance.now();
const lines: string[] = [];

function write(line: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
  const plain = line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll(home, "~");
  lines.push(plain);
  process.stdout.write(`${plain}\n`);
}

/** Minutes and seconds since the first command. */
function elapsed(): string {
  const seconds = Math.round((performance.now() - started) / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Runs a command as it is typed, and writes down what it says. @throws Error when it fails and should not */
async function type(command: string, { cwd = project, fails = false } = {}): Promise<void> {
  write(`[${elapsed()}] $ ${command}`);
  const child = spawn("sh", ["-c", `exec 2>&1; ${command}`], {
    cwd,
    env: {
      ...process.env,
      STEWARD_CACHE: join(home, ".cache/steward"),
      UV_CACHE_DIR: join(home, ".cache/uv"),
      GOMODCACHE: join(home, ".cache/go-modules"),
      GOCACHE: join(home, ".cache/go-build"),
      GOFLAGS: "-modcacherw",
      npm_config_cache: join(home, ".npm"),
      npm_config_update_notifier: "false",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  createInterface({ input: child.stdout }).on("line", write);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  write("");
  if ((code !== 0) !== fails) throw new Error(`${command} ended with ${code}`);
}

function edit(text: string, other: string): void {
  const path = join(project, "project.ts");
  const before = readFileSync(path, "utf8");
  if (!before.includes(text)) throw new Error(`project.ts has no ${text}`);
  write(`[${elapsed()}] (project.ts: ${text} becomes ${other})`);
  write("");
  writeFileSync(path, before.replace(text, other));
}

const up = "npx pulumi up -s local --yes --skip-preview";
try {
  const { steward, create } = await packAll(home);
  const [version] = /[\d.]+\d/.exec(basename(steward)) ?? [];
  started = performance.now();
  write(
    `The first hour with Steward ${version}: two cores, nothing installed but Node, npm and Python, every cache empty.`,
  );
  write("Written by npm run record-first-hour; [minutes:seconds] since the first command.");
  write("");
  await type(`npm exec --yes --package=${create} -- create-steward rain --steward ${steward}`, { cwd: home });
  await type("npm run check");
  await type("npx steward plan");
  await type(up);
  await type("npx steward predict rain-tomorrow");
  edit("day.wind.last(yesterday)", "day.windd.last(yesterday)");
  await type(up, { fails: true });
  edit("day.windd.last(yesterday)", "day.wind.last(yesterday)");
  edit("default(1)", "default(0.1)");
  await type("npx steward plan");
  await type(up);
  await type("npx steward status");
  await type('npx steward rollback rain --reason "the first one was better"');
  await type("npx steward doctor");
  await type("npx steward down");
  rmSync(join(project, ".steward"), { recursive: true });
  writeFileSync(log, `${lines.join("\n").trimEnd()}\n`);
} finally {
  // Where it came to no end, the services are there still.
  if (existsSync(join(project, ".steward", "stacks"))) await type("npx steward down");
  rmSync(home, { recursive: true, force: true });
}

#!/usr/bin/env node
// npm create steward: writes a project and installs it. Plain JavaScript without dependencies: it runs on Node 20, and installs
// nothing of its own.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const help = `npm create steward <folder> [-- options]

Writes a project that Steward deploys into a folder that is empty or not there yet, and installs it.

  --name <name>       the project's name: lower-case letters, digits and hyphens (default: the folder's)
  --steward <spec>    what to depend on: a version, or the path of a packed file (default: this version)
  --no-install        only write the files
  --help              this text`;

const template = fileURLToPath(new URL("template", import.meta.url));
const namePattern = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** npm leaves these out of a package under their own names. */
const renamed = { _gitignore: ".gitignore", _npmrc: ".npmrc", "_package.json": "package.json" };

class Refusal extends Error {}

function readCall(words) {
  const options = {
    name: { type: "string" },
    steward: { type: "string" },
    "no-install": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  };
  try {
    const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
    return { ...values, positionals, install: !values["no-install"] };
  } catch (error) {
    // What follows is advice on Node's own rules.
    throw new Refusal(`${error.message.split(/\n|\. To specify/)[0]} — see npm create steward -- --help`);
  }
}

function checkCall({ positionals, name: wanted }) {
  if (positionals.length !== 1)
    throw new Refusal(
      `one folder is needed (got ${positionals.length === 0 ? "none" : positionals.join(" ")}) — npm create steward my-project`,
    );
  const folder = resolve(positionals[0]);
  const name = wanted ?? basename(folder);
  if (!namePattern.test(name))
    throw new Refusal(
      `"${name}" is no name of a project (expected lower-case letters, digits and hyphens, at most 63, no hyphen at an end) — name it with --name`,
    );
  const found = existsSync(folder) ? readdirSync(folder).filter((file) => file !== ".git") : [];
  if (found.length > 0)
    throw new Refusal(`the folder ${folder} is not empty (got ${found.slice(0, 5).join(", ")}) — name another`);
  return { folder, name };
}

/** What package.json asks for: the version that belongs to this one, a file, or what was said. */
function chooseSteward(asked, folder) {
  if (asked === undefined) {
    const { version } = JSON.parse(readFileSync(join(template, "..", "package.json"), "utf8"));
    return `^${version}`;
  }
  const path = resolve(asked);
  if (existsSync(path)) return `file:${relative(folder, path)}`;
  if (/[/\\]|\.tgz$/.test(asked))
    throw new Refusal(`there is no file ${path} — give --steward a version or a packed file`);
  return asked;
}

function writeProject(folder, words) {
  const files = readdirSync(template, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const entry of files) {
    const { name } = entry;
    const parentPath = entry.parentPath ?? entry.path;
    const place = join(folder, relative(template, parentPath), renamed[name] ?? name);
    mkdirSync(dirname(place), { recursive: true });
    const text = readFileSync(join(parentPath, name), "utf8");
    writeFileSync(
      place,
      text.replaceAll(/\{\{(name|steward)\}\}/g, (_, word) => words[word]),
    );
  }
  return files.length;
}

/** Runs npm in the folder. @returns its exit code */
function install(folder) {
  const child = spawn("npm", ["install"], { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", (code, signal) => done(signal ? 1 : code));
  });
}

function print(text) {
  process.stdout.write(`${text}\n`);
}

async function main(words) {
  const call = readCall(words);
  if (call.help) {
    print(help);
    return 0;
  }
  const { folder, name } = checkCall(call);
  const steward = chooseSteward(call.steward, folder);
  print(`✔ wrote ${writeProject(folder, { name, steward })} files to ${folder}`);
  const code = call.install ? await install(folder) : 0;
  if (code !== 0) {
    process.stderr.write(`✖ npm install failed — mend what it says, then: cd ${call.positionals[0]} && npm install\n`);
    return code;
  }
  print(`
Try next:
  cd ${call.positionals[0]}${call.install ? "" : "\n  npm install"}
  npx pulumi up -s local              # ingests, trains, evaluates, releases; the first time builds the servers (ten minutes)
  npx steward predict rain-tomorrow   # asks
  then make project.ts your own: README.md says how`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // What the system refuses, such as a folder that may not be written, says itself what and where.
  if (!(error instanceof Refusal || error.syscall)) throw error;
  process.stderr.write(`✖ ${error.message}\n`);
  process.exitCode = error instanceof Refusal ? 2 : 1;
}

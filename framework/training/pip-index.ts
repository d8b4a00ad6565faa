/**
 * Where packages come from, for users who have told pip and not uv: a mirror that pip is set up for serves uv as well.
 * @module
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where systems keep the certificates they trust. */
const trustStores = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/** The environment for uv: the user's own, with pip's index where uv has none of its own. */
export async function composeUvEnvironment(python: string, user: NodeJS.ProcessEnv): Promise<Record<string, string>> {
  const { VIRTUAL_ENV: _environment, UV_PYTHON: _python, ...rest } = user;
  const own: Record<string, string> = { UV_PYTHON_DOWNLOADS: "never", UV_NO_PROGRESS: "1" };
  // The certificates of a company's mirror are among the system's, not among those that uv brings.
  if (trustStores.some((path) => existsSync(path))) own["UV_SYSTEM_CERTS"] = "true";
  const pip = hasUvIndex(user) ? {} : adoptPipSettings(await readPipSettings(python, user));
  return { ...own, ...pip, ...dropUndefined(rest) };
}

/** Translates pip's settings, as `pip config list` prints them, to variables of uv. */
export function adoptPipSettings(printed: string): Record<string, string> {
  const settings = new Map<string, string>();
  // The later kind wins, as with pip: its files' [global], then [install], then its environment.
  for (const section of ["global", "install", ":env:"]) {
    for (const [, name, value] of printed.matchAll(new RegExp(`^${section}\\.([a-z-]+)='(.*)'$`, "gm"))) {
      if (name && value) settings.set(name, value.replaceAll("\\n", " ").trim());
    }
  }
  const variables: Record<string, string> = {};
  const translate = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    cert: "SSL_CERT_FILE",
  };
  for (const [setting, variable] of Object.entries(translate)) {
    const value = settings.get(setting);
    if (value) variables[variable] = value;
  }
  return variables;
}

async function readPipSettings(python: string, environment: NodeJS.ProcessEnv): Promise<string> {
  // Without pip there is nothing to adopt.
  const { stdout } = await run(python, ["-m", "pip", "config", "list"], { env: environment }).catch(() => ({
    stdout: "",
  }));
  return stdout;
}

/** Whether the user has told uv itself where packages come from. */
function hasUvIndex(environment: NodeJS.ProcessEnv): boolean {
  if (["UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE"].some((name) => environment[name])) return true;
  const configured = environment["XDG_CONFIG_HOME"] ?? join(environment["HOME"] ?? "/", ".config");
  return [join(configured, "uv", "uv.toml"), "/etc/uv/uv.toml"].some(
    (path) => existsSync(path) && /index/.test(readFileSync(path, "utf8")),
  );
}

function dropUndefined(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

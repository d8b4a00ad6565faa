/**
 * Whether the registries answer from which a first run fetches: asked only when told to.
 * @module
 */
import { hideCredentials } from "../../toolchain/command.ts";
import { askProgram, listOnPath } from "../../toolchain/on-path.ts";
import { findPipIndex } from "../../toolchain/wheel-install.ts";
import type { Finding } from "./finding.ts";

const section = "Registries";
const patienceMilliseconds = 10_000;

/** Asks each registry that this machine is set up for. */
export async function checkRegistries(): Promise<readonly Finding[]> {
  const asked = [
    ["npm", "npm config set registry", await ask("npm", ["config", "get", "registry"])],
    ["pip, uv", "PIP_INDEX_URL or UV_DEFAULT_INDEX", await findPipIndex(process.env).catch(() => undefined)],
    ["go", "GOPROXY", process.env["GOPROXY"] ?? (await ask("go", ["env", "GOPROXY"]))],
  ] as const;
  return Promise.all(asked.map(([what, mirror, address]) => checkRegistry({ what, mirror, address })));
}

/** Asks one registry. Any answer at all will do: who may have what is another question. */
export async function checkRegistry(registry: {
  readonly what: string;
  /** What names another one. */
  readonly mirror: string;
  readonly address: string | undefined;
}): Promise<Finding> {
  const { what, mirror } = registry;
  const [address] = /\w+:\/\/[^\s,|]+/.exec(registry.address ?? "") ?? [];
  if (address === undefined) {
    return { section, what, verdict: "warning", detail: `its address is not known; ${mirror} sets it` };
  }
  const shown = hideCredentials(address);
  try {
    await fetch(withoutUser(address), { method: "HEAD", signal: AbortSignal.timeout(patienceMilliseconds) });
    return { section, what, verdict: "ok", detail: `${shown} answers` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? ("code" in cause ? String(cause.code) : cause.message) : String(cause);
    const proxy = process.env["HTTPS_PROXY"] ?? process.env["https_proxy"];
    const through = proxy ? " (asked without the proxy of HTTPS_PROXY)" : "";
    return {
      section,
      what,
      verdict: "warning",
      detail: `${shown} does not answer: ${why}${through}; ${mirror} names a mirror`,
    };
  }
}

function withoutUser(address: string): URL {
  const url = new URL(address);
  url.username = url.password = "";
  return url;
}

async function ask(program: string, words: readonly string[]): Promise<string | undefined> {
  const [path] = await listOnPath(program, process.env);
  return path === undefined ? undefined : (await askProgram(path, words, process.env)).trim();
}

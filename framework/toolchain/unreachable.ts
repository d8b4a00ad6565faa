/**
 * A registry of packages that does not answer, told from what Go, pip and uv print about it: where, why, and which
 * variables say where else to look.
 * @module
 */
import type { Problem } from "../definitions/problem.ts";
import { hideCredentials } from "./command.ts";

/** What could not be reached. */
export interface Unreachable {
  /** The registry's address without what was asked of it. @default the program did not say */
  readonly where?: string;
  /** `connection refused`. */
  readonly why: string;
}

/** Where programs are told of a mirror. */
const mirrorVariables = { go: "GOPROXY", pip: "PIP_INDEX_URL", uv: "UV_DEFAULT_INDEX" } as const;

/** A program that fetches packages. */
export type Fetcher = keyof typeof mirrorVariables;

/** How each program says that nobody answered. */
const signs: Readonly<Record<Fetcher, (lines: readonly string[]) => Unreachable | undefined>> = {
  go: (lines) => {
    const said = lines.map((line) => /(?:Get|Head) "([^"]+)": (.*)/.exec(line)).find((match) => match !== null);
    const why = said?.[2]?.split(": ").at(-1);
    return said?.[1] && why ? { where: originOf(said[1]), why } : undefined;
  },
  pip: (lines) => {
    const last = lines.findLast((line) => line.includes("after connection broken by")) ?? "";
    const why = /after connection broken by '\w+\((.*?)["']?\)'?:/.exec(last)?.[1]?.split(": ").at(-1);
    return why ? { why: why.replace(/^\[Errno -?\d+\] /, "") } : undefined;
  },
  uv: (lines) => {
    const where = lines.map((line) => /(?:Failed to fetch: |url \()`?(\w+:\/\/[^\s)`]+)/.exec(line)?.[1]).find(Boolean);
    const why = lines.findLast((line) => /cause:|Caused by:/i.test(line))?.replace(/^.*?(cause|Caused by): */i, "");
    if (
      !where ||
      !lines.some((line) => /error sending request|client error \(Connect\)|dns error|timed out/i.test(line))
    )
      return undefined;
    return { where: originOf(where), why: why ?? "no answer" };
  },
};

/** Finds in a program's last lines that a registry did not answer. Pure. @returns nothing when that is not why it failed */
export function findUnreachable(fetcher: Fetcher, lines: readonly string[]): Unreachable | undefined {
  return signs[fetcher](lines);
}

/** What to tell of it. @param what could not be had: `"uv" 0.13.9 could not be installed` */
export function describeUnreachable(
  fetcher: Fetcher,
  { where, why }: Unreachable,
  failed: { readonly what: string; readonly file: string },
): Problem {
  return {
    code: "registry-unreachable",
    at: "",
    file: failed.file,
    what: `${failed.what}: ${where === undefined ? "the registry" : hideCredentials(where)} does not answer`,
    got: hideCredentials(why),
    fix: `check the network; ${mirrorVariables[fetcher]} names a mirror, HTTPS_PROXY a proxy. Then run it again: what was fetched is kept`,
  };
}

function originOf(address: string): string {
  return /^\w+:\/\/[^/]+/.exec(address)?.[0] ?? address;
}

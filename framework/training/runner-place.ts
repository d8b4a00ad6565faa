/**
 * Where training jobs run: what the setting `steward:runner` of a stack says.
 * @module
 */
import { createRayRunner } from "./ray/ray-runner.ts";
import type { Runner } from "./runner.ts";

/** Where jobs run that do not run on this machine. */
export interface ClusterPlace {
  readonly kind: "ray";
  /** Without what it takes to be let in. */
  readonly address: string;
  /** The header `authorization`; secret. @default the cluster asks for none */
  readonly authorization?: string;
}

/** What the setting may be, for people. */
export const runnerForms = 'process, or the dashboard of a Ray cluster: "ray:http://host:8265"';

/**
 * Reads the setting: `process`, or `ray:` and the address of a dashboard. A name in the address, `ray:http://token@host:8265`, is a
 * token of Ray's; a name and a password are those of a proxy before it. Pure.
 *
 * @returns nothing for what it may not be, `process` for this machine
 */
export function parseRunner(setting: string): ClusterPlace | "process" | undefined {
  if (setting === "process") return setting;
  const [, text = ""] = /^ray:(https?:\/\/\S+)$/.exec(setting) ?? [];
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.search !== "" || url.hash !== "") return undefined;
  const { username, password } = url;
  url.username = "";
  url.password = "";
  return { kind: "ray", address: url.href.replace(/\/+$/, ""), ...authorize(decode(username), decode(password)) };
}

function authorize(user: string, password: string): Pick<ClusterPlace, "authorization"> {
  if (password !== "") return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
  return user === "" ? {} : { authorization: `Bearer ${user}` };
}

/** What of an address is escaped; a sign of percent that escapes nothing is one. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The runner of a place. @returns nothing for this machine, whose runner needs no place */
export function openCluster(place: ClusterPlace | "process"): Runner | undefined {
  return place === "process" ? undefined : createRayRunner(place);
}

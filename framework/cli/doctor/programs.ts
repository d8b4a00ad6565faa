/**
 * The programs that Steward stands on: what was found where, how it stands against the security floors, and what getting
 * a missing one would cost.
 * @module
 */
import { StewardError } from "../../definitions/problem.ts";
import { askProgram, listOnPath } from "../../toolchain/on-path.ts";
import { findPython, findPythonWithPip } from "../../toolchain/python.ts";
import { type FoundTool, findTools } from "../../toolchain/toolchain.ts";
import { type Finding, sayCost } from "./finding.ts";
import { findWeakness, floorsAsOf, remarks, securityFloors } from "./security-floors.ts";

const section = `Programs (security floors as of ${floorsAsOf})`;

/** Looks for every program. */
export async function checkPrograms(): Promise<readonly Finding[]> {
  const tools = await findTools();
  const python = await checkPython();
  return [
    judgeProgram("node", process.versions.node, process.execPath),
    await checkNpm(),
    python,
    ...(python.verdict === "missing" ? [] : [await checkPip(tools)]),
    ...tools.map(judgeTool),
  ];
}

/** Judges a program that was found. Pure. */
export function judgeProgram(name: string, version: string, path: string): Finding {
  const weakness = isFloored(name) ? findWeakness(name, version) : undefined;
  return {
    section,
    what: `${name} ${version}`,
    verdict: weakness === undefined ? "ok" : "warning",
    detail: weakness ?? "on PATH",
    path,
  };
}

function isFloored(name: string): name is keyof typeof securityFloors {
  return Object.hasOwn(securityFloors, name);
}

/** Judges a tool as it was found, or by what it costs. Pure. */
export function judgeTool({ name, version, path, state, cost, rejected }: FoundTool): Finding {
  if (path) {
    const judged = judgeProgram(name, version, path);
    const remark = remarks[name];
    if (judged.verdict === "warning") return judged;
    return { ...judged, detail: [state === "cache" ? "in the cache" : "on PATH", remark].filter(Boolean).join("; ") };
  }
  const passed = rejected.map(
    (one) => `; ${one.path} will not do: ${one.version ?? "no release"}, not ${one.expected}`,
  );
  const detail = `${state === "damaged" ? "damaged in the cache" : "not there yet"}: ${sayCost(cost)}${passed.join("")}`;
  return { section, what: `${name} ${version}`, verdict: "warning", detail, cost };
}

async function checkNpm(): Promise<Finding> {
  const [path] = await listOnPath("npm", process.env);
  if (path === undefined) {
    const detail = "not on PATH: needed only to install and update packages";
    return { section, what: "npm", verdict: "warning", detail };
  }
  const version = (await askProgram(path, ["--version"], process.env)).trim();
  return { section, what: `npm ${version}`, verdict: "ok", detail: "on PATH", path };
}

async function checkPython(): Promise<Finding> {
  try {
    const { path, version } = await findPython();
    return judgeProgram("python", version, path);
  } catch (error) {
    return missing("python", error);
  }
}

/** pip brings uv and Go: where both are there, nothing else needs it. */
async function checkPip(tools: readonly FoundTool[]): Promise<Finding> {
  try {
    const { path } = await findPythonWithPip();
    return { section, what: "pip", verdict: "ok", detail: "venv is not needed", path };
  } catch (error) {
    const uses = tools.some(({ name, path }) => path === undefined && (name === "uv" || name === "go"));
    if (uses) return missing("pip", error);
    return { section, what: "pip", verdict: "ok", detail: "not there, and not needed: uv and Go are" };
  }
}

function missing(what: string, error: unknown): Finding {
  if (!(error instanceof StewardError)) throw error;
  const [problem] = error.problems;
  const got = problem?.got === undefined ? "" : ` (got ${problem.got})`;
  return { section, what, verdict: "missing", detail: `${problem?.what}${got}: ${problem?.fix}` };
}

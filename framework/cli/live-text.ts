/**
 * What is live of an entity, for people: a line each. Pure.
 * @module
 */
import type { LiveDataset, LiveEndpoint, LiveModel } from "../engine/entity-status.ts";
import { shortDigest } from "../plan/digest.ts";
import type { LogState } from "./log-state.ts";
import { formatMissing } from "./request-text.ts";
import { formatCount } from "./table.ts";

type Line = readonly [what: string, said: string];

/** What is known of what is live, in aligned lines. `--json` has all of it. @param log of an endpoint. @default it could not be read */
export function formatLive(live: LiveDataset | LiveModel | LiveEndpoint, log?: LogState): readonly string[] {
  const lines = describeLive(live, log);
  const width = Math.max(...lines.map(([what]) => what.length));
  return [...lines.map(([what, said]) => `${what.padEnd(width)}  ${said}`), ...formatMissing(log?.missing ?? [])];
}

function describeLive(live: LiveDataset | LiveModel | LiveEndpoint, log: LogState | undefined): readonly Line[] {
  switch (live.kind) {
    case "dataset":
      return describeDataset(live);
    case "model":
      return describeModel(live);
    case "endpoint":
      return [
        ["address", live.address],
        ["version", `${live.version}, package ${shortDigest(live.package)}`],
        ...(log ? [["log", describeLog(log)] as const] : []),
      ];
  }
}

function describeDataset({ number, root, rows, quarantined, upstream = {}, source }: LiveDataset): readonly Line[] {
  const from = Object.entries(upstream).map(([name, one]) => `${name} ${shortDigest(one)}`);
  return [
    ["version", `${number === undefined ? "" : `${number}, `}root ${shortDigest(root)}`],
    ["rows", rows.toLocaleString("en")],
    ...(quarantined > 0 ? [["quarantine", formatCount(quarantined, "row")] as const] : []),
    ...(from.length > 0 ? [["made from", from.join(", ")] as const] : []),
    ...(source === undefined ? [] : [["source", shortDigest(source)] as const]),
  ];
}

function describeModel({ version, package: digest, evaluation, run, desired }: LiveModel): readonly Line[] {
  // What was released by an older version may not say what it was made from.
  const { datasets = {}, features = {} } = (desired as LiveModel["desired"] | undefined) ?? {};
  const trained = Object.entries(datasets).map(([name, { root }]) => `${name} ${shortDigest(root)}`);
  const sets = Object.keys(features);
  return [
    ["version", `${version}, package ${shortDigest(digest)}`],
    ["evaluation", shortDigest(evaluation)],
    ["run", shortDigest(run)],
    ...(trained.length > 0 ? [["trained on", trained.join(", ")] as const] : []),
    ...(sets.length > 0 ? [["features", sets.join(", ")] as const] : []),
  ];
}

function describeLog({ requests, labels }: LogState): string {
  const said = [formatCount(requests, "request"), ...(labels > 0 ? [formatCount(labels, "label")] : [])];
  return `${said.join(" and ")} in the store`;
}

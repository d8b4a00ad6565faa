/**
 * The lineage of a version for a terminal: what it comes from above it, what was made of it below. Pure.
 * @module
 */
import { escapeHidden } from "../definitions/hidden-text.ts";
import { shortDigest } from "../plan/digest.ts";
import { formatCount, formatTable } from "./table.ts";
import type { VersionLineage } from "./version-lineage.ts";

export function formatLineage(lineage: VersionLineage): string {
  const { dataset, number, root, rows, quarantined, sources, files, fileCount, trainingSets, derived, scored } =
    lineage;
  const lines = [...sources.map(formatSource)];
  const shown = files.map((file) => [
    file.name || "(the source itself)",
    shortDigest(file.fingerprint),
    formatCount(file.rows, "row"),
  ]);
  if (fileCount > 0) lines.push(formatCount(fileCount, "file"), ...formatTable(shown));
  if (fileCount > files.length) lines.push(`  and ${(fileCount - files.length).toLocaleString("en")} more`);
  const name = number === undefined ? dataset : `${dataset}, version ${number}`;
  const apart = quarantined > 0 ? `, ${quarantined.toLocaleString("en")} quarantined` : "";
  lines.push(`→ ${name}, root ${shortDigest(root)}: ${formatCount(rows, "row")}${apart}`);
  for (const one of derived) {
    const version = one.number === undefined ? "" : `, version ${one.number}`;
    lines.push(`  → dataset ${one.dataset}${version}, root ${shortDigest(one.root)}`);
  }
  for (const { identity, job, models } of trainingSets) {
    lines.push(`  → training set ${shortDigest(identity)}${job === undefined ? "" : ` of ${job}`}`);
    for (const { model, version, package: digest } of models)
      lines.push(`    → model ${model}, version ${version} in production, package ${shortDigest(digest)}`);
  }
  for (const one of scored) {
    const by = `version ${one.version} of model ${one.model}, package ${shortDigest(one.package)}`;
    lines.push(`  → scored: ${one.dataset}, root ${shortDigest(one.root)}, by ${by}`);
  }
  if (trainingSets.length + derived.length + scored.length === 0) lines.push("  nothing was made of it");
  return lines.map(escapeHidden).join("\n");
}

function formatSource({ namespace, name, version }: VersionLineage["sources"][number]): string {
  const from = namespace === "file" ? name : `${namespace}${namespace === "npm" ? ":" : "/"}${name}`;
  return `from ${from}${version === undefined ? "" : `, ${shortDigest(version)}`}`;
}

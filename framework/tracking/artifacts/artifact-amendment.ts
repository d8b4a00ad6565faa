/**
 * Artifacts of runs that were sealed: what comes later, or goes, is recorded beside the seal, which keeps what it has.
 * @module
 */
import type { AnySql } from "../database.ts";
import { writeAmendments } from "../runs/amendment.ts";
import { toArtifactUri } from "./artifact-uri.ts";

/** A change of what lies under a path. */
export interface ArtifactChange {
  readonly path: string;
  readonly actor: string;
  /** The digest of what lies there now. @default nothing does any more */
  readonly sha256?: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** Records a change of a sealed run's artifacts; one of another run's, and of what belongs to no run, needs no record. */
export async function amendArtifacts(sql: AnySql, { path, actor, sha256, at }: ArtifactChange): Promise<void> {
  const owner = ownerOf(path);
  if (!owner) return;
  const uri = toArtifactUri(owner.root);
  // Locked, so that a seal that begins meanwhile has the change or leaves it to the record.
  const [run] = await sql<{ seals: number }[]>`
    SELECT seals FROM runs WHERE run_id = ${owner.run} AND artifact_uri = ${uri} FOR NO KEY UPDATE`;
  if (!run || run.seals === 0) return;
  const name = path.slice(owner.root.length + 1);
  const artifact = sha256 === undefined ? { path: name, removed: true } : { path: name, sha256 };
  await writeAmendments(sql, [{ runId: owner.run, actor, what: { artifact } }], at);
}

/** The run that a path would be of by its form, and where its artifacts are: `1/<run>/artifacts`. Pure. */
export function ownerOf(path: string): { readonly run: string; readonly root: string } | undefined {
  const segments = path.split("/");
  const at = segments.indexOf("artifacts", 1);
  const run = segments[at - 1];
  return at > 0 && run !== undefined ? { run, root: segments.slice(0, at + 1).join("/") } : undefined;
}

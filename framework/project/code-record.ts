/**
 * The record of the code that a deploy is made from: its commit, and, in the store, what was not committed.
 * @module
 */
import { formatOf } from "../definitions/format.ts";
import type { CodeState } from "../engine/desired.ts";
import type { Reference } from "../store/reference.ts";
import type { GitState } from "./git-state.ts";

/**
 * Records what git has of a checkout, its patch in the store where there is one.
 *
 * @returns nothing for code that is not under version control
 */
export async function recordCode(
  state: GitState | undefined,
  store: { putJson(value: unknown): Promise<Reference> },
): Promise<CodeState | undefined> {
  if (!state) return undefined;
  const { commit = "", changed, patch, isCut } = state;
  if (changed.length === 0) return { commit };
  const document = { format: formatOf("uncommitted-code"), commit, files: changed, patch, cut: isCut };
  return { commit, uncommitted: { files: changed.length, patch: await store.putJson(document) } };
}

/** `commit 1f2e3d4c5b6a`, `commit 1f2e3d4c5b6a with 3 files not committed`, `not under version control`. */
export function describeCode(code: CodeState | undefined): string {
  if (!code) return "not under version control";
  const commit = code.commit === "" ? "no commit yet" : `commit ${code.commit.slice(0, 12)}`;
  if (!code.uncommitted) return commit;
  const { files } = code.uncommitted;
  return `${commit} with ${files === 1 ? "1 file" : `${files} files`} not committed`;
}

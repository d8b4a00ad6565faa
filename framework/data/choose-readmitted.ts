/**
 * Choosing rows of a version's quarantine to be taken back, and whether they can be.
 * @module
 */
import { type Problem, StewardError } from "../definitions/problem.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { Store } from "../store/store.ts";
import type { DatasetVersion } from "./dataset-version.ts";
import { withDuckDb } from "./duckdb.ts";
import { findUnfit } from "./judge-readmitted.ts";
import { readQuarantine } from "./quarantine.ts";
import type { RowsOfFile } from "./readmission.ts";
import { readVersionFiles } from "./version-files.ts";

/** Which rows: those of a place, those with a reason, or all. */
export type RowChoice =
  | { readonly by: "place"; readonly rows: readonly { readonly file: string; readonly position: number }[] }
  | { readonly by: "reason"; readonly reason: string }
  | { readonly by: "all" };

/** As many rows are chosen at most: a decision is one document. */
const mostRows = 100_000;

export interface ChooseOptions {
  readonly spec: DatasetSpec;
  readonly version: DatasetVersion;
  readonly choice: RowChoice;
  readonly store: Pick<Store, "getJson" | "fetchFile">;
  /** An existing folder, left as it was found. */
  readonly workFolder: string;
}

/** The chosen rows, by their files. @throws StewardError with every row that is not in quarantine, or cannot be taken back */
export async function chooseReadmitted(options: ChooseOptions): Promise<readonly RowsOfFile[]> {
  const { spec, version, choice, store, workFolder } = options;
  const reason = choice.by === "reason" ? { reason: choice.reason } : {};
  const { rows, isMore } = await readQuarantine({ store, version, ...reason, limit: mostRows, workFolder });
  const wanted = choice.by === "place" ? new Set(choice.rows.map(nameRow)) : undefined;
  const chosen = wanted ? rows.filter((row) => wanted.has(nameRow(row))) : rows;
  if (chosen.length === 0 || (wanted && chosen.length < wanted.size) || isMore)
    throw new StewardError(describeMissing(spec, { chosen: chosen.map(nameRow), wanted, isMore }));
  const positions = new Map<string, number[]>();
  for (const { file, position } of chosen) positions.set(file, [...(positions.get(file) ?? []), position]);
  const found: RowsOfFile[] = [];
  const problems: Problem[] = [];
  await withDuckDb(workFolder, async (db) => {
    for await (const file of readVersionFiles(store, version)) {
      const own = positions.get(file.name)?.sort((a, b) => a - b);
      if (!own || !file.quarantine) continue;
      found.push({ file: file.fingerprint, positions: own });
      const quarantine = await store.fetchFile(file.quarantine.object);
      problems.push(...(await findUnfit(db, { spec, file, positions: own }, quarantine)));
    }
  });
  if (problems.length > 0) throw new StewardError(problems);
  return found;
}

function nameRow({ file, position }: { readonly file: string; readonly position: number }): string {
  return file === "" ? String(position) : `${file}:${position}`;
}

interface Missing {
  readonly chosen: readonly string[];
  readonly wanted: ReadonlySet<string> | undefined;
  readonly isMore: boolean;
}

function describeMissing({ name }: DatasetSpec, { chosen, wanted, isMore }: Missing): Problem {
  const shown = `npx steward data quarantine ${name} shows the rows that are`;
  const place = { code: "readmission-refused", at: name } as const;
  if (isMore) {
    const expected = `at most ${mostRows.toLocaleString("en-US")}`;
    return {
      ...place,
      what: "Those are more rows than one decision takes",
      expected,
      fix: "mend the contract instead, or name fewer",
    };
  }
  const missing = [...(wanted ?? [])].filter((row) => !chosen.includes(row));
  if (missing.length === 0) return { ...place, what: "No row in quarantine is as it was named", fix: shown };
  const what = `${missing.length === 1 ? "A row is" : "Rows are"} not in quarantine`;
  return { ...place, what, got: missing.slice(0, 10).join(", "), fix: shown };
}

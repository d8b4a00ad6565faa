/**
 * The profile of a version: those of its parts, merged. A part of an older version of Steward has none; it is profiled then.
 * @module
 */
import { formatOf } from "../../definitions/format.ts";
import type { ColumnSpec } from "../../definitions/spec.ts";
import type { Store } from "../../store/store.ts";
import { mapConcurrently } from "../concurrency.ts";
import type { DatasetVersion } from "../dataset-version.ts";
import { listVersionParts } from "../version-files.ts";
import { mergeProfiles } from "./merge-profiles.ts";
import { type ColumnProfile, type Profile, profileSchema } from "./profile.ts";
import { profilePart } from "./profile-part.ts";

export interface VersionProfile {
  readonly profile: Profile;
  readonly parts: number;
  /** How many parts had no profile, which was made now and is not kept. */
  readonly made: number;
}

/**
 * How many profiles are merged at once: a version may have more parts than fit in memory, and each time that profiles of
 * profiles are merged, ranks may be more unsure.
 */
const atOnce = 256;
/** How many are asked of the store at a time. */
const requests = 16;

export async function profileVersion(
  store: Pick<Store, "getJson" | "fetchFile">,
  version: DatasetVersion,
  options: { readonly signal?: AbortSignal } = {},
): Promise<VersionProfile> {
  const parts = await listVersionParts(store, version);
  const merged = [emptyProfile(version.columns)];
  let made = 0;
  for (let from = 0; from < parts.length; from += atOnce) {
    const some = parts.slice(from, from + atOnce);
    const stored = await mapConcurrently(some, requests, async (part) => {
      options.signal?.throwIfAborted();
      return part.profile && store.getJson(part.profile, profileSchema);
    });
    const profiles: Profile[] = [];
    for (const [index, { object }] of some.entries()) {
      const profile = stored[index];
      if (!profile) made++;
      profiles.push(profile ?? (await profilePart(await store.fetchFile(object), version.columns, options)));
    }
    merged.push(mergeProfiles(profiles));
  }
  return { profile: mergeProfiles(merged), parts: parts.length, made };
}

/** The profile of no rows: it gives columns their order. */
function emptyProfile(columns: readonly ColumnSpec[]): Profile {
  const of = (type: ColumnSpec["type"]): ColumnProfile["values"] => {
    if (type === "boolean") return { kind: "booleans", false: 0, true: 0 };
    return type === "string" ? { kind: "texts", top: [], unlisted: 0 } : { kind: "numbers", all: [] };
  };
  return {
    format: formatOf("dataset-profile"),
    rows: 0,
    columns: columns.map(({ name, type }) => ({ name, type, count: 0, nulls: 0, values: of(type) })),
  };
}

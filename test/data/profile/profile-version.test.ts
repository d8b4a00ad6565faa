/**
 * The profile of a version from those of its parts, kept or not.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DatasetVersion, VersionFile } from "../../../framework/data/dataset-version.ts";
import { copyToParquet, withDuckDb } from "../../../framework/data/duckdb.ts";
import { profilePart } from "../../../framework/data/profile/profile-part.ts";
import { profileVersion } from "../../../framework/data/profile/profile-version.ts";
import type { ColumnSpec } from "../../../framework/definitions/spec.ts";
import { digestOf } from "../../../framework/plan/digest.ts";
import type { Reference } from "../../../framework/store/reference.ts";

const columns: ColumnSpec[] = [
  { name: "t", type: "timestamp", nullable: false, known: "0 seconds" },
  { name: "s", type: "string", nullable: false, known: "0 seconds" },
];
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-profile-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function versionOf(parts: VersionFile["parts"]): DatasetVersion {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const summary = { rows, from: "", to: "" };
  const file = { name: "", fingerprint: "f", identity: "i", parts, ...summary };
  return {
    format: "dataset-version/2",
    dataset: "d",
    columns,
    eventTime: "t",
    key: [],
    fingerprint: "f",
    files: [file],
    ...summary,
  };
}

test("kept profiles are merged without reading their parts; the others are made, and counted", async () => {
  const documents = new Map<string, unknown>();
  const fetched: string[] = [];
  const store = {
    getJson: async <T>(reference: Reference | string, schema: { parse: (value: unknown) => T }) =>
      schema.parse(documents.get(typeof reference === "string" ? reference : reference.sha256)),
    fetchFile: async ({ sha256 }: Reference) => {
      fetched.push(sha256);
      return join(folder, sha256);
    },
  };
  const addPart = async (name: string, rows: number, isKept: boolean): Promise<VersionFile["parts"][number]> => {
    const object = { sha256: digestOf(name), size: 1 };
    const query = `SELECT TIMESTAMP '2024-01-01' + to_days(i::INTEGER) AS t, '${name}' AS s FROM range(${rows}) r(i)`;
    const path = join(folder, object.sha256);
    await withDuckDb(folder, (db) => db.run(copyToParquet(query, path)));
    if (!isKept) return { object, rows };
    const profile = { sha256: digestOf([name]), size: 1 };
    documents.set(profile.sha256, await profilePart(path, columns));
    return { object, rows, profile };
  };
  const [kept, other] = [await addPart("kept", 3, true), await addPart("other", 2, false)];
  const found = await profileVersion(store, versionOf([kept, other]));
  expect(found).toMatchObject({ parts: 2, made: 1 });
  expect(fetched).toEqual([other.object.sha256]);
  expect(found.profile).toMatchObject({
    rows: 5,
    columns: [
      { name: "t", count: 5 },
      {
        name: "s",
        values: {
          top: [
            ["kept", 3],
            ["other", 2],
          ],
          unlisted: 0,
        },
      },
    ],
  });
});

test("a version without rows has its columns", async () => {
  const store = {
    getJson: () => Promise.reject(new Error("none")),
    fetchFile: () => Promise.reject(new Error("none")),
  };
  const { profile } = await profileVersion(store, versionOf([]));
  expect(profile.columns.map(({ name, count, nulls }) => [name, count, nulls])).toEqual([
    ["t", 0, 0],
    ["s", 0, 0],
  ]);
});

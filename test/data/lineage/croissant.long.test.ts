import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { copyToParquet, withDuckDb } from "../../../framework/data/duckdb.ts";
import { composeCroissant } from "../../../framework/data/lineage/croissant.ts";
import { locateObject } from "../../../framework/data/lineage/place.ts";
import { digestFile } from "../../../framework/store/digest-file.ts";
import { usePythonPackages } from "../../support/python-packages.ts";
import { exampleFile, exampleVersion } from "./versions.ts";

const run = promisify(execFile);

/** Reads the records, and prints each as JSON. */
const loading = `
import json, sys, mlcroissant
for record in mlcroissant.Dataset(jsonld=sys.argv[1]).records("rows"):
    print(json.dumps(record, default=lambda value: value.decode() if isinstance(value, bytes) else str(value)))
`;

const validating = "from mlcroissant.scripts.cli import main; main()";

const place = { jobNamespace: "shop/local", datasetNamespace: "s3://steward" };

const given = usePythonPackages("mlcroissant", join(import.meta.dirname, "mlcroissant.lock"));

/** A version of parts that lie here, as a file. */
async function writeCroissant(name: string, parts: readonly string[], isLocated = true): Promise<string> {
  const objects = await Promise.all(parts.map(digestFile));
  const file = { ...exampleFile("a.csv", []), parts: objects.map((object) => ({ object, rows: 1 })) };
  const document = composeCroissant({ ...exampleVersion(), files: [file] }, place);
  const path = join(given.folder, `${name}.json`);
  // The loader has no account with the store: it finds there what lies here.
  const text = objects.reduce(
    (text, { sha256 }, index) => text.replace(locateObject(place, sha256), parts[index] ?? ""),
    JSON.stringify(document),
  );
  await writeFile(path, isLocated ? text : JSON.stringify(document));
  return path;
}

it("a version is valid to mlcroissant, without a complaint, and one of a single part is loaded by it", async ({
  skip,
}) => {
  const { folder, python, missing } = given;
  if (python === undefined) return skip(missing);
  const parts = ["one", "two"].map((name) => join(folder, `${name}.parquet`));
  await withDuckDb(folder, async (db) => {
    for (const [amount, path] of parts.entries()) {
      const values = `${amount}::BIGINT AS amount, 'x' AS "odd, name/ü", 0.5::DOUBLE AS share, true AS open`;
      await db.run(copyToParquet(`SELECT TIMESTAMP '2024-01-01 12:00' AS t, ${values}`, path));
    }
  });
  const env = { ...process.env, CROISSANT_CACHE: join(folder, "cache"), HOME: folder };
  const paths = [
    await writeCroissant("as-kept", parts, false),
    await writeCroissant("of-2", parts),
    await writeCroissant("of-1", parts.slice(1)),
  ];
  for (const path of paths) {
    const { stderr } = await run(python, ["-c", validating, "validate", "--jsonld", path], { env });
    expect(stderr).toMatch(/Done/);
    expect(stderr).not.toMatch(/warning|error/i);
  }
  const { stdout } = await run(python, ["-c", loading, join(folder, "of-1.json")], { env });
  expect(JSON.parse(stdout)).toEqual({
    "rows/t": "2024-01-01 12:00:00",
    "rows/amount": 1,
    "rows/odd%2C%20name%2F%C3%BC": "x",
    "rows/share": 0.5,
    "rows/open": true,
  });
});

it("a version whose fields come from nowhere is not valid to it", async ({ skip }) => {
  const { folder, python, missing } = given;
  if (python === undefined) return skip(missing);
  const path = join(folder, "wrong.json");
  const document = composeCroissant(exampleVersion(), place);
  await writeFile(path, JSON.stringify({ ...document, distribution: [] }));
  await expect(run(python, ["-c", validating, "validate", "--jsonld", path])).rejects.toThrow(/parts/);
});

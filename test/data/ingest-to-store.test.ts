import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { datasetVersionSchema } from "../../framework/data/dataset-version.ts";
import { withDuckDb } from "../../framework/data/duckdb.ts";
import { fingerprintSource } from "../../framework/data/fingerprint.ts";
import { ingest } from "../../framework/data/ingest.ts";
import { profileSchema } from "../../framework/data/profile/profile.ts";
import { quotePath } from "../../framework/data/sql.ts";
import { listVersionParts } from "../../framework/data/version-files.ts";
import { useStore } from "../support/test-store.ts";
import { testSpec } from "./ingesting.ts";

const given = useStore();

it("an ingested version is read from the store by its root alone", async () => {
  const { store, folder } = given;
  const location = join(folder, "things.csv");
  await writeFile(location, "t,amount\n2024-01-02,2\n2024-01-01,1\n2024-01-03,many\n");
  const fingerprint = await fingerprintSource(location, { cacheFolder: join(folder, "fingerprints") });
  const spec = testSpec([{ name: "amount", type: "integer" }]);
  const { root } = await ingest({ spec, location, fingerprint, store, workFolder: folder });

  const version = await store.getJson(root, datasetVersionSchema);
  expect(version).toMatchObject({ dataset: "things", rows: 2, fingerprint, quarantined: { rows: 1 } });
  const parts = await listVersionParts(store, version);
  const files = await Promise.all(parts.map(({ object }) => store.fetchFile(object)));
  const row = z.object({ t: z.string(), amount: z.coerce.number() });
  const query = `FROM read_parquet([${files.map(quotePath).join(", ")}])`;
  expect(await withDuckDb(folder, (db) => db.rows(query, row))).toEqual([
    { t: "2024-01-01 00:00:00", amount: 1 },
    { t: "2024-01-02 00:00:00", amount: 2 },
  ]);
  const profiles = await Promise.all(parts.map(({ profile }) => profile && store.getJson(profile, profileSchema)));
  expect(profiles).toMatchObject([{ rows: 2, columns: [{ name: "t" }, { name: "amount", count: 2, nulls: 0 }] }]);
});

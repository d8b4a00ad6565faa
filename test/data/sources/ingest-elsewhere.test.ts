import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import type { DatasetVersion } from "../../../framework/data/dataset-version.ts";
import { type Ingested, ingest } from "../../../framework/data/ingest.ts";
import type { SourceListing } from "../../../framework/data/source-files.ts";
import { listFiles } from "../../../framework/data/sources/list-files.ts";
import { describeSource } from "../../../framework/definitions/source-location.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { csv, http, input, s3 } from "../../../framework/index.ts";
import { useStore } from "../../support/test-store.ts";
import { testSpec } from "../ingesting.ts";
import { say, startServer } from "./serving.ts";

const given = useStore();
afterEach(() => vi.unstubAllEnvs());

const rows: Record<string, string> = {
  "a.csv": "t,amount\n2024-01-01,1\n2024-01-02,2\n",
  "b.csv": "t,amount\n2024-02-01,3\n2024-02-02,many\n",
  "2024/c.csv": "t,amount\n2024-03-01,4\n",
};

const specOf = (source: DatasetSpec["source"]): DatasetSpec =>
  testSpec([{ name: "amount", type: "integer" }], { source });

/** Ingests a source as a worker does, and says which files were fetched for it. */
async function take(spec: DatasetSpec, base?: string): Promise<Ingested & { fetched: string[] }> {
  const { store, connection } = given;
  const workFolder = join(given.folder, "work");
  await mkdir(workFolder, { recursive: true });
  const location = describeSource(spec.source);
  const inputs = { access: connection.accessKey, secret: connection.secretKey };
  const fetched: string[] = [];
  const list = async (): Promise<SourceListing> => {
    const listing = await listFiles({ spec, location, inputs, store, base: [], workFolder });
    const files = listing.files.map((file) => {
      if (!("fetch" in file)) return file;
      const fetch: typeof file.fetch = (...options) => {
        fetched.push(file.name);
        return file.fetch(...options);
      };
      return { ...file, fetch };
    });
    return { ...listing, files };
  };
  const ingested = await ingest({ spec, location, list, store, workFolder, base });
  expect(await readdir(workFolder)).toEqual([]);
  return { ...ingested, fetched };
}

const partsOf = ({ files = [] }: DatasetVersion) =>
  files.map(({ name, rows, parts, quarantine }) => ({
    name,
    rows,
    parts: parts.map(({ object }) => object.sha256),
    quarantine: quarantine?.object.sha256,
  }));

it("objects of a bucket become what files of the same bytes do, and only those that changed are fetched again", async () => {
  const { client, connection, folder } = given;
  const bucket = "elsewhere";
  await client.makeBucket(bucket);
  for (const [name, text] of Object.entries(rows)) {
    await mkdir(join(folder, "here", "2024"), { recursive: true });
    await writeFile(join(folder, "here", name), text);
    await client.putObject(bucket, `rows/${name}`, text);
  }
  const here = join(folder, "here", "**", "*.csv");
  const local = await ingest({
    spec: specOf({ kind: "file", format: "csv", path: here }),
    location: here,
    store: given.store,
    workFolder: folder,
  });
  const credentials = { accessKey: input("access"), secretKey: input("secret") };
  const spec = specOf(csv(s3(`s3://${bucket}/rows/**/*.csv`, { endpoint: connection.endpoint, credentials })));

  const first = await take(spec);
  expect(first.fetched.sort()).toEqual(["2024/c.csv", "a.csv", "b.csv"]);
  expect(partsOf(first.version)).toEqual(partsOf(local.version));
  expect(first.version).toMatchObject({ rows: 4, quarantined: { rows: 1 } });

  expect(await take(spec, first.root)).toMatchObject({ root: first.root, fetched: [] });
  await client.putObject(bucket, "rows/b.csv", "t,amount\n2024-02-01,30\n");
  await client.putObject(bucket, "rows/a.csv", rows["a.csv"] ?? "");
  const second = await take(spec, first.root);
  expect(second.fetched).toEqual(["b.csv"]);
  expect(second.root).toBe((await take(spec)).root);
});

it("what a server gives becomes the version that a file of the same bytes does, and is fetched again when it changed", async () => {
  const { folder, store } = given;
  vi.stubEnv("STEWARD_CACHE", join(folder, "cache"));
  const [one = "", two = ""] = Object.values(rows);
  const server = await startServer(say(200, { etag: '"1"' }, one), say(304), say(200, { etag: '"2"' }, two));
  try {
    const location = join(folder, "one.csv");
    await writeFile(location, one);
    const local = await ingest({
      spec: specOf({ kind: "file", format: "csv", path: location }),
      location,
      store,
      workFolder: folder,
    });
    const spec = specOf(csv(http(`${server.origin}/one.csv`)));

    const first = await take(spec);
    expect(first).toMatchObject({ root: local.root, fetched: [""] });
    expect(await take(spec, first.root)).toMatchObject({ root: first.root, fetched: [] });
    const second = await take(spec, first.root);
    expect(second.fetched).toEqual([""]);
    expect(second.version).toMatchObject({ rows: 1, quarantined: { rows: 1 } });
    expect(server.asked).toHaveLength(3);
  } finally {
    await server.end();
  }
});

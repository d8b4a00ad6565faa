import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { datasetVersionSchema } from "../../../framework/data/dataset-version.ts";
import { withDuckDb } from "../../../framework/data/duckdb.ts";
import { fingerprintSource } from "../../../framework/data/fingerprint.ts";
import { type Ingested, ingest } from "../../../framework/data/ingest.ts";
import type { Progress } from "../../../framework/data/progress.ts";
import { describeVersion } from "../../../framework/data/show-version.ts";
import { listFiles } from "../../../framework/data/sources/list-files.ts";
import { quotePath } from "../../../framework/data/sql.ts";
import { listVersionParts } from "../../../framework/data/version-files.ts";
import { resolveProject } from "../../../framework/definitions/resolve-project.ts";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import { csv, dataset, derived, project } from "../../../framework/index.ts";
import { useStore } from "../../support/test-store.ts";

const given = useStore();

const flights = dataset("flights", {
  owner: "ops-data",
  schema: z.object({ date: z.date(), origin: z.string(), delay: z.int().nullable().meta({ known: "6 hours" }) }),
  eventTime: "date",
  source: csv("flights.csv"),
});
const airports = dataset("airports", {
  owner: "ops-data",
  schema: z.object({ since: z.date(), code: z.string(), city: z.string() }),
  eventTime: "since",
  key: ["code"],
  source: csv("airports.csv"),
});
const clean = dataset("clean", {
  owner: "ops-data",
  schema: z.object({
    date: z.date(),
    city: z.string().nullable(),
    delay: z.int().max(100).meta({ known: "6 hours" }),
    late: z.boolean().meta({ known: "6 hours" }),
  }),
  eventTime: "date",
  source: derived(flights, (rows) =>
    rows
      .impute({ delay: "median" })
      .derive((row) => ({ late: row.delay.gt(15) }))
      .join(airports, { by: (row) => ({ code: row.origin }), take: (airport) => ({ city: airport.city }) }),
  ),
  contract: { violations: "quarantine", tolerance: 0.5 },
});
const lateOnes = dataset("late-ones", {
  owner: "ops-data",
  schema: z.object({ date: z.date(), delay: z.int().meta({ known: "6 hours" }) }),
  eventTime: "date",
  source: derived(clean, (rows) => rows.filter((row) => row.late)),
});

const { definitions } = resolveProject(project("shop", { definitions: [lateOnes, clean, airports, flights] }), "local");
const specOf = (name: string) => definitions.find((spec) => spec.name === name) as DatasetSpec;

async function takeFile(name: string, content: string): Promise<string> {
  const location = join(given.folder, `${name}-${given.prefix}.csv`);
  await writeFile(location, content);
  const { store, folder } = given;
  const fingerprint = await fingerprintSource(location, { cacheFolder: join(folder, "fingerprints") });
  return (await ingest({ spec: specOf(name), location, fingerprint, store, workFolder: folder })).root;
}

async function derive(
  name: string,
  upstream: Readonly<Record<string, string>>,
  { base, onProgress }: { base?: string; onProgress?: (progress: Progress) => void } = {},
): Promise<Ingested> {
  const { store, folder } = given;
  const spec = specOf(name);
  const access = { spec, location: "", inputs: {}, store, base: [], upstream, workFolder: folder };
  const list = () => listFiles(access);
  return ingest({ spec, location: "", list, store, workFolder: folder, base, onProgress });
}

async function readRows(root: string): Promise<unknown[]> {
  const { store, folder } = given;
  const parts = await listVersionParts(store, await store.getJson(root, datasetVersionSchema));
  const files = await Promise.all(parts.map(({ object }) => store.fetchFile(object)));
  const query = `FROM read_parquet([${files.map(quotePath).join(", ")}])`;
  return withDuckDb(folder, (db) => db.rows(query, z.record(z.string(), z.unknown())));
}

const someFlights = "date,origin,delay\n2024-01-01,SEA,10\n2024-01-02,JFK,\n2024-01-03,SEA,20\n2024-01-04,SEA,400\n";
const someAirports = "since,code,city\n2023-01-01,SEA,Seattle\n2024-01-03,SEA,Greater Seattle\n";

it("a derived version is taken in like any other: under its contract, with what was fitted", async () => {
  const upstream = {
    flights: await takeFile("flights", someFlights),
    airports: await takeFile("airports", someAirports),
  };
  const phases = new Set<string>();
  const { root, version } = await derive("clean", upstream, { onProgress: ({ phase }) => phases.add(phase) });

  expect(await readRows(root)).toEqual([
    { date: "2024-01-01 00:00:00", city: "Seattle", delay: "10", late: false },
    { date: "2024-01-02 00:00:00", city: null, delay: "20", late: true },
    { date: "2024-01-03 00:00:00", city: "Greater Seattle", delay: "20", late: true },
  ]);
  expect(version.quarantined).toMatchObject({ rows: 1, reasons: [{ column: "delay" }] });
  const fitted = [{ step: 0, column: "delay", by: "median", values: [20] }];
  expect(version.files).toMatchObject([{ name: "", fitted }]);
  expect(await describeVersion(given.store, version, 1)).toMatchObject({ files: [{ fitted }] });
  expect([...phases]).toEqual(expect.arrayContaining(["fetching", "deriving", "reading"]));
});

it("unchanged, it is the same version, and nothing is derived again", async () => {
  const upstream = {
    flights: await takeFile("flights", someFlights),
    airports: await takeFile("airports", someAirports),
  };
  const first = await derive("clean", upstream);
  const phases = new Set<string>();
  const second = await derive("clean", upstream, { base: first.root, onProgress: ({ phase }) => phases.add(phase) });
  expect(second.root).toBe(first.root);
  expect([...phases]).toEqual([]);
  expect((await derive("clean", upstream)).root).toBe(first.root);
});

it("with a changed dataset before it, it is another, and so is what is derived from it", async () => {
  const [before, after] = [someFlights, `${someFlights}2024-01-05,SEA,50\n`];
  const there = await takeFile("airports", someAirports);
  const [first, second] = [
    await derive("clean", { flights: await takeFile("flights", before), airports: there }),
    await derive("clean", { flights: await takeFile("flights", after), airports: there }),
  ];
  expect(second.version.rows).toBe(4);
  expect(second.version.fingerprint).not.toBe(first.version.fingerprint);
  const late = [await derive("late-ones", { clean: first.root }), await derive("late-ones", { clean: second.root })];
  expect(late.map(({ version }) => version.rows)).toEqual([2, 3]);
});

it("nothing is derived from what came without its version", async () => {
  await expect(derive("clean", {})).rejects.toThrow(
    '"clean" is derived from "flights", which came without its version',
  );
});

it("nothing is derived without the programs of its steps", async () => {
  const step = { step: "python", file: "a.py", lock: "a.lock" } as const;
  const spec: DatasetSpec = { ...specOf("clean"), source: { kind: "derived", from: ["flights"], steps: [step] } };
  const access = { spec, location: "", inputs: {}, store: given.store, base: [], workFolder: given.folder };
  await expect(listFiles({ ...access, upstream: { flights: "root" } })).rejects.toThrow("0 of 1");
});

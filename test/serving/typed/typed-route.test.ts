import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { datasetVersionSchema } from "../../../framework/data/dataset-version.ts";
import type { EndpointSpec } from "../../../framework/definitions/spec.ts";
import { formatTime } from "../../../framework/features/microseconds.ts";
import { fillTables } from "../../../framework/features/online/fill-tables.ts";
import { openLmdbStore } from "../../../framework/features/online/lmdb-store.ts";
import { readServingSpecs } from "../../../framework/features/online/serving-plan.ts";
import { type ModelServer, startServer } from "../../../framework/serving/server.ts";
import { useStore } from "../../support/test-store.ts";
import { readRecords } from "../segments.ts";
import { eventually } from "../storm-model.ts";
import {
  endpoint,
  type GivenFlights,
  model,
  moment,
  readExamples,
  readFlights,
  releaseFlights,
  routes,
} from "./given-flights.ts";

const given = useStore();
let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const place = () => join(given.folder, `online-${given.prefix}`);
const segments = () => join(given.folder, `segments-${given.prefix}`);

async function start(online?: EndpointSpec["online"], pii?: EndpointSpec["pii"]): Promise<number> {
  server = await startServer({
    endpoint,
    model,
    store: given.store,
    openOnline: async () => openLmdbStore({ folder: place(), readOnly: true }),
    online,
    pii,
    logKey: "07".repeat(32),
    segmentFolder: segments(),
    log: { requests: "all", durability: "disk" },
    port: 0,
    pollMilliseconds: 5,
  });
  return server.port;
}

async function fill({ package: digest, roots }: GivenFlights, asOf: bigint | "latest-event" = moment): Promise<void> {
  const specs = await readServingSpecs(given.store, digest);
  if (!specs) throw new Error("the package has a plan");
  await using online = openLmdbStore({ folder: place() });
  await fillTables(specs, { objects: given.store, roots, online, asOf, workFolder: given.folder });
}

type Values = Readonly<Record<string, number | string | boolean | null>>;
interface Answer {
  readonly error?: string;
  readonly problems?: unknown;
  readonly value?: number;
  readonly features?: Values;
  readonly rows?: readonly { readonly value: number; readonly features: Values }[];
  readonly model?: { readonly version: string };
  readonly freshnessSeconds?: number;
  readonly tables?: readonly { readonly table: string; readonly reasons: Readonly<Record<string, number>> }[];
}

async function predict(port: number, body: unknown, path = `/${endpoint}/predict?explain=features`) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer };
}

const time = new Date(Number(moment / 1000n)).toISOString();
const flight = { id: 9, origin: "JFK", carrier: "C1", distance: 1000, time };

/** Equal but for what sums of fractions may differ by that are not added up from the same row on. */
function expectSame(found: Values, expected: Values, inexact: ReadonlySet<string>): void {
  for (const [name, value] of Object.entries(expected)) {
    // Slices are for evaluation alone.
    if (name.startsWith("__")) continue;
    // Tables hold truths as numbers.
    const got = typeof found[name] === "boolean" ? Number(found[name]) : (found[name] ?? null);
    if (!inexact.has(name) || value === null) expect([name, got]).toEqual([name, value]);
    else expect(Math.abs(Number(got) - Number(value))).toBeLessThanOrEqual(64 * Number.EPSILON * 100);
  }
}

describe("the tables of a package", () => {
  it("are of the latest event of the requests' own dataset, where that is declared", async () => {
    const flights = await releaseFlights(given.store, given.folder);
    const version = await given.store.getJson(flights.roots["flights"] ?? "", datasetVersionSchema);
    const to = "2024-01-05T06:07:08.000009Z";
    const { sha256 } = await given.store.putJson({ ...version, to });
    await fill({ ...flights, roots: { ...flights.roots, flights: sha256 } }, "latest-event");
    await using online = openLmdbStore({ folder: place(), readOnly: true });
    const tables = await online.list();
    expect(tables.length).toBeGreaterThan(1);
    for (const table of tables) {
      const asOf = (await online.status(table))?.asOf ?? 0n;
      expect(formatTime(asOf)).toBe(to);
    }
  });
});

describe("the typed route", () => {
  it("gives every example at the moment of the materialisation the features that training gave it", async () => {
    const flights = await releaseFlights(given.store, given.folder);
    await fill(flights);
    const examples = await readExamples(given.store, given.folder, flights.trainingSet);
    const asked = (await readFlights(given.folder)).filter(({ id }) => examples.has(Number(id)));
    expect(asked.length).toBeGreaterThanOrEqual(100);
    const port = await start();
    const { status, body } = await predict(port, { rows: asked.map((row) => ({ ...row, time })) });
    expect(body.error).toBeUndefined();
    expect(status).toBe(200);
    const inexact = new Set(["lateness", "spread", "above"]);
    const seen = new Map<string, Set<unknown>>();
    for (const [i, { id }] of asked.entries()) {
      const found = body.rows?.[i]?.features ?? {};
      expectSame(found, examples.get(Number(id)) ?? {}, inexact);
      for (const [name, value] of Object.entries(found)) seen.set(name, (seen.get(name) ?? new Set()).add(value));
    }
    // The examples tell something: more than one value of each feature but the hour, and missing ones of the joined set.
    for (const [name, values] of seen) if (name !== "hour") expect([name, values.size > 1]).toEqual([name, true]);
    expect(seen.get("wind")).toContain(null);
    expect(seen.get("flown")).toContain(0);
    // One row is answered as it is among others.
    const [first] = asked;
    const alone = await predict(port, { ...first, time });
    expect(alone.body.features).toEqual(body.rows?.[0]?.features);
    expect(alone.body.value).toBe(body.rows?.[0]?.value);
    expect(alone.headers.get("steward-freshness-seconds")).toBe(String(alone.body.freshnessSeconds));
    const records = await readRecords(segments());
    expect(records.at(-1)).toMatchObject({
      endpoint,
      version: "1",
      package: flights.package,
      request: { id: [first?.["id"]], time: [time] },
      inputs: { flown: [alone.body.features?.["flown"]] },
      outputs: { value: [alone.body.value] },
    });
  });

  it("works without an online store where a request has all that features read", async () => {
    const own = { ...routes, columns: routes.columns.slice(0, 4) };
    await releaseFlights(given.store, given.folder, { sets: [own] });
    const port = await start();
    const { carrier: _carrier, time: _time, ...row } = flight;
    const { status, body, headers } = await predict(port, row, `/${endpoint}/predict`);
    expect([status, body]).toEqual([
      200,
      { id: expect.any(String), value: expect.any(Number), model: expect.any(Object) },
    ]);
    expect(headers.get("steward-freshness-seconds")).toBeNull();
    const explained = await predict(port, { ...row, time: "2024-01-02T03:30:00+01:00" });
    expect(explained.body.features).toEqual({ id: 9, hour: 2, far: true, origin: "JFK" });
    const problem = await predict(port, {
      rows: [
        { ...row, far: true },
        { id: "x", origin: "JFK", distance: 1 },
      ],
    });
    expect(problem).toMatchObject({
      status: 400,
      body: {
        problems: [
          { row: 0, column: "far", what: "there is no such column" },
          { row: 1, column: "id", what: "the value does not fit", got: '"x"', expected: "an integer or null" },
        ],
      },
    });
    expect((await predict(port, row, "/other/predict")).status).toBe(404);
    expect((await predict(port, row, `/${endpoint}/predict?explain=all`)).status).toBe(400);
  });

  it("does not say back what its endpoint says is of persons", async () => {
    await releaseFlights(given.store, given.folder, { sets: [{ ...routes, columns: routes.columns.slice(0, 4) }] });
    const port = await start(undefined, { request: { id: "hash", distance: "plain", origin: "plain" }, inputs: {} });
    const { status, body } = await predict(port, { id: "customer-1", origin: "JFK", distance: "far" });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).not.toContain("customer-1");
    expect(body.problems).toMatchObject([{ column: "id" }, { column: "distance", got: '"far"' }]);
  });

  it("waits for the features of a new version, and answers with the one before meanwhile", async () => {
    const own = { ...routes, columns: routes.columns.slice(0, 4) };
    await releaseFlights(given.store, given.folder, { sets: [own] });
    const port = await start();
    const { carrier, ...row } = flight;
    const version = async (body: object) => (await predict(port, body)).body.model?.version;
    expect(await version(row)).toBe("1");
    const next = await releaseFlights(given.store, given.folder, { version: 2 });
    const live = async () => (await (await fetch(`http://127.0.0.1:${port}/v2/models/${model}`)).json()) as object;
    await eventually(live).toMatchObject({ versions: ["2"] });
    expect(await version(row)).toBe("1");
    await fill(next);
    await eventually(() => version({ ...row, carrier })).toBe("2");
    // No request of the old version's columns is taken any more.
    expect((await predict(port, row)).status).toBe(400);
  });

  it("says why nobody answers yet", async () => {
    const port = await start();
    expect((await predict(port, flight)).body.error).toBe("no version is loaded yet");
    await releaseFlights(given.store, given.folder);
    const why = async () => (await predict(port, flight)).body.error;
    await eventually(why).toBe("the features of version 1 are not in the online store yet");
  });

  it.each<[string, EndpointSpec["online"], number, Values | undefined]>([
    ["null by default", { maxAge: "1 hour" }, 200, { flown: null, lateness: null, wind: null, foggy: null, hour: 0 }],
    [
      "what is declared, and null for the rest",
      { maxAge: "1 hour", otherwise: { flown: 12, sky: "fog", foggy: true } },
      200,
      { flown: 12, lateness: null, wind: null, sky: "fog", foggy: true, far: true },
    ],
    ["a refusal where that is declared", { maxAge: "1 hour", otherwise: "error" }, 503, undefined],
    ["what is there, if it may be of any age", {}, 200, { flown: 40, wind: 0, foggy: true }],
  ])("serves for stale features %s", async (_name, online, status, expected) => {
    await fill(await releaseFlights(given.store, given.folder));
    const port = await start(online);
    const answer = await predict(port, flight);
    expect(answer.status).toBe(status);
    if (expected) expect(answer.body.features).toMatchObject(expected);
    else expect(answer.body.error).toBe("the rows of the online store are too old to be served");
  });

  it("serves empty windows of an entity without rows, and what is declared of a set that has none", async () => {
    await fill(await releaseFlights(given.store, given.folder));
    const port = await start({ otherwise: { wind: 3.5, flown: 99 } });
    const { body } = await predict(port, { ...flight, origin: "NEW" });
    expect(body.features).toMatchObject({ flown: 0, lateness: null, above: null, wind: 3.5, sky: null });
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toMatch(/^steward_online_lookups_total\{table="conditions\.[0-9a-f]+",reason="absent"\} 1$/m);
    expect(text).toMatch(/^steward_online_lookups_total\{table="flights\.[0-9a-f]+",reason="fresh"\} 1$/m);
    expect(text).toMatch(/^steward_online_freshness_seconds\{table="conditions\.[0-9a-f]+"\} [0-9.]+$/m);
    expect(text).toMatch(/^steward_requests_total\{route="predict",status="200"\} 1$/m);
  });

  it("goes on with what is there when whoever fills the store is killed, and takes what is filled after", async () => {
    const flights = await releaseFlights(given.store, given.folder);
    await fill(flights);
    const port = await start();
    const { features: before, freshnessSeconds: freshness = 0 } = (await predict(port, flight)).body;
    const program = fileURLToPath(new URL("./filler.ts", import.meta.url));
    const startFiller = (asOf: bigint) => {
      const told = JSON.stringify({ connection: given.connection, prefix: given.prefix, cache: given.folder });
      const roots = JSON.stringify(flights.roots);
      return spawn(process.execPath, [program, told, flights.package, place(), roots, String(asOf)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
    };
    const kill = async (child: ReturnType<typeof startFiller>) => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    };
    for (const pause of [0, 40, 120]) {
      const child = startFiller(moment);
      await once(child.stdout, "data");
      await sleep(pause);
      await kill(child);
      const { status, body } = await predict(port, flight);
      expect([status, body.features]).toEqual([200, before]);
    }
    const child = startFiller(moment - 24n * 3_600_000_000n);
    await eventually(async () => (await predict(port, flight)).body.freshnessSeconds).toBeGreaterThan(
      freshness + 80_000,
    );
    await kill(child);
  });
});

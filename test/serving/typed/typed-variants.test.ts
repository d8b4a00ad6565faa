import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { fillTables } from "../../../framework/features/online/fill-tables.ts";
import { openLmdbStore } from "../../../framework/features/online/lmdb-store.ts";
import type { OnlineStore } from "../../../framework/features/online/online-store.ts";
import { readServingSpecs } from "../../../framework/features/online/serving-plan.ts";
import { modelPackageSchema } from "../../../framework/models/model-package.ts";
import { LiveModel } from "../../../framework/serving/live-model.ts";
import { type ModelServer, startServer } from "../../../framework/serving/server.ts";
import { ServingModels } from "../../../framework/serving/typed/serving-model.ts";
import { assignVariant } from "../../../framework/serving/variants/assignment.ts";
import { evidenceSchema } from "../../../framework/serving/variants/evidence.ts";
import { LiveVariants } from "../../../framework/serving/variants/live-variants.ts";
import { routingRefName, type Variant } from "../../../framework/serving/variants/routing.ts";
import { VariantCounts } from "../../../framework/serving/variants/variant-counts.ts";
import { useStore } from "../../support/test-store.ts";
import { readRecords } from "../segments.ts";
import { eventually } from "../storm-model.ts";
import { askAll } from "../variants/given-routing.ts";
import { endpoint, type GivenFlights, model, moment, releaseFlights, routes } from "./given-flights.ts";

const given = useStore();
let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const place = () => join(given.folder, `online-${given.prefix}`);
const segments = () => join(given.folder, `segments-${given.prefix}`);
const salt = "typed";

async function start(unitColumn?: string): Promise<number> {
  server = await startServer({
    unitColumn,
    endpoint,
    model,
    store: given.store,
    openOnline: async () => openLmdbStore({ folder: place(), readOnly: true }),
    segmentFolder: segments(),
    log: { requests: "all", durability: "disk" },
    port: 0,
    pollMilliseconds: 5,
  });
  return server.port;
}

/** Releases a version whose features are those of the routes at these places: `id`, `hour`, `far`, `origin`, `flown`, … */
function releaseOf(version: number, from: number, to: number): Promise<GivenFlights> {
  const sets = [{ ...routes, columns: routes.columns.slice(from, to) }];
  return releaseFlights(given.store, given.folder, { sets, version });
}

async function fill({ package: digest, roots }: GivenFlights): Promise<void> {
  const specs = await readServingSpecs(given.store, digest);
  if (!specs) throw new Error("the package has a plan");
  await using online = openLmdbStore({ folder: place() });
  await fillTables(specs, { objects: given.store, roots, online, asOf: moment, workFolder: given.folder });
}

const describeAs = (name: string, version: number, { package: digest }: GivenFlights): Omit<Variant, "weight"> => ({
  name,
  model,
  version,
  package: digest,
});

async function route(generation: number, variants: readonly Variant[]): Promise<void> {
  const value = { format: "routing/1", generation, salt, variants: variants.map((one) => ({ ...one })) };
  await given.store.moveRef(routingRefName(endpoint), { generation, value });
}

const flight = { id: 9, origin: "JFK", distance: 1000 };

async function predict(port: number, unit?: string, body: object = flight) {
  const answer = await fetch(`http://127.0.0.1:${port}/${endpoint}/predict?explain=features`, {
    method: "POST",
    headers: unit === undefined ? {} : { "steward-unit": unit },
    body: JSON.stringify(body),
  });
  const json = (await answer.json()) as { error?: string; model?: { variant?: string }; features?: object };
  return { status: answer.status, header: answer.headers.get("steward-variant"), body: json };
}

const get = async (port: number, path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).json();

describe("the typed route of an endpoint with several variants", () => {
  it("computes for each variant its own features, and asks unseen ones once theirs are there", async () => {
    const champion = await releaseOf(1, 0, 4);
    const canary = await releaseOf(2, 0, 3);
    const shadow = await releaseOf(3, 0, 5);
    const split = [
      { ...describeAs("champion", 1, champion), weight: 5000 },
      { ...describeAs("canary", 2, canary), weight: 5000 },
    ];
    await route(1, [...split, { ...describeAs("shadow", 3, shadow), weight: 0, mirror: 10_000 }]);
    const port = await start();
    const units = Array.from({ length: 12 }, (_, i) => `u${i}`);
    const expected = (unit: string) => assignVariant({ salt, variants: split }, unit)?.name ?? "";
    for (const unit of units) {
      const { status, header, body } = await predict(port, unit);
      const name = expected(unit);
      expect([status, header, body.model?.variant]).toEqual([200, name, name]);
      const features = name === "canary" ? ["id", "hour", "far"] : ["id", "hour", "far", "origin"];
      expect(Object.keys(body.features ?? {})).toEqual(features);
    }
    expect(new Set(units.map(expected)).size).toBe(2);
    const records = await readRecords(segments());
    expect(records.map(({ unit, variant, routing }) => [unit, variant, routing])).toEqual(
      units.map((unit) => [unit, expected(unit), 1]),
    );
    const compared = async () => evidenceSchema.parse(await get(port, `/${endpoint}/variants`)).variants[2]?.compared;
    // Its windows are not there yet: it is asked nothing, and keeps nobody waiting.
    await eventually(compared).toMatchObject({ rows: 0, failed: 0, skipped: 12 });
    await fill(shadow);
    await eventually(async () => {
      await predict(port, "u0");
      return (await compared())?.rows;
    }).toBeGreaterThan(0);
    const all = await readRecords(segments());
    const unseen = all.find((record) => record["shadow"]);
    expect(unseen).toMatchObject({ variant: "shadow", version: "3", inputs: { origin: ["JFK"], flown: [40] } });
    expect(unseen?.["request"]).toEqual(all.find(({ id }) => id === unseen?.["of"])?.["request"]);
  });

  it("goes by the unit that a column of the request names, unless its head names one", async () => {
    const control = await releaseOf(1, 0, 4);
    const treatment = await releaseOf(2, 0, 3);
    const arms = [
      { ...describeAs("control", 1, control), weight: 5000 },
      { ...describeAs("treatment", 2, treatment), weight: 5000 },
    ];
    await route(1, arms);
    const port = await start("id");
    const expected = (unit: string) => assignVariant({ salt, variants: arms }, unit)?.name;
    const ids = Array.from({ length: 8 }, (_, i) => i);
    for (const id of ids) {
      const { header } = await predict(port, undefined, { ...flight, id });
      expect(header).toBe(expected(String(id)));
    }
    expect(new Set(ids.map((id) => expected(String(id)))).size).toBe(2);
    const named = ids.find((id) => expected(String(id)) !== expected("u1")) ?? 0;
    expect((await predict(port, "u1", { ...flight, id: named })).header).toBe(expected("u1"));
    const rows = [flight, { ...flight, distance: 1 }];
    expect((await predict(port, undefined, { rows })).header).toBe(expected("9"));
    const several = await predict(port, undefined, { rows: [flight, { ...flight, id: 10 }] });
    expect([several.status, several.body.error]).toEqual([
      400,
      'column "id" says whom a request is for, and its rows are for several: send those of each by themselves',
    ]);
    // What is no value of the column is said as it always is, and one that is null names nobody.
    const { status, body } = await predict(port, undefined, { ...flight, id: {} });
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('"column":"id"')]);
    expect((await predict(port, undefined, { ...flight, id: null })).status).toBe(200);
    const records = await readRecords(segments());
    expect(records.map(({ unit }) => unit)).toEqual([...ids.map(String), "u1", "9", undefined]);
  });

  it("lets the champion answer a request by features whose unit has a variant of other features", async () => {
    const champion = await releaseOf(1, 0, 4);
    const canary = await releaseOf(2, 0, 3);
    await route(1, [
      { ...describeAs("champion", 1, champion), weight: 1 },
      { ...describeAs("canary", 2, canary), weight: 9999 },
    ]);
    const port = await start();
    const number = { datatype: "FP64", shape: [1] };
    const inputs = [
      { name: "id", ...number, data: [1] },
      { name: "hour", ...number, data: [2] },
      { name: "far", datatype: "BOOL", shape: [1], data: [true] },
      { name: "origin", datatype: "BYTES", shape: [1], data: ["JFK"] },
    ];
    const ask = async (path: string, given: object[]) => {
      const body = JSON.stringify({ inputs: given });
      const answer = await fetch(`http://127.0.0.1:${port}/v2/models/${model}${path}/infer`, {
        method: "POST",
        headers: { "steward-unit": "u1" },
        body,
      });
      return [answer.status, answer.headers.get("steward-variant")];
    };
    for (let i = 0; i < 3; i++) expect(await ask("", inputs)).toEqual([200, "champion"]);
    expect(await ask("/versions/2", inputs.slice(0, 3))).toEqual([200, "canary"]);
    expect(await ask("/versions/2", inputs)).toEqual([400, null]);
    const records = await readRecords(segments());
    expect(records.map(({ variant, assigned, named }) => [variant, assigned, named])).toEqual([
      ["champion", "canary", undefined],
      ["champion", "canary", undefined],
      ["champion", "canary", undefined],
      ["canary", undefined, true],
    ]);
  });

  it("draws once who answers a request by features that says neither unit nor id", async () => {
    const champion = await releaseOf(1, 0, 4);
    const canary = await releaseOf(2, 0, 3);
    const split = [
      { ...describeAs("champion", 1, champion), weight: 5000 },
      { ...describeAs("canary", 2, canary), weight: 5000 },
    ];
    await route(1, split);
    const port = await start();
    const number = { datatype: "FP64", shape: [1] };
    const inputs = [
      { name: "id", ...number, data: [1] },
      { name: "hour", ...number, data: [2] },
      { name: "far", datatype: "BOOL", shape: [1], data: [true] },
      { name: "origin", datatype: "BYTES", shape: [1], data: ["JFK"] },
    ];
    const replies = await askAll(
      port,
      Array.from({ length: 400 }, () => ({ body: { inputs } })),
      model,
    );
    expect(new Set(replies.map(({ answer }) => answer.id)).size).toBe(400);
    const records = await readRecords(segments());
    for (const { id, assigned } of records)
      expect(assigned ?? "champion").toBe(assignVariant({ salt, variants: split }, String(id))?.name);
    // Half of them; drawn twice, it would be a quarter.
    expect(records.filter(({ assigned }) => assigned === "canary").length).toBeGreaterThan(150);
  });

  it("does not take a variant that reads a column which callers do not bring", async () => {
    const champion = await releaseOf(1, 0, 4);
    // `latest` is a window by origin and carrier.
    const other = await releaseOf(2, 0, 8);
    await route(1, [
      { ...describeAs("champion", 1, champion), weight: 10_000 },
      { ...describeAs("shadow", 2, other), weight: 0, mirror: 10_000 },
    ]);
    const port = await start();
    expect(await get(port, "/v2/health/ready")).toMatchObject({
      ready: false,
      problem:
        'routing 1 could not be loaded: variant "shadow" has other inputs than the champion, made of columns that its callers do not bring: carrier',
    });
  });
});

/** A set of one version that answers nothing but 0, and how often its session was closed. */
async function load({ package: digest }: GivenFlights) {
  let times = 0;
  const session = {
    engine: "onnxruntime" as const,
    predict: async (_matrix: Float32Array, rows: number) => new Float32Array(rows),
    close: async () => {
      times++;
    },
  };
  const modelPackage = await given.store.getJson(digest, modelPackageSchema);
  const live = new LiveModel({ version: 1, package: digest }, modelPackage, session);
  const variant: Variant = { name: "champion", model, version: 1, package: digest, weight: 10_000 };
  const loaded = { variant, live, counts: new VariantCounts() };
  const variants = new LiveVariants({ source: "production", generation: 1, salt: "", loaded: [loaded] });
  return { live, loaded, variants, closed: () => times };
}

describe("versions that are to answer typed requests", () => {
  it("stay open while it is looked for their features, though others take their place meanwhile", async () => {
    const { live, variants, closed } = await load(await releaseOf(1, 0, 4));
    let letRead = (): void => {};
    const mayRead = new Promise<void>((resolve) => {
      letRead = resolve;
    });
    const readName = async (name: string) => {
      await mayRead;
      return given.store.readName(name);
    };
    const store = { ...given.store, readName };
    const models = new ServingModels({ follower: { variants }, store, report: () => undefined });
    const taken = models.take({ unit: undefined, id: "a" });
    await live.release();
    letRead();
    const { model: chosen } = await taken;
    expect(closed()).toBe(0);
    await chosen.variant.live.release();
    await models.close();
    expect(closed()).toBe(1);
  });

  it("keep nobody waiting for the features of one that is asked unseen", async () => {
    const champion = await load(await releaseOf(1, 0, 4));
    const shadow = await load(await releaseOf(2, 0, 5));
    const unseen: Variant = {
      name: "shadow",
      model,
      version: 2,
      package: shadow.live.digest,
      weight: 0,
      mirror: 10_000,
    };
    const loaded = [champion.loaded, { ...shadow.loaded, variant: unseen }];
    const variants = new LiveVariants({ source: "routing", generation: 1, salt, loaded });
    let looks = 0;
    let letLook = (): void => {};
    const mayLook = new Promise<void>((resolve) => {
      letLook = resolve;
    });
    // The first look says that there are no tables, and the second is not over before it is let go.
    const online = {
      status: async () => (looks++ === 0 ? undefined : mayLook),
      [Symbol.asyncDispose]: async () => undefined,
    } as unknown as OnlineStore;
    const openOnline = async () => online;
    const models = new ServingModels({
      follower: { variants },
      store: given.store,
      openOnline,
      report: () => undefined,
    });
    const take = async () => {
      const { model: chosen } = await models.take({ unit: undefined, id: "a" });
      await chosen.variant.live.release();
      return chosen.variant.name;
    };
    expect(await take()).toBe("champion");
    await sleep(300);
    expect(await Promise.race([take(), sleep(5000, "kept waiting")])).toBe("champion");
    await eventually(() => looks).toBe(2);
    letLook();
    await models.close();
  });

  it("are not needed while the store does not tell of theirs, as long as there are those before", async () => {
    const first = await load(await releaseOf(1, 0, 4));
    const second = await load(await releaseOf(2, 0, 3));
    const follower = { variants: first.variants };
    let isDown = false;
    const readName = async (name: string) => {
      if (isDown) throw new Error("the store is away");
      return given.store.readName(name);
    };
    const lines: string[] = [];
    const report = (line: string) => void lines.push(line);
    const models = new ServingModels({ follower, store: { ...given.store, readName }, report });
    const take = async () => {
      const { model: chosen } = await models.take({ unit: undefined, id: "a" });
      await chosen.variant.live.release();
      return chosen.variant.live;
    };
    expect(await take()).toBe(first.live);
    isDown = true;
    follower.variants = second.variants;
    await sleep(300);
    expect(await take()).toBe(first.live);
    expect(lines.at(-1)).toContain("the store is away");
    isDown = false;
    await eventually(take).toBe(second.live);
    await models.close();
  });
});

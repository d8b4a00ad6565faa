import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type ModelServer, startServer } from "../../../framework/serving/server.ts";
import { useStore } from "../../support/test-store.ts";
import { eventually } from "../storm-model.ts";
import { endpoint, model, releaseFlights, routes } from "./given-flights.ts";

const given = useStore();
let server: ModelServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface Answer {
  readonly error?: string;
  readonly value?: number;
  readonly rows?: readonly Answer[];
  readonly attributions?: {
    readonly method: string;
    readonly unit: string;
    readonly answer: {
      readonly expected: number;
      readonly of: number;
      readonly added: Readonly<Record<string, number>>;
      readonly errors?: Readonly<Record<string, number>>;
    };
  };
}

/** Features that a request has all of. */
const requested = { ...routes, columns: routes.columns.slice(0, 4) };

async function start(): Promise<(query: string, body: unknown) => Promise<{ status: number; body: Answer }>> {
  await releaseFlights(given.store, given.folder, { sets: [requested] });
  server = await startServer({
    endpoint,
    model,
    store: given.store,
    segmentFolder: join(given.folder, `segments-${given.prefix}`),
    log: { requests: "all", durability: "disk" },
    port: 0,
    pollMilliseconds: 5,
  });
  const { port } = server;
  await eventually(async () => (await fetch(`http://127.0.0.1:${port}/v2/health/ready`)).status).toBe(200);
  return async (query, body) => {
    const url = `http://127.0.0.1:${port}/${endpoint}/predict${query}`;
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(body) });
    return { status: answer.status, body: (await answer.json()) as Answer };
  };
}

const flight = { id: 9, origin: "JFK", distance: 1000, time: "2024-01-10T09:30:00Z" };

describe("attributions of a typed request", () => {
  it("are what each feature adds to the answer, for whoever asks, and nothing else otherwise", async () => {
    const predict = await start();
    expect((await predict("", flight)).body.attributions).toBeUndefined();
    const { status, body } = await predict("?attributions=true", flight);
    expect(status).toBe(200);
    const { method, unit, answer } = body.attributions ?? {};
    expect([method, unit]).toEqual(["permutation", "answer"]);
    expect(Object.keys(answer?.added ?? {}).toSorted()).toEqual(["far", "hour", "id", "origin"]);
    expect(answer?.of).toBe(body.value);
    const added = Object.values(answer?.added ?? {}).reduce((total, each) => total + each, answer?.expected ?? 0);
    expect(added).toBeCloseTo(body.value ?? Number.NaN, 4);
    expect(Object.keys(answer?.errors ?? {})).toHaveLength(4);
    // Of a list each has its own, and the same as alone.
    const list = await predict("?attributions=true&explain=features", { rows: [flight, { ...flight, distance: 10 }] });
    expect(list.body.rows?.map(({ attributions }) => attributions?.answer.of)).toEqual(
      list.body.rows?.map(({ value }) => value),
    );
    expect(list.body.rows?.[0]?.attributions).toEqual(body.attributions);
  });

  it("are refused for more rows than are explained at once, and for a query of something else", async () => {
    const predict = await start();
    const many = await predict("?attributions=true", { rows: Array.from({ length: 33 }, () => flight) });
    expect([many.status, many.body.error]).toEqual([400, "attributions are given for at most 32 rows at once"]);
    for (const query of ["?attributions=1", "?attributions=true&all=1"])
      expect((await predict(query, flight)).status).toBe(400);
  });
});

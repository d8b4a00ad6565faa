/**
 * Drawn requests, most of them wrong, over REST, the binary extension, gRPC and the typed route: none crashes the server, hangs, is
 * failed by it, or is answered what an oracle of its own would not answer; others are served meanwhile, and memory comes back.
 *
 * `STEWARD_CAMPAIGN=full` sends a million, and writes what it saw to `results/requests.json`; `STEWARD_SEEDS=7,8` does so under those
 * seeds instead, `STEWARD_REQUESTS=30000` so many, and neither writes anything.
 * @module
 */
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../../framework/store/store.ts";
import { releaseStays } from "../serving/bad/given-stays.ts";
import { findFreePort, startMinio } from "../support/minio.ts";
import type { ServerProgram } from "../support/server-program.ts";
import { createDraw } from "./promise/draw.ts";
import { type RequestsResult, runRequests, startProgram } from "./requests/campaign.ts";
import { drawRequest } from "./requests/draw-request.ts";
import { judgeInference } from "./requests/oracle.ts";

const full = process.env["STEWARD_CAMPAIGN"] === "full";
const otherSeeds = process.env["STEWARD_SEEDS"]?.split(",").map(Number);
const given = process.env["STEWARD_REQUESTS"];
const all = Number(given ?? (full ? 1_000_000 : 8_000));
const seeds = otherSeeds ?? (full ? [1, 2, 3, 4] : [1]);
const parts = full ? 10 : 4;

let folder = "";
let server: ServerProgram;
let stop = async (): Promise<void> => {};
const results: RequestsResult[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-requests-"));
  const minio = await startMinio();
  stop = () => minio.stop();
  const store = openStore(minio.connection, { cacheFolder: join(folder, "cache") });
  await store.prepare();
  await releaseStays({ store, move: (name, value) => store.moveRef(name, { generation: 1, value }) });
  server = await startProgram({ store: minio.connection, port: await findFreePort(), folder });
});
afterAll(async () => {
  if (server?.child.exitCode === null) {
    const exited = once(server.child, "exit");
    server.child.kill("SIGTERM");
    await exited;
  }
  await stop();
  await rm(folder, { recursive: true, force: true });
});

describe.each(seeds)("drawn requests, seed %i", (seed) => {
  let result: RequestsResult;
  beforeAll(async () => {
    result = await runRequests(server, { seed, requests: Math.ceil(all / seeds.length), parts });
    results.push(result);
  }, 3_600_000);

  it("crash nothing, hang nothing, fail nothing, and are answered as the oracle would", () => {
    expect(result.breaches).toEqual([]);
    // Some of what was made wrong means something still: the oracle was asked about answers, and not about refusals alone.
    expect(result.judged).toBeGreaterThan(result.requests / 20);
  });

  it("give the memory back that they took", () => {
    const { base, end } = result.memory;
    expect(end.used, JSON.stringify(result.memory)).toBeLessThanOrEqual(base.used + 8);
    expect(end.resident, JSON.stringify(result.memory)).toBeLessThanOrEqual(base.resident + 64);
  });

  it("leave others their answers, as fast as sound requests do", () => {
    expect(result.steady.wrong).toBe(0);
    // A short run has few of them, on a machine that does something else beside it.
    expect(result.steady.stormy / result.steady.calm, JSON.stringify(result.steady)).toBeLessThanOrEqual(full ? 2 : 4);
  });
});

describe("the oracle", () => {
  const tensors = (nights: string) =>
    Buffer.from(
      `{"inputs":[{"name":"nights","datatype":"INT64","shape":[1],"data":[${nights}]},{"name":"breakfast","datatype":"BOOL","shape":[1],"data":[null]},{"name":"room","datatype":"BYTES","shape":[1],"data":["garden"]}]}`,
    );

  it.each([
    ["1", [2]],
    ["10e-1", [2]],
    ["null", [0]],
    ["9007199254740991", [18014398509481984]],
    ["9007199254740993", undefined],
    ["0.99999999999999999", undefined],
    ['"1"', undefined],
    ["[1]", undefined],
    ["1,1", undefined],
  ])("says of %s in INT64 what it is", (nights, verdict) => {
    expect(judgeInference(tensors(nights))).toEqual(verdict);
  });

  it("is asked about requests of every kind, the same ones for the same seed", () => {
    const drawAll = () => {
      const draw = createDraw(5);
      return Array.from({ length: 500 }, () => drawRequest(draw, 90));
    };
    const drawn = drawAll();
    expect(drawAll()).toEqual(drawn);
    expect(new Set(drawn.map(({ kind }) => kind)).size).toBe(5);
    for (const kind of ["json", "binary", "typed", "grpc"]) {
      const own = drawn.filter((one) => one.kind === kind);
      expect(own.some(({ verdict }) => verdict === undefined)).toBe(true);
      expect(own.some(({ verdict }) => verdict !== undefined)).toBe(true);
    }
  });
});

if (full && otherSeeds === undefined && given === undefined) {
  afterAll(async () => {
    const results_ = join(import.meta.dirname, "results");
    await mkdir(results_, { recursive: true });
    const written = {
      seeds,
      requests: results.reduce((sum, { requests }) => sum + requests, 0),
      breaches: results.reduce((sum, { breaches }) => sum + breaches.length, 0),
      log: results,
    };
    await writeFile(join(results_, "requests.json"), `${JSON.stringify(written, undefined, 2)}\n`);
  });
}

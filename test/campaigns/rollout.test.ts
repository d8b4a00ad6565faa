/**
 * An endpoint whose versions change under load: ten promotions, two rollbacks, canaries that grow. No request is dropped, every answer
 * is of the package that its unit had at that moment, and answers that are computed again from their packages are equal in every bit.
 *
 * `STEWARD_CAMPAIGN=full` asks a million questions, and writes what it saw to `results/rollout.json`.
 * @module
 */
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeRows } from "../../framework/models/encode.ts";
import { type ModelPackage, modelPackageSchema, productionRefName } from "../../framework/models/model-package.ts";
import { openSession } from "../../framework/models/session.ts";
import { routingRefName } from "../../framework/serving/variants/routing.ts";
import { openStore, type Store } from "../../framework/store/store.ts";
import { Dice } from "../data/dice.ts";
import { eventually, get, model, putPackage } from "../serving/storm-model.ts";
import { findFreePort } from "../support/minio.ts";
import { type ServerProgram, startServerProgram } from "../support/server-program.ts";
import { useStore } from "../support/test-store.ts";
import { type CallerKind, call, type Outcome } from "./rollout/callers.ts";
import { type Change, promotions, type Releases, rollbacks, saltOf, versions, writeScript } from "./rollout/script.ts";
import { findBreach, type Phase } from "./rollout/verdict.ts";

const full = process.env["STEWARD_CAMPAIGN"] === "full";
const requests = full ? 1_000_000 : 8_000;
const callers: readonly CallerKind[] = full
  ? [...Array.from({ length: 13 }, () => "plain" as const), "packed", "packed", "grpc"]
  : ["plain", "plain", "packed", "grpc"];
/** So many answers are computed again. */
const recomputed = 1000;
const seed = 20_260_101;
const endpoint = "storms";

const given = useStore();
let folder: string;
let store: Store;
let server: ServerProgram | undefined;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-rollout-"));
  store = openStore(given.connection, { cacheFolder: join(folder, "cache") });
  port = await findFreePort();
}, 60_000);

afterAll(async () => {
  if (server && server.child.exitCode === null && server.child.signalCode === null) {
    const exited = once(server.child, "exit");
    server.child.kill("SIGKILL");
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
});

function startServer(): void {
  server = startServerProgram({ store: given.connection, folder, port }, { change: { STEWARD_ENDPOINT: endpoint } });
}

async function putReleases(): Promise<Releases> {
  const packages: string[] = [];
  for (let version = 1; version <= versions; version++) packages.push(await putPackage(store, version / 7 - 1));
  return { model, packages };
}

/** Writes both refs as the entities of endpoint and model would, the one that callers go by first. */
async function write(change: Change, generation: number, { packages }: Releases): Promise<void> {
  const { production: version, variants } = change;
  const release = {
    format: "production/1",
    generation,
    version,
    package: packages[version - 1] ?? "",
    evaluation: "e",
  };
  const routing = {
    format: "routing/1",
    generation,
    salt: saltOf(change),
    variants: variants.map((one) => ({ ...one })),
  };
  await store.moveRef(routingRefName(endpoint), { generation, value: routing });
  await store.moveRef(productionRefName(model), { generation, value: release });
}

/** Keeps some of what is seen, each as likely as any other. */
class Sample {
  readonly kept: Outcome[] = [];
  readonly #dice = new Dice(seed);
  #seen = 0;

  add(outcome: Outcome): void {
    const place = this.#seen++ < recomputed ? this.kept.length : this.#dice.whole(0, this.#seen - 1);
    if (place < recomputed) this.kept[place] = outcome;
  }
}

/** The answer to a question as its package gives it: nothing of a server is asked. */
async function recompute(outcomes: readonly Outcome[]): Promise<readonly (readonly [unknown, unknown])[]> {
  const pairs: (readonly [unknown, unknown])[] = [];
  const byPackage = Map.groupBy(outcomes, ({ digest = "" }) => digest);
  for (const [digest, own] of byPackage) {
    const modelPackage: ModelPackage = await store.getJson(digest, modelPackageSchema);
    const session = await openSession(await store.fetchFile(modelPackage.onnx), modelPackage.inputs.length);
    for (const { question, probability } of own) {
      const { wind, rain, region } = question;
      const matrix = encodeRows(modelPackage, [{ wind, rain, region }]);
      pairs.push([probability, (await session.predict(matrix, 1))[0]]);
    }
    await session.close();
  }
  return pairs;
}

describe("an endpoint whose versions change under load", () => {
  it("drops nothing, answers each unit with its version, and as that version answers", async () => {
    const begun = performance.now();
    const releases = await putReleases();
    const script = writeScript(releases);
    const first: Change = { kind: "promotion", production: 1, variants: [] };
    const phases: Phase[] = [{ change: first, from: performance.now() }];
    await write(first, 1, releases);
    startServer();
    const ready = () =>
      get(port, "/v2/health/ready").then(
        ({ body }) => body,
        () => server?.output(),
      );
    await eventually(ready).toMatchObject({ generation: 1 });

    const sample = new Sample();
    const breaches = new Map<string, number>();
    const digests = new Map<string, number>();
    let answered = 0;
    let goesOn = true;
    const onOutcome = (outcome: Outcome): void => {
      answered++;
      sample.add(outcome);
      const breach = findBreach(outcome, phases.slice(-3), releases);
      if (breach !== undefined) breaches.set(breach, (breaches.get(breach) ?? 0) + 1);
      digests.set(outcome.digest ?? "none", (digests.get(outcome.digest ?? "none") ?? 0) + 1);
    };
    const calling = callers.map((kind, i) => call({ kind, port, seed: seed + i, goesOn: () => goesOn, onOutcome }));
    for (const [i, change] of script.entries()) {
      while (answered < ((i + 1) * requests) / (script.length + 1)) await sleep(5);
      const generation = i + 2;
      const phase: Phase = { change, from: performance.now() };
      const before = phases.at(-1);
      phases.push(phase);
      await write(change, generation, releases);
      await eventually(ready).toMatchObject({ ready: true, generation });
      if (before) before.until = performance.now();
    }
    while (answered < requests) await sleep(5);
    goesOn = false;
    await Promise.all(calling);

    expect([...breaches]).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(requests);
    expect([...digests.keys()].sort()).toEqual([...releases.packages].sort());
    expect(sample.kept).toHaveLength(recomputed);
    const differing = (await recompute(sample.kept)).filter(([told, found]) => !Object.is(told, found));
    expect(differing).toEqual([]);
    expect(script.filter(({ kind }) => kind === "promotion")).toHaveLength(promotions);
    expect(script.filter(({ kind }) => kind === "rollback")).toHaveLength(rollbacks);
    if (full) await writeResult({ answered, changes: script.length, begun });
  });
});

describe("a verdict", () => {
  const releases: Releases = { model, packages: ["p1", "p2"] };
  const [one, two] = [1, 2].map((production): Change => ({ kind: "promotion", production, variants: [] }));
  const phases: readonly Phase[] = [
    { change: one as Change, from: 0, until: 20 },
    { change: two as Change, from: 10 },
  ];
  const sound = { unit: "u", sent: 1, received: 2, status: 200, digest: "p1" };

  it.each([
    ["what was live alone", sound, undefined],
    ["what was still live when it was asked", { ...sound, sent: 15, received: 30 }, undefined],
    ["what was live when it was answered", { ...sound, sent: 5, received: 12, digest: "p2" }, undefined],
    ["what was live no more", { ...sound, sent: 25, received: 30 }, "version 1 answered u, whose version was 2"],
    ["what was not live yet", { ...sound, received: 9, digest: "p2" }, "version 2 answered u, whose version was 1"],
    ["what there never was", { ...sound, digest: "p3" }, "version 0 answered u, whose version was 1"],
    ["a refusal", { ...sound, status: "503 full" }, "a request was not answered: 503 full"],
  ])("on %s is what it should be", (_title, answered, expected) => {
    expect(findBreach(answered, phases, releases)).toBe(expected);
  });
});

async function writeResult({
  answered,
  changes,
  begun,
}: {
  answered: number;
  changes: number;
  begun: number;
}): Promise<void> {
  const results = join(import.meta.dirname, "results");
  await mkdir(results, { recursive: true });
  const seconds = Math.round((performance.now() - begun) / 1000);
  const result = {
    seed,
    requests: answered,
    changes,
    promotions,
    rollbacks,
    dropped: 0,
    wrong: 0,
    recomputed,
    differing: 0,
    seconds,
  };
  await writeFile(join(results, "rollout.json"), `${JSON.stringify(result, undefined, 2)}\n`);
}

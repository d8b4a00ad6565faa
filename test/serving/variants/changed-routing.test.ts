import { describe, expect, it } from "vitest";
import { assignVariant } from "../../../framework/serving/variants/assignment.ts";
import { routingRefName } from "../../../framework/serving/variants/routing.ts";
import { useServer } from "../given-server.ts";
import { readRecords } from "../segments.ts";
import { ask, eventually, get, infer, putPackage, sigmoid } from "../storm-model.ts";
import {
  askAll,
  canaryOf,
  endpoint,
  type GivenVariant,
  putPackages,
  readEvidence,
  ready,
  route,
  routing,
} from "./given-routing.ts";

const given = useServer();

describe("a routing that changes", () => {
  it("takes over as a whole under load, without dropping a request: weights, versions, back to production", async () => {
    const packages = await Promise.all(Array.from({ length: 4 }, (_, i) => putPackage(given.store, i)));
    const digests = new Map(packages.map((digest, i) => [digest, i]));
    await given.promote(1, 0);
    const port = await given.start();
    const statuses: number[] = [];
    const served = new Map<string, number>();
    let sending = true;
    const client = async () => {
      while (sending) {
        const { status, answer } = await infer(port, ask());
        statuses.push(status);
        const digest = answer.parameters?.model_digest ?? "";
        served.set(digest, (served.get(digest) ?? 0) + 1);
        expect(answer.outputs[0]?.data[0]).toBeCloseTo(sigmoid(digests.get(digest) ?? -9), 6);
      }
    };
    const fast = async () => {
      while (sending) {
        const replies = await askAll(
          port,
          Array.from({ length: 20 }, () => ({ body: ask() })),
        );
        for (const { answer } of replies) {
          statuses.push(200);
          const bias = digests.get(answer.parameters.model_digest) ?? -9;
          expect(answer.outputs[0]?.data[0]).toBeCloseTo(sigmoid(bias), 6);
        }
      }
    };
    const clients = [client(), client(), fast(), fast()];
    const [one = "", two = "", three = "", four = ""] = packages;
    const steps: readonly (readonly GivenVariant[])[] = [
      [{ package: one, weight: 9500 }, canaryOf(two, 500)],
      [{ package: one, weight: 5000 }, canaryOf(two, 5000)],
      [{ package: two, version: 2, weight: 10_000 }],
      [
        { package: two, version: 2, weight: 9000 },
        { name: "canary", version: 3, package: three, weight: 1000, mirror: 2000 },
        { name: "shadow", version: 4, package: four, weight: 0, mirror: 10_000 },
      ],
      [{ package: two, version: 2, weight: 10_000 }],
      [],
      [
        { package: three, version: 3, weight: 5000 },
        { name: "arm", version: 4, package: four, weight: 5000 },
      ],
    ];
    for (const [i, variants] of steps.entries()) {
      const before = statuses.length;
      await eventually(() => statuses.length - before).toBeGreaterThan(150);
      route(given, i + 1, variants);
      const generation = variants.length > 0 ? i + 1 : 1;
      await eventually(ready(port)).toMatchObject({ body: { ready: true, generation } });
    }
    const before = statuses.length;
    await eventually(() => statuses.length - before).toBeGreaterThan(150);
    sending = false;
    await Promise.all(clients);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect([...served.keys()].every((digest) => digests.has(digest))).toBe(true);
    expect((await readEvidence(port)).generation).toBe(7);
    const records = (await readRecords(given.segments)).filter(({ shadow }) => !shadow);
    expect(records).toHaveLength(statuses.length);
    for (const record of records.filter(({ routing: generation }) => generation !== undefined)) {
      const variants = steps[Number(record["routing"]) - 1] ?? [];
      const assigned = assignVariant(routing(1, variants), record.id);
      expect(record["package"]).toBe(assigned?.package);
    }
  });

  it("keeps what lives already, and goes on counting it", async () => {
    const [one, two] = await putPackages(given);
    route(given, 1, [{ package: one, weight: 10_000 }, canaryOf(two, 0)]);
    const port = await given.start();
    await infer(port, ask());
    await given.store.putBytes(Buffer.from(""));
    route(given, 2, [
      { package: one, weight: 10_000 },
      { ...canaryOf(two, 0), mirror: 10_000 },
    ]);
    await eventually(ready(port)).toMatchObject({ body: { generation: 2 } });
    await infer(port, ask());
    expect((await readEvidence(port)).variants[0]).toMatchObject({ answered: 2 });
  });

  it.each<[string, () => Promise<readonly GivenVariant[]>, string]>([
    [
      "names a package that is missing",
      async () => [{ package: await putPackage(given.store, 0), weight: 10_000 }, canaryOf("0".repeat(64), 0)],
      "routing 2 could not be loaded",
    ],
    [
      "has weights that are not all",
      async () => [{ package: await putPackage(given.store, 0), weight: 9000 }],
      "routing 2 could not be loaded: the weights of its variants are 9000 together, and should be 10000",
    ],
    [
      "has a variant with other outputs",
      async () => [
        { package: await putPackage(given.store, 0), weight: 10_000 },
        canaryOf(await putPackage(given.store, 0, { task: "regression", output: "value" }), 0),
      ],
      'routing 2 could not be loaded: variant "canary" answers with value FP64, and the champion with probability FP64 and label BOOL: callers could not read both',
    ],
    [
      "has a variant with other inputs, which nobody could ask",
      async () => {
        const inputs = [
          { name: "wind", type: "number" as const },
          { name: "rain", type: "boolean" as const },
          { name: "snow", type: "number" as const },
        ];
        return [
          { package: await putPackage(given.store, 0), weight: 10_000 },
          canaryOf(await putPackage(given.store, 0, { inputs }), 0),
        ];
      },
      'routing 2 could not be loaded: variant "canary" has other inputs than the champion, and no plan by which the server computes them',
    ],
  ])("and %s leaves the old one serving, and says why", async (_title, list, problem) => {
    const [, two] = await putPackages(given);
    route(given, 1, [{ package: two, weight: 10_000 }]);
    const port = await given.start();
    route(given, 2, await list());
    await eventually(ready(port)).toMatchObject({
      status: 200,
      body: { ready: true, package: two, generation: 1, problem },
    });
    expect((await infer(port, ask())).answer.parameters.model_digest).toBe(two);
    expect(given.lines.filter((line) => line.startsWith("routing 2 could not be loaded"))).toHaveLength(1);
    route(given, 3, [{ package: await putPackage(given.store, 0), weight: 10_000 }]);
    await eventually(ready(port)).toMatchObject({ body: { generation: 3 } });
    expect((await get(port, "/v2/health/ready")).body).not.toHaveProperty("problem");
  });

  it.each<[string, (digest: string) => void, string]>([
    [
      "is older",
      (digest) => route(given, 4, [{ package: digest, weight: 10_000 }]),
      "the store names an older routing than the one that serves",
    ],
    [
      "is none",
      () => given.store.setRef(routingRefName(endpoint), 6, { format: "routing/1", generation: 6 }),
      "the store does not say which versions are to answer",
    ],
  ])("and %s is not followed", async (_title, change, problem) => {
    const [one, two] = await putPackages(given);
    route(given, 5, [{ package: two, weight: 10_000 }]);
    const port = await given.start();
    change(one);
    await eventually(ready(port)).toMatchObject({ status: 200, body: { package: two, generation: 5, problem } });
  });

  it("that is gone is not taken for one that leaves the choice to production", async () => {
    const [, two] = await putPackages(given);
    await given.promote(1, 0);
    route(given, 5, [{ package: two, weight: 10_000 }]);
    const port = await given.start();
    given.store.removeRef(routingRefName(endpoint));
    await eventually(ready(port)).toMatchObject({
      body: { package: two, problem: "the store has lost the routing that serves" },
    });
    route(given, 6, []);
    await eventually(ready(port)).toMatchObject({ body: { generation: 1, version: "1" } });
    expect((await readEvidence(port)).generation).toBe(0);
  });
});

/**
 * What an endpoint's entity asks of a store and of a server.
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { describe, expect, it, onTestFinished } from "vitest";
import { endpointSpec } from "../../framework/definitions/spec.ts";
import { routingRefName, routingSchema } from "../../framework/serving/variants/routing.ts";
import { createEndpointActivities } from "../../workflows/endpoint/activities.ts";
import { useStore } from "../support/test-store.ts";
import { performAlone } from "./long-work.ts";

const given = useStore();
const perform = <T>(work: () => Promise<T>) => work();
const performLong = performAlone({ workFolder: tmpdir() });
const variant = { name: "champion", model: "spender", version: 1, package: "p", weight: 10_000 } as const;

describe("the routing of an endpoint", () => {
  it("stands at 0 before it is written, moves forward, and never back", async () => {
    const { readRouting, publishRouting } = createEndpointActivities({ store: given.store, perform, performLong });
    expect(await readRouting("desk")).toBe(0);
    const written = { endpoint: "desk", generation: 3, salt: "s", variants: [variant] };
    await publishRouting(written);
    // An activity that is tried again writes the same.
    await publishRouting(written);
    expect(await readRouting("desk")).toBe(3);
    const ref = await given.store.readRef(routingRefName("desk"));
    expect(routingSchema.parse(ref?.value)).toMatchObject({ generation: 3, salt: "s", variants: [variant] });
    await expect(publishRouting({ ...written, generation: 2 })).rejects.toThrow();
    await expect(publishRouting({ ...written, variants: [] })).rejects.toThrow();
  });
});

describe("what a server saw", () => {
  const seen = (name: string) => ({
    ...variant,
    name,
    answered: 5,
    failed: 1,
    latency: { bounds: [10], counts: [5, 5] },
  });
  const evidence = (generation: number, ...names: string[]) =>
    JSON.stringify({ endpoint: "desk", generation, variants: names.map(seen) });

  it.each<[string, string, Record<string, unknown>]>([
    [
      "is told of both versions",
      evidence(4, "champion", "canary", "shadow-other"),
      { reading: { canary: seen("canary"), champion: seen("champion") } },
    ],
    [
      "is nothing of another routing, and why",
      evidence(3, "champion"),
      { silence: "the server goes by routing 3 and not by 4: no such package" },
    ],
    ["is nothing where one is missing", evidence(4, "champion"), { silence: "the server does not have both versions" }],
    ["is nothing of what is no evidence", '{"ok":true}', { silence: "the server does not say what it saw" }],
    ["is nothing of what is no JSON", "<html>", { silence: "the server does not say what it saw" }],
  ])("%s", async (_title, body, expected) => {
    const server = createServer(({ url }, response) => {
      if (url === "/desk/variants") response.end(body);
      else response.writeHead(503).end('{"ready":false,"problem":"no such package"}');
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { readEvidence } = createEndpointActivities({ store: given.store, perform, performLong });
    expect(await readEvidence({ address, endpoint: "desk", generation: 4 })).toEqual(expected);
  });

  it("is nothing of a server that does not answer", async () => {
    const { readEvidence } = createEndpointActivities({ store: given.store, perform, performLong });
    expect(await readEvidence({ address: "http://127.0.0.1:1", endpoint: "desk", generation: 4 })).toEqual({
      silence: "the server does not say what it saw",
    });
  });
});

it("labels that are hashed or encrypted are not read without the key to them: that is said, and is not taken for few", async () => {
  const { store } = given;
  const spec = await store.putJson(
    endpointSpec.parse({
      format: "endpoint/1",
      kind: "endpoint",
      name: "desk",
      model: "spender",
      rollout: { kind: "allAtOnce" },
      log: { requests: "all", durability: "disk" },
      feedback: { label: { type: "boolean" }, matures: "1 day" },
      pii: { request: {}, inputs: {}, label: "hash" },
    }),
  );
  const { version, package: digest } = { ...variant, package: "0".repeat(64) };
  const release = { version, package: digest };
  const input = {
    endpoint: "desk",
    spec,
    metrics: ["accuracy"],
    since: 0,
    asOf: 1,
    canary: release,
    champion: release,
  };
  const read = (logKey?: string) => {
    const tools = { store, perform, performLong, ...(logKey !== undefined && { logKey }) };
    return createEndpointActivities(tools).readCanaryLabels(input);
  };
  expect(await read()).toEqual({ unread: "they are hashed or encrypted, and the worker has no key to them" });
  expect(await read("5".repeat(64))).toMatchObject({ evidence: { canary: { labels: 0 } } });
});

/**
 * The wait for a server, against a real one that does not answer well at first.
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createServeActivities } from "../../workflows/serve/activities.ts";
import { performAlone } from "./long-work.ts";

/** A server that gives each answer once, and how the wait for it is asked. */
async function answering(answers: Iterable<readonly [code: number, body: string]>) {
  const left = answers[Symbol.iterator]();
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    const [code, body] = left.next().value ?? [500, ""];
    response.writeHead(code).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const shown: string[] = [];
  const performLong = performAlone({ show: (line) => shown.push(line) });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, shown, paths, ...createServeActivities({ performLong }) };
}

it("goes on until the server answers with the version, whatever it says before", async () => {
  const answers: readonly (readonly [number, string])[] = [
    [503, "{}"],
    [200, "<html>another server</html>"],
    [200, "null"],
    [200, '{"versions":["1"]}'],
    [200, '{"versions":["1","2"]}'],
  ];
  const { address, shown, awaitServing } = await answering(answers);
  await awaitServing({ address, model: "spender", version: 2, package: "p" });
  expect(shown).toEqual([
    ...Array.from({ length: 3 }, () => `waiting for the server at ${address}`),
    "the server has version 1, waiting for 2",
  ]);
});

const evidence = (generation: number) => [200, JSON.stringify({ endpoint: "desk", generation, variants: [] })] as const;

it("goes on until the server goes by the endpoint's routing, and says what keeps it", async () => {
  const { address, shown, paths, awaitServing } = await answering([
    [404, "{}"],
    evidence(3),
    [503, '{"ready":false,"problem":"the package is not there"}'],
    evidence(3),
    [200, '{"ready":true}'],
    evidence(4),
  ]);
  const routing = { endpoint: "desk", generation: 4 };
  await awaitServing({ address, model: "spender", version: 2, package: "p", routing });
  expect(shown).toEqual([
    `waiting for the server at ${address}`,
    "the server goes by routing 3, waiting for 4: the package is not there",
    "the server goes by routing 3, waiting for 4",
  ]);
  expect(new Set(paths)).toEqual(new Set(["/desk/variants", "/v2/health/ready"]));
});

it("goes on until the server goes by no routing and has the version, where there is to be none", async () => {
  const { address, shown, awaitServing } = await answering([
    evidence(4),
    [200, '{"ready":true}'],
    evidence(0),
    [200, '{"versions":["1"]}'],
    evidence(0),
    [200, '{"versions":["2"]}'],
  ]);
  const routing = { endpoint: "desk", generation: 0 };
  await awaitServing({ address, model: "spender", version: 2, package: "p", routing });
  expect(shown).toEqual(["the server goes by routing 4, waiting for none", "the server has version 1, waiting for 2"]);
});

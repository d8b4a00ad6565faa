/**
 * The wait for a server, against a real one that does not answer well at first.
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { ActivityTools } from "../../workflows/activity-tools.ts";
import { createServeActivities } from "../../workflows/serve/activities.ts";

it("goes on until the server answers with the version, whatever it says before", async () => {
  const answers: readonly (readonly [number, string])[] = [
    [503, "{}"],
    [200, "<html>another server</html>"],
    [200, "null"],
    [200, '{"versions":["1"]}'],
    [200, '{"versions":["1","2"]}'],
  ];
  const left = answers.values();
  const server = createServer((_request, response) => {
    const [code, body] = left.next().value ?? [500, ""];
    response.writeHead(code).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const shown: string[] = [];
  const { signal } = new AbortController();
  const tools: Pick<ActivityTools, "performLong"> = {
    performLong: (_step, work) =>
      work({ signal, workFolder: "", show: (line) => shown.push(line), showProgress: () => undefined }),
  };
  await createServeActivities(tools).awaitServing({ address, model: "spender", version: 2, package: "p" });
  expect(shown).toEqual([
    ...Array.from({ length: 3 }, () => `waiting for the server at ${address}`),
    "the server has version 1, waiting for 2",
  ]);
});

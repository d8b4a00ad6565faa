import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { predictOne, predictRow } from "../../framework/cli/prediction.ts";
import { failure } from "../support/failure.ts";

interface Told {
  readonly status?: number;
  readonly body: unknown;
}

const metadata: Told = {
  body: {
    name: "m",
    inputs: [
      { name: "hour", datatype: "FP32" },
      { name: "shop", datatype: "BYTES" },
    ],
  },
};
const answer: Told = {
  body: {
    id: "1",
    model_version: "3",
    outputs: [
      { name: "probability", data: [0.25] },
      { name: "label", data: [false] },
      { name: "empty", data: [] },
      { name: "probabilities", shape: [1, 2], data: [0.25, 0.75] },
    ],
  },
};

let server: Server | undefined;
afterEach(() => server?.close());

/** A model server that says what it is told to, and keeps what it was asked. */
async function serve(infer: Told, model = metadata) {
  const asked: { url: string | undefined; body: string }[] = [];
  server = createServer(async (request, response) => {
    asked.push({ url: request.url, body: await text(request) });
    const { status = 200, body } = request.method === "GET" ? model : infer;
    response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { asked, address: `http://127.0.0.1:${port}` };
}

describe("a prediction", () => {
  it("is asked for with every input that the model has, the missing ones as null", async () => {
    const { asked, address } = await serve(answer);
    const got = await predictOne({ address, model: "late arrival", id: "1", features: { hour: 7 } });
    const outputs = { probability: 0.25, label: false, probabilities: [0.25, 0.75] };
    expect(got).toEqual({ id: "1", version: "3", outputs });
    expect(asked.map(({ url }) => url)).toEqual(["/v2/models/late%20arrival", "/v2/models/late%20arrival/infer"]);
    expect(JSON.parse(asked[1]?.body ?? "")).toEqual({
      id: "1",
      inputs: [
        { name: "hour", datatype: "FP32", shape: [1], data: [7] },
        { name: "shop", datatype: "BYTES", shape: [1], data: [null] },
      ],
    });
  });

  it("by a row goes to the typed route, and tells the features", async () => {
    const model = { name: "late", version: "3", package: "p" };
    const features = { hour: 7, shop: null };
    const body = { id: "1", probability: 0.25, label: false, model, freshnessSeconds: 60, features, tables: [] };
    const { asked, address } = await serve({ body });
    const outputs = { probability: 0.25, label: false };
    expect(await predictRow({ address, endpoint: "desk", row: { date: "now" } })).toEqual({
      id: "1",
      model,
      features,
      freshnessSeconds: 60,
      outputs,
    });
    expect(asked).toEqual([{ url: "/desk/predict?explain=features", body: '{"date":"now"}' }]);
  });

  it("with features that the model has not is refused before it is sent, all of them at once", async () => {
    const { asked, address } = await serve(answer);
    const { problems } = await failure(
      predictOne({ address, model: "m", id: "1", features: { hour: 7, colour: 1, size: 2 } }),
    );
    expect(problems.map(({ code, what, expected }) => [code, what, expected])).toEqual([
      ["prediction-refused", 'model "m" has no feature "colour"', "one of hour, shop"],
      ["prediction-refused", 'model "m" has no feature "size"', "one of hour, shop"],
    ]);
    expect(asked).toHaveLength(1);
  });

  it("by a row has of several classes their probabilities by name", async () => {
    const outputs = { probabilities: { sun: 0.25, rain: 0.75 }, label: "rain" };
    const model = { name: "sky", version: "3", package: "p" };
    const { address } = await serve({ body: { id: "1", ...outputs, model, features: {}, tables: [] } });
    expect(await predictRow({ address, endpoint: "desk", row: {} })).toMatchObject({ outputs });
  });

  it.each<[string, Told, Told, object]>([
    [
      "that refuses the row",
      { status: 400, body: { error: '"hour" is not a number' } },
      metadata,
      {
        code: "prediction-refused",
        what: 'the model server refused the request: "hour" is not a number',
        got: "HTTP 400",
      },
    ],
    [
      "that refuses in its own words",
      { status: 503, body: "busy" },
      metadata,
      { code: "prediction-refused", what: "the model server refused the request: busy", got: "HTTP 503" },
    ],
    [
      "that does not have the model",
      answer,
      { status: 404, body: { error: "unknown model" } },
      { code: "prediction-refused", what: "the model server refused the request: unknown model", got: "HTTP 404" },
    ],
    [
      "that is something else",
      answer,
      { body: "<html>" },
      { code: "endpoint-not-serving", got: "<html>", expected: "the Open Inference Protocol v2" },
    ],
    [
      "that answers something else",
      { body: { outputs: 1 } },
      metadata,
      { code: "endpoint-not-serving", got: '{"outputs":1}' },
    ],
  ])("of a server %s fails with its words", async (_title, infer, model, problem) => {
    const { address } = await serve(infer, model);
    expect((await failure(predictOne({ address, model: "m", id: "1", features: {} }))).problems).toEqual([
      expect.objectContaining(problem),
    ]);
  });

  it("of a server that is down says so and what to do", async () => {
    const { address } = await serve(answer);
    server?.close();
    const { problems } = await failure(predictOne({ address, model: "m", id: "1", features: {} }));
    expect(problems).toEqual([
      expect.objectContaining({
        code: "endpoint-not-serving",
        what: `the model server at ${address} does not answer`,
        fix: "see npx steward doctor; npx pulumi up brings it back",
      }),
    ]);
  });
});

/**
 * Routings for tests: who answers which share of callers.
 * @module
 */
import { connect } from "node:net";
import { type Evidence, evidenceSchema } from "../../../framework/serving/variants/evidence.ts";
import { routingRefName, type Variant } from "../../../framework/serving/variants/routing.ts";
import type { GivenServer } from "../given-server.ts";
import { eventually, get, model, putPackage } from "../storm-model.ts";

export const endpoint = "storms";

/** What a test says of a variant; the rest is as it mostly is. */
export type GivenVariant = Partial<Variant> & Pick<Variant, "package" | "weight">;

/** A variant of the model, called champion, of version 1. */
export function variant(given: GivenVariant): Variant {
  return { name: "champion", model, version: 1, ...given };
}

/** The value of a routing ref. */
export function routing(generation: number, variants: readonly GivenVariant[], salt = "salt") {
  return { format: "routing/1", generation, salt, variants: variants.map(variant) };
}

/** Writes the routing of the endpoint of a server. */
export function route(
  { store }: Pick<GivenServer, "store">,
  generation: number,
  variants: readonly GivenVariant[],
): void {
  store.setRef(routingRefName(endpoint), generation, routing(generation, variants));
}

/** Packages that answer nothing known with sigmoid(0), sigmoid(1) and so on; the third has its inputs in another order. */
export async function putPackages({ store }: Pick<GivenServer, "store">): Promise<readonly [string, string, string]> {
  const inputs = [
    { name: "region", type: "category" as const },
    { name: "wind", type: "number" as const },
    { name: "rain", type: "boolean" as const },
  ];
  return [await putPackage(store, 0), await putPackage(store, 1), await putPackage(store, 2, { inputs, model: "arm" })];
}

/** A canary of version 2. */
export function canaryOf(digest: string, weight: number): GivenVariant {
  return { name: "canary", version: 2, package: digest, weight };
}

/** What the server says of its readiness, to be asked again. */
export function ready(port: number) {
  return () => get(port, "/v2/health/ready");
}

export async function readEvidence(port: number): Promise<Evidence> {
  return evidenceSchema.parse((await get(port, `/${endpoint}/variants`)).body);
}

/** Asks as an endpoint's callers do: one body after the other on one connection, each with the unit of its header. @param of the model */
export async function askAll(
  port: number,
  asked: readonly { readonly unit?: string; readonly body: object }[],
  of = model,
) {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString();
  });
  const replies = () => [...text.matchAll(/HTTP\/1\.1 200 OK\r\n(?<head>[\s\S]*?)\r\n\r\n(?<body>\{.*\})/g)];
  for (const [i, { unit, body }] of asked.entries()) {
    const json = JSON.stringify(body);
    const header = unit === undefined ? "" : `steward-unit: ${unit}\r\n`;
    const head = `POST /v2/models/${of}/infer HTTP/1.1\r\nhost: a\r\n${header}content-length: ${json.length}\r\n\r\n`;
    socket.write(head + json);
    // The first teaches the template by which the others are read.
    if (i === 0) await eventually(async () => replies().length).toBe(1);
  }
  await eventually(async () => replies().length).toBe(asked.length);
  socket.destroy();
  return replies().map(({ groups }) => ({
    variant: /^steward-variant: (.*)$/m.exec(groups?.["head"] ?? "")?.[1]?.trim(),
    answer: JSON.parse(groups?.["body"] ?? "") as {
      id: string;
      model_name: string;
      parameters: { model_digest: string; variant?: string };
      outputs: { data: number[] }[];
    },
  }));
}

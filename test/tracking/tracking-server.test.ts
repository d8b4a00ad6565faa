import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { trackingRoutes } from "../../framework/tracking/parts.ts";
import { useTracking } from "./tracking-stack.ts";

const anna = { actor: "anna", token: "a-token-of-anna-0001" };
const given = useTracking({ tokens: [anna] });
const asAnna = { authorization: `Bearer ${anna.token}` };

/** `fetch` sets these headers itself. */
async function askBy(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${given.url}/api/3.0/mlflow/server-info`, { headers: { ...asAnna, ...headers } }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    })
      .on("error", reject)
      .end();
  });
}

describe("the tracking server", () => {
  it("says that it lives, and which version it speaks, to everybody", async () => {
    expect(await given.ask("GET", "/health")).toEqual({ status: 200, body: "OK" });
    expect(await given.ask("GET", "/version")).toEqual({ status: 200, body: "3.17.2" });
  });

  it("says what it is to those who have a token, shown as Bearer or as the password of Basic", async () => {
    const basic = `Basic ${Buffer.from(`whoever:${anna.token}`).toString("base64")}`;
    for (const authorization of [asAnna.authorization, basic]) {
      const { status, body } = await given.ask("GET", "/api/3.0/mlflow/server-info", undefined, { authorization });
      expect({ status, body }).toEqual({ status: 200, body: { store_type: "SqlStore", workspaces_enabled: false } });
    }
  });

  it("answers 401 on every route but the two open ones, and on paths that are none, without a token", async () => {
    const open = trackingRoutes.filter((route) => route.open === true).map(({ path }) => path);
    expect(open.sort()).toEqual(["/health", "/version"]);
    const closed = trackingRoutes.filter((route) => route.open !== true);
    for (const { method, path } of [...closed, { method: "GET", path: "/nowhere" }]) {
      const { status, body } = await given.ask(method, path.replaceAll(/\{[^}]*\}/g, "x"));
      expect({ path, status, code: body.error_code }).toEqual({ path, status: 401, code: "UNAUTHENTICATED" });
    }
  });

  it("answers ENDPOINT_NOT_FOUND for a path that is none, by which clients fall back", async () => {
    const { status, body } = await given.ask("POST", "/api/2.0/mlflow/nowhere", {}, asAnna);
    expect({ status, code: body.error_code }).toEqual({ status: 404, code: "ENDPOINT_NOT_FOUND" });
  });

  it.each([
    ["its address", { host: "127.0.0.1:5000" }, 200],
    ["localhost", { host: "localhost" }, 200],
    ["another name that leads here", { host: "rebound.example:5000" }, 403],
    ["a name that begins like one of its own", { host: "localhost.example" }, 403],
    ["a page of another origin", { origin: "http://elsewhere.example" }, 403],
    ["a page without an origin", { origin: "null" }, 403],
  ])("sent to or from %s, a request is answered %#", async (_name, headers, status) => {
    expect(await askBy(headers)).toBe(status);
  });
});

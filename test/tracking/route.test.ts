import { describe, expect, it } from "vitest";
import { z } from "zod";
import { jsonRoute, rawRoute, tabulateRoutes } from "../../framework/tracking/route.ts";

const routes = [
  jsonRoute({ method: "GET", path: "/a/get", input: z.object({}), answer: () => ({}) }),
  jsonRoute({ method: "GET", path: "/a/{id}", input: z.object({}), answer: () => ({}) }),
  jsonRoute({ method: "DELETE", path: "/a/{id}/tags/{key}", input: z.object({}), answer: () => ({}) }),
  rawRoute({ method: "PUT", path: "/files/{path*}", answer: () => ({ status: 200, body: "" }) }),
];
const find = tabulateRoutes(routes);

describe("a route", () => {
  it.each([
    ["GET", "/a/get", 0, {}],
    ["GET", "/a/x%20y%2Fz", 1, { id: "x y/z" }],
    ["DELETE", "/a/1/tags/k", 2, { id: "1", key: "k" }],
    ["PUT", "/files/a/b%20c.txt", 3, { path: "a/b c.txt" }],
    ["PUT", "/files/%252e%252e/x", 3, { path: "%2e%2e/x" }],
    ["PUT", "/files/", 3, { path: "" }],
  ])("takes %s %s, decoded once", (method, path, index, parameters) => {
    expect(find(method, path)).toEqual({ route: routes[index], parameters });
  });

  it.each([
    ["POST", "/a/get"],
    ["GET", "/a"],
    ["GET", "/a/1/2"],
    ["GET", "//a/get"],
    ["PUT", "/files"],
    ["__proto__", "/a/get"],
  ])("is not there for %s %s", (method, path) => {
    expect(() => find(method, path)).toThrow(expect.objectContaining({ code: "ENDPOINT_NOT_FOUND", status: 404 }));
  });

  it("whose path is not encoded as URLs are is refused", () => {
    expect(() => find("GET", "/a/%E0%A4%A")).toThrow(expect.objectContaining({ code: "BAD_REQUEST" }));
  });

  it("may be declared once", () => {
    expect(() => tabulateRoutes([...routes, ...routes.slice(1, 2)])).toThrow("two routes are GET /a/{id}");
  });
});

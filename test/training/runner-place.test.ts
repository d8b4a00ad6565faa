import { describe, expect, it } from "vitest";
import { type ClusterPlace, openCluster, parseRunner } from "../../framework/training/runner-place.ts";

const ray = "ray" as const;

describe("the setting of where jobs run", () => {
  it.each<[string, ClusterPlace | "process"]>([
    ["process", "process"],
    ["ray:http://ray.example:8265", { kind: ray, address: "http://ray.example:8265" }],
    ["ray:https://example.org/ray/", { kind: ray, address: "https://example.org/ray" }],
    ["ray:http://a%2Fb@head:8265", { kind: ray, address: "http://head:8265", authorization: "Bearer a/b" }],
    ["ray:https://anna:p%40ss@head", { kind: ray, address: "https://head", authorization: "Basic YW5uYTpwQHNz" }],
    ["ray:http://100%@head:8265", { kind: ray, address: "http://head:8265", authorization: "Bearer 100%" }],
  ])("%s", (setting, place) => {
    expect(parseRunner(setting)).toEqual(place);
  });

  it.each([
    "",
    "docker",
    "ray",
    "ray:",
    "ray:head:8265",
    "ray:ray://head:10001",
    "http://head:8265",
    "ray:http://",
    "ray:http://head/?a=1",
  ])("may not be %j", (setting) => {
    expect(parseRunner(setting)).toBeUndefined();
  });
});

it("a cluster has a runner, and this machine needs none", () => {
  expect(openCluster({ kind: ray, address: "http://head:8265" })).toMatchObject({ isCluster: true });
  expect(openCluster("process")).toBeUndefined();
});

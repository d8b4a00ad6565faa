import { describe, expect, it } from "vitest";
import { type Problem, StewardError } from "../../framework/definitions/problem.ts";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import { endpoint, type Project, project, trainingJob } from "../../framework/index.ts";
import { flights, late, reports, routes, training, weather } from "./flight-project.ts";

function problemsOf(given: Project): readonly Problem[] {
  try {
    resolveProject(given, "local");
  } catch (error) {
    if (error instanceof StewardError) return error.problems;
    throw error;
  }
  return [];
}

/** The flights' project with what its endpoint says of features that are looked up. */
function declaring(online: object) {
  const serving = { ...endpoint("desk", { model: late }), online };
  return project("flights", { definitions: [flights, reports, routes, weather, training, late, serving] });
}

describe("what an endpoint declares of features that are looked up", () => {
  it("is kept as it is said, and nothing is where nothing was said", () => {
    const specOf = (online: object) =>
      resolveProject(declaring(online), "local").definitions.find(({ kind }) => kind === "endpoint");
    const online = { maxAge: "2 hours", otherwise: { originDelay: 8.5, wind: null }, refresh: "1 hour" };
    expect(specOf(online)).toMatchObject({ online });
    expect(specOf({ otherwise: "error" })).toMatchObject({ online: { otherwise: "error" } });
    expect(specOf({ asOf: "latest-event" })).toMatchObject({ online: { asOf: "latest-event" } });
    expect(specOf({ asOf: "now" })).toMatchObject({ online: {} });
    const bare = project("flights", {
      definitions: [flights, reports, routes, weather, training, late, endpoint("desk", { model: late })],
    });
    const [spec] = resolveProject(bare, "local").definitions.filter(({ kind }) => kind === "endpoint");
    expect(spec).not.toHaveProperty("online");
  });

  it.each<[string, object, object]>([
    [
      "a default for a feature that there is not",
      { otherwise: { originDelai: 1 } },
      { code: "online-default-invalid", at: "desk.online.otherwise.originDelai", fix: 'did you mean "originDelay"?' },
    ],
    [
      "a default for a feature that a request brings",
      { otherwise: { hour: 1 } },
      { code: "online-default-invalid", at: "desk.online.otherwise.hour", expected: "one of originDelay, wind" },
    ],
    [
      "a default of another type",
      { otherwise: { wind: "strong" } },
      { code: "online-default-invalid", at: "desk.online.otherwise.wind", expected: "a number or null" },
    ],
    ["an age of nothing", { maxAge: "0 seconds" }, { code: "definition-invalid", at: "desk.online.maxAge" }],
    ["a refresh without a pause", { refresh: "9 seconds" }, { code: "definition-invalid", at: "desk.online.refresh" }],
    [
      "a refresh of what is of the past",
      { asOf: "latest-event", refresh: "1 hour" },
      { code: "online-unused", at: "desk.online.refresh" },
    ],
    [
      "an age of what is of the past",
      { asOf: "latest-event", maxAge: "1 hour" },
      { code: "online-unused", at: "desk.online.maxAge" },
    ],
    ["another option", { ttl: "1 hour" }, { at: "desk.online.ttl" }],
  ])("has no %s", (_name, online, problem) => {
    expect(problemsOf(declaring(online))).toEqual([expect.objectContaining(problem)]);
  });

  it("is nothing for a model whose features a request has", () => {
    const own = { ...routes, columns: routes.columns.slice(0, 2) };
    const job = trainingJob("late-training", {
      features: [own],
      label: (row) => row.delay.gt(15),
      split: { test: "14 days" },
      trainer: training.trainer,
    });
    const judged = { ...late, training: job };
    const serving = { ...endpoint("desk", { model: judged }), online: { maxAge: "1 hour" as const } };
    const given = project("flights", { definitions: [flights, own, job, judged, serving] });
    expect(problemsOf(given)).toEqual([expect.objectContaining({ code: "online-unused", at: "desk.online" })]);
  });
});

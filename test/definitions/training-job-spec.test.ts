import { describe, expect, it } from "vitest";
import { z } from "zod";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import type { Duration } from "../../framework/definitions/units.ts";
import {
  dataset,
  features,
  type JoinOptions,
  type Project,
  parquet,
  project,
  trainingJob,
} from "../../framework/index.ts";
import {
  definitions,
  findProblems,
  flights,
  late,
  lateArrival,
  reports,
  routes,
  training,
  weather,
} from "./flight-project.ts";

/** The flights' project with another join. */
function joining(joined: object): Project {
  const changes: object = { joined: [joined] };
  const job = { ...training, ...changes };
  const judged = { ...late, training: job };
  return project("flights", {
    definitions: [flights, reports, routes, weather, job, judged, { ...lateArrival, model: judged }],
  });
}

describe("training jobs", () => {
  it("keep how old a joined row may be, and say nothing of it where nothing was said", () => {
    const specify = (options?: JoinOptions) => {
      const joined = weather.by(flights, (row) => ({ airport: row.origin }), options);
      const { definitions: specs } = resolveProject(joining(joined), "local");
      return specs.flatMap((spec) => (spec.kind === "training-job" ? spec.features.slice(1) : []));
    };
    const by = { airport: { op: "column", name: "origin" } };
    expect(specify({ ttl: "30 days" })).toEqual([{ set: "weather", by, ttl: "30 days" }]);
    expect(specify()).toEqual([{ set: "weather", by }]);
    expect(specify({})).toEqual([{ set: "weather", by }]);
  });

  it.each<[string, object, [string, string][]]>([
    ["of no time", { ttl: "0 seconds" }, [["join-ttl", "late-training.features[1].ttl"]]],
    ["that is negative", { ttl: "-1 days" }, [["definition-invalid", "late-training.features[1].ttl"]]],
    ["that is no duration", { ttl: 30 }, [["definition-invalid", "late-training.features[1].ttl"]]],
    ["under another name", { maxAge: "1 day" }, [["option-unknown", "late-training.features[1].maxAge"]]],
  ])("are refused a ttl %s", (_, options, problems) => {
    const joined = weather.by(flights, (row) => ({ airport: row.origin }), options as JoinOptions);
    expect(findProblems(joining(joined))).toEqual(problems);
  });

  it("are refused a ttl that is over before what the set reads is known", () => {
    const late = dataset("late", {
      owner: "o",
      schema: z.object({ at: z.date(), level: z.number().meta({ known: "1 day" }) }),
      source: parquet("late"),
      eventTime: "at",
    });
    const levels = features("levels", late, (row) => ({ level: row.level }));
    const job = (ttl: Duration) =>
      trainingJob("levelled", {
        features: [routes, levels.by(flights, () => ({}), { ttl })],
        label: (row) => row.delay,
        split: training.split,
        trainer: training.trainer,
      });
    const find = (ttl: Duration) =>
      findProblems(project("flights", { definitions: [...definitions, late, levels, job(ttl)] })).filter(
        ([code]) => code === "join-ttl",
      );
    expect(find("23 hours")).toEqual([["join-ttl", "levelled.features[1].ttl"]]);
    expect(find("1 day")).toEqual([]);
  });
});

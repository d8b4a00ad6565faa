import { describe, expect, it } from "vitest";
import { z } from "zod";
import { resolveProject } from "../../framework/definitions/resolve-project.ts";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import { csv, dataset, project, type Retention } from "../../framework/index.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { ingestIdentity } from "../../framework/plan/identity.ts";

function specify(retention?: unknown): DatasetSpec {
  const rows = dataset("rows", {
    owner: "ops",
    schema: z.object({ at: z.date() }),
    eventTime: "at",
    source: csv("rows.csv"),
    ...(retention === undefined ? {} : { retention: retention as Retention }),
  });
  const { definitions } = resolveProject(
    project("shop", { definitions: [rows], environments: { local: {} } }),
    "local",
  );
  return definitions[0] as DatasetSpec;
}

describe("the retention of a dataset", () => {
  it.each<[Retention]>([[{ versions: 3 }], [{ for: "7 days" }], [{ versions: 1, for: "0 seconds" }]])(
    "%j stands in the spec as it was given, and asks for no other version",
    (retention) => {
      expect(specify(retention).retention).toEqual(retention);
      expect(ingestIdentity(specify(retention), "source")).toBe(ingestIdentity(specify(), "source"));
      expect(digestOf(specify(retention))).not.toBe(digestOf(specify()));
    },
  );

  it("is not in the spec where none was given", () => {
    expect(specify()).not.toHaveProperty("retention");
  });

  it.each<[unknown, string]>([
    [{}, 'expected "versions", "for" or both'],
    [{ versions: 0 }, "rows.retention.versions"],
    [{ versions: 1.5 }, "rows.retention.versions"],
    [{ for: "a week" }, "rows.retention.for"],
    [{ version: 3 }, "rows.retention"],
    [7, "rows.retention"],
  ])("%j is a problem", (retention, told) => {
    expect(() => specify(retention)).toThrow(told);
  });
});

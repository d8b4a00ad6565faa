import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type JsonSchema, schemaOfRow } from "../../framework/client/json-schema.ts";
import { describeOpenApi } from "../../framework/client/openapi.ts";
import { writePythonClient } from "../../framework/client/python-client.ts";
import { readRequestRows } from "../../framework/serving/typed/request-rows.ts";
import { columns, subject, subjects } from "./given-subject.ts";

const right = {
  at: "2026-03-01T09:30:00.123456Z",
  origin: "SEA",
  sky: "clear",
  distance: 954,
  "wind speed": 12.5,
  class: true,
  page: [0, 0.5, -1],
  bookedAt: "2026-03-01T09:30:00Z",
  code: "a-1",
};

/** What one value is changed to. */
const changes: readonly (readonly [string, unknown])[] = [
  ["at", "2026-03-01"],
  ["at", 5],
  ["at", null],
  ["origin", "SE"],
  ["origin", "sea"],
  ["origin", null],
  ["sky", null],
  ["sky", "fog"],
  ["sky", 'it\'s "fog"'],
  ["distance", 0],
  ["distance", 1.5],
  ["distance", "1"],
  ["wind speed", null],
  ["wind speed", 150],
  ["wind speed", 151],
  ["class", 1],
  ["page", [0, 0]],
  ["page", [0, 0, 2]],
  ["page", [0, null, 0]],
  ["page", null],
  ["bookedAt", null],
  ["code", "ab"],
  ["nobody", 1],
];

describe("the schema of a row", () => {
  const schema = z.fromJSONSchema(schemaOfRow(subject()) as Parameters<typeof z.fromJSONSchema>[0]);
  const isTaken = (row: object) => {
    try {
      readRequestRows(Buffer.from(JSON.stringify(row)), { columns, eventTime: "at" }, 0n);
      return true;
    } catch {
      return false;
    }
  };

  it.each<readonly [string, object]>([
    ["as it is", right],
    ["without its time", (({ at: _at, ...rest }) => rest)(right)],
    ["without a column", (({ code: _code, ...rest }) => rest)(right)],
    ...changes.map(([name, value]) => [`with ${name} ${JSON.stringify(value)}`, { ...right, [name]: value }] as const),
  ])("takes a row %s where the server does", (_what, row) => {
    expect(schema.safeParse(row).success).toBe(isTaken(row));
  });

  it("has the meaning and the unit of a column", () => {
    const { properties } = schemaOfRow(subject()) as { properties: Record<string, JsonSchema> };
    expect(properties["distance"]).toEqual({ type: "integer", minimum: 1, description: "in mi", "x-unit": "mi" });
    expect(properties["at"]).toMatchObject({ description: "scheduled departure" });
    // Without the flag u, by which others read a pattern, it means something else.
    expect(properties["code"]).toMatchObject({ pattern: "[0-9]", description: "like /^[\\w\\_-]+$/" });
  });
});

describe("an OpenAPI document", () => {
  it.each(Object.entries(subjects))("of a %s label has all that it refers to", (_task, given) => {
    const document = describeOpenApi(given);
    for (const [, section = "", name = ""] of JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/(\w+)"/g))
      expect(document["components"]).toHaveProperty([section, name]);
    expect(document["openapi"]).toBe("3.1.0");
  });

  it("has the feedback of an endpoint that takes it, and of no other", () => {
    const paths = (given: typeof subjects.binary) => Object.keys(describeOpenApi(given)["paths"] as object);
    expect(paths(subjects.binary)).toContain("/late-arrival/feedback");
    expect(paths(subjects.regression)).not.toContain("/late-arrival/feedback");
    expect(paths(subjects.regression)).toContain("/v2/models/late/versions/{version}/infer");
  });

  it("says how a client tells its request type, and when it is asked to", () => {
    const { paths } = describeOpenApi(subjects.binary) as {
      paths: Record<string, { post: { parameters: JsonSchema[]; responses: Record<string, JsonSchema> } }>;
    };
    const { parameters, responses } = paths["/late-arrival/predict"]?.post ?? { parameters: [], responses: {} };
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: "requestType", in: "query", schema: { type: "string", enum: ["told"] } }),
    );
    expect(responses["409"]?.["headers"]).toEqual({ "steward-client": { $ref: "#/components/headers/Client" } });
  });

  it("says what is answered", () => {
    const answers = Object.entries(subjects).map(([task, given]) => {
      const { schemas } = describeOpenApi(given)["components"] as { schemas: Record<string, JsonSchema> };
      return [task, Object.keys(schemas["Answer"]?.["properties"] as object)] as const;
    });
    const rest = ["features", "attributions", "model", "freshnessSeconds", "tables"];
    expect(Object.fromEntries(answers)).toEqual({
      binary: ["id", "probability", "label", ...rest],
      multiclass: ["id", "probabilities", "label", ...rest],
      regression: ["id", "value", ...rest],
    });
  });
});

it("a label says whose it is where labels are encrypted for their persons, in each document and client", () => {
  const given = subject({ hasSubject: true });
  const { components } = describeOpenApi(given) as {
    components: { schemas: { Feedback: { required: string[]; properties: object } } };
  };
  expect(components.schemas.Feedback.required).toEqual(["id", "label", "subject"]);
  expect(components.schemas.Feedback.properties).toHaveProperty("subject");
  expect(writePythonClient(given)).toContain("subject: Union[str, int]");
  expect(JSON.stringify(describeOpenApi(subject()))).not.toContain("as requests name them");
  expect(writePythonClient(subject())).not.toContain("subject: Union[str, int]");
});

/**
 * The OpenAPI 3.1 document of an endpoint: its typed route by the schema of its dataset, and the protocol. Pure.
 * @module
 */

import type { JsonSchema } from "./json-schema.ts";
import { schemaOfAnswer, schemaOfAnswers, schemaOfLabel, schemaOfPrediction, schemaOfRow } from "./json-schema.ts";
import { describeProtocolPaths, protocolSchemas, refTo, replyOf } from "./protocol-paths.ts";
import { clientHeader, digestRequestType, sayDigest, unknownClient, versionOf } from "./request-type.ts";
import type { ClientSubject } from "./subject.ts";

/** The document, for an endpoint. */
export function describeOpenApi(subject: ClientSubject): JsonSchema {
  const { endpoint, model, type, hasFeedback, hasSubject = false } = subject;
  const path = `/${encodeURIComponent(endpoint)}`;
  return {
    openapi: "3.1.0",
    info: {
      title: endpoint,
      version: versionOf(type),
      description: `What the endpoint "${endpoint}" answers with the model "${model}".`,
      "x-request-type": sayDigest(digestRequestType(type)),
    },
    // Whoever has the document has it from the server.
    servers: [{ url: "/" }],
    paths: {
      [`${path}/predict`]: { post: describePredict(type.task) },
      ...(hasFeedback && { [`${path}/feedback`]: { post: feedback } }),
      ...describeProtocolPaths(model),
    },
    components: {
      schemas: {
        Row: schemaOfRow(subject),
        Prediction: schemaOfPrediction(type),
        Answer: schemaOfAnswer(type),
        Answers: schemaOfAnswers(refTo("Prediction")),
        ...(hasFeedback && { Feedback: schemaOfFeedback(schemaOfLabel(type), hasSubject) }),
        ...protocolSchemas,
      },
      headers: {
        RequestId: { description: "The id of the request: as it was sent, or made.", schema: { type: "string" } },
        Client: {
          description:
            "Said of a client whose request type was never released: it may ask again with requestType=told.",
          schema: { type: "string", enum: [unknownClient] },
        },
      },
    },
  };
}

const refusals: Readonly<Record<string, string>> = {
  400: "The row does not fit; all that is wrong is told.",
  409: "The client was written for another request type; how it differs is told.",
  413: "The body is too large.",
  415: "The body is compressed in a way that is not taken.",
  422: "A row that there is no answer for.",
  503: "Nobody can answer now; Retry-After says when to ask again.",
  504: "The answer took too long.",
};

function refuseWith(statuses: readonly string[]): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    statuses.map((status) => [status, replyOf(refusals[status] ?? "", refTo("Refusal"))] as const),
  );
}

function describePredict(task: ClientSubject["type"]["task"]): JsonSchema {
  const oneOrMany = (one: JsonSchema, many: JsonSchema) => ({ anyOf: [one, many] });
  const rows = {
    type: "object",
    properties: { rows: { type: "array", items: refTo("Row"), minItems: 1 } },
    required: ["rows"],
    additionalProperties: false,
  };
  const header = (name: string, description: string) => ({
    name,
    in: "header",
    description,
    schema: { type: "string" },
  });
  return {
    operationId: "predict",
    summary:
      task === "regression"
        ? "Predicts a number for a row, or for each of a list."
        : "Predicts the label of a row, or of each of a list.",
    parameters: [
      {
        name: "explain",
        in: "query",
        description: "Adds the features.",
        schema: { type: "string", enum: ["features"] },
      },
      {
        name: "attributions",
        in: "query",
        description: "Adds what each feature adds to the answer.",
        schema: { type: "string", enum: ["true"] },
      },
      {
        name: "requestType",
        in: "query",
        description: `Says that the body begins with the request type that ${clientHeader} names, as canonical JSON in a line of its own; the request follows.`,
        schema: { type: "string", enum: ["told"] },
      },
      header(clientHeader, "The request type that the client was written for."),
      header("steward-unit", "Whom or what the row is about, so that it always gets the same variant."),
      header("steward-timeout", "How long the answer may take, in milliseconds."),
      header("x-request-id", "An id of the request, which its record has and its reply says."),
      header("traceparent", "The trace that the request is part of, as W3C Trace Context has it."),
    ],
    requestBody: { required: true, content: { "application/json": { schema: oneOrMany(refTo("Row"), rows) } } },
    responses: {
      200: {
        ...replyOf("The answer.", oneOrMany(refTo("Answer"), refTo("Answers"))),
        headers: { "x-request-id": { $ref: "#/components/headers/RequestId" } },
      },
      ...refuseWith(["400", "413", "415", "422", "503", "504"]),
      409: {
        ...replyOf(refusals[409] ?? "", refTo("Refusal")),
        headers: { [clientHeader]: { $ref: "#/components/headers/Client" } },
      },
    },
  };
}

/** A label that came later, by the id of the answer. */
function schemaOfFeedback(label: JsonSchema, hasSubject: boolean): JsonSchema {
  return {
    type: "object",
    properties: {
      id: { type: "string", description: "the id of the answer" },
      label,
      time: {
        type: "string",
        format: "date-time",
        description: "when the label became true; now where it is left out",
      },
      row: { type: "integer", minimum: 0, description: "the row of several, from 0" },
      correction: { type: "boolean", description: "whether what was said before of this row was wrong" },
      selected: { type: "boolean", description: "whether it is there only because of what was answered" },
      ...(hasSubject && {
        subject: { type: ["string", "integer"], description: "whom it says something of, as requests name them" },
      }),
    },
    required: ["id", "label", ...(hasSubject ? ["subject"] : [])],
  };
}

const feedback: JsonSchema = {
  operationId: "feedback",
  summary: "Takes labels that came later.",
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: {
          anyOf: [
            refTo("Feedback"),
            {
              type: "object",
              properties: { items: { type: "array", items: refTo("Feedback"), minItems: 1 } },
              required: ["items"],
            },
          ],
        },
      },
    },
  },
  responses: { 200: replyOf("They are kept.", { type: "object" }), ...refuseWith(["400", "413", "415", "422", "503"]) },
};

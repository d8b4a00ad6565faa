/**
 * What clients of the engine are told when an entity does not answer.
 * @module
 */
import { status } from "@grpc/grpc-js";
import { ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from "@temporalio/client";
import { describe, expect, it } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import { explainSilence } from "../../framework/engine/engine.ts";

const spender = { project: "shop", kind: "model", name: "spender" } as const;

/** An error as Temporal's client makes it of one of gRPC's. */
function failed(code: status, details: string): ServiceError {
  return new ServiceError("failed", { cause: Object.assign(new Error(details), { code, details, metadata: {} }) });
}

describe("an entity that does not answer", () => {
  it.each([
    ["a message in time", new WorkflowUpdateRPCTimeoutOrCancelledError("Deadline exceeded")],
    ["a question in time", failed(status.DEADLINE_EXCEEDED, "Deadline exceeded after 20 s")],
    [
      "since no worker is there",
      failed(status.FAILED_PRECONDITION, "no poller seen for task queue recently, worker may be down"),
    ],
  ])("%s is a problem with the cure", (_title, error) => {
    const explained = explainSilence(spender, error);
    expect(explained).toBeInstanceOf(StewardError);
    expect(explained).toMatchObject({
      cause: error,
      problems: [
        {
          code: "entity-silent",
          at: "model/spender",
          what: 'model "spender" does not answer',
          fix: expect.stringContaining("steward doctor"),
        },
      ],
    });
  });

  it.each([
    ["another error of gRPC's", failed(status.INTERNAL, "broken")],
    ["another condition", failed(status.FAILED_PRECONDITION, "namespace is closed")],
    ["an error of ours", new TypeError("no such field")],
  ])("is not what %s means", (_title, error) => {
    expect(explainSilence(spender, error)).toBe(error);
  });
});

import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  RetryState,
  TimeoutFailure,
} from "@temporalio/common";
import { describe, expect, it } from "vitest";
import { failWith, reasonsOf } from "../../workflows/entity/reasons.ts";

function inLayers(cause: Error): Error {
  const activity = new ActivityFailure(
    "activity failed",
    "ingestSource",
    "1",
    RetryState.NON_RETRYABLE_FAILURE,
    "worker",
    cause,
  );
  return new ChildWorkflowFailure(
    "default",
    { workflowId: "id", runId: "run" },
    "ingest",
    RetryState.NON_RETRYABLE_FAILURE,
    activity,
  );
}

describe("the reasons of a failure", () => {
  it.each([
    ["are the sentences that the work gave", inLayers(failWith(["one", "two"])), ["one", "two"]],
    ["are the innermost message", inLayers(ApplicationFailure.create({ message: "no space left" })), ["no space left"]],
    [
      "say that a worker was lost",
      inLayers(new TimeoutFailure("activity Heartbeat timeout", undefined, "HEARTBEAT")),
      ["it took too long or its worker was lost: activity Heartbeat timeout"],
    ],
    ["say that it was cancelled", inLayers(new CancelledFailure("cancelled")), ["it was cancelled"]],
    ["are the message of an error from outside", new Error("oops"), ["oops"]],
    ["are whatever was thrown", "oops", ["oops"]],
    [
      "leave out what is no sentence",
      ApplicationFailure.create({ type: "reasons", message: "m", details: [["one", 2]] }),
      ["one"],
    ],
  ])("%s", (_title, error, expected) => {
    expect(reasonsOf(error)).toEqual(expected);
  });
});

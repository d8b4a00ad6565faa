/**
 * What clients of the engine are told when a message is refused, over a client that the test plays.
 * @module
 */
import { Client, Connection, WorkflowNotFoundError, WorkflowUpdateFailedError } from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { describe, expect, it } from "vitest";
import { createEngine, openEngine } from "../../framework/engine/engine.ts";
import { failure } from "../support/failure.ts";
import { decision } from "../workflows/wishes.ts";

const spender = { project: "shop", kind: "model", name: "spender" } as const;

/** An engine whose every update ends with an error. */
function failingWith(error: Error) {
  const client = new Client({
    connection: Connection.lazy({ address: "127.0.0.1:1" }),
    interceptors: {
      workflow: [
        {
          startUpdate: () => Promise.reject(error),
          query: () => Promise.reject(error),
          describe: () => Promise.reject(error),
        },
      ],
    },
  });
  return createEngine(client, async () => {});
}

/** An engine that answers every query with a value. */
function answering(value: unknown) {
  const client = new Client({
    connection: Connection.lazy({ address: "127.0.0.1:1" }),
    interceptors: { workflow: [{ query: async () => value }] },
  });
  return createEngine(client, async () => {});
}

function refusedWith(type: string, details: readonly unknown[]) {
  return new WorkflowUpdateFailedError(
    "update failed",
    ApplicationFailure.create({ type, message: "not so", details: [...details] }),
  );
}

const missing = new WorkflowNotFoundError("not found", "shop/model/spender", undefined);

describe("a message that an entity refuses", () => {
  it.each([
    [
      "is a problem with the cure",
      refusedWith("refused", ["do so"]),
      [{ code: "entity-refused", at: "model/spender", what: "not so", fix: "do so" }],
    ],
    [
      "may come without a cure",
      refusedWith("refused", []),
      [{ code: "entity-refused", at: "model/spender", what: "not so" }],
    ],
    [
      "says that another stack owns it",
      refusedWith("refused-owner", ["adopt"]),
      [{ code: "entity-owned-by-another-stack", at: "model/spender", what: "not so", fix: "adopt" }],
    ],
    [
      "says that there is no such entity",
      missing,
      [expect.objectContaining({ code: "entity-unknown", what: `there is no model "spender" in project "shop"` })],
    ],
  ])("%s", async (_title, error, problems) => {
    const refused = await failure(failingWith(error).approve(spender, decision("bob", "c")));
    expect(refused.problems).toEqual(problems);
    expect(refused.cause).toBe(error);
  });

  it("lets what it does not know through", async () => {
    const error = new WorkflowUpdateFailedError("update failed", ApplicationFailure.create({ type: "other" }));
    await expect(failingWith(error).approve(spender, decision("bob", "c"))).rejects.toBe(error);
  });
});

describe("an entity of a newer Steward", () => {
  const newer = { format: "entity-status/2", name: "spender" };

  it("has a status that is not read", async () => {
    const { problems } = await failure(answering(newer).status(spender));
    expect(problems).toMatchObject([{ code: "format-newer", at: "model/spender", got: 'format "entity-status/2"' }]);
  });

  it("refuses what it does not know with the problem as its worker sees it", async () => {
    const problem = { code: "format-newer", at: "shop/model/spender", what: "w", got: "g", expected: "e" };
    const refused = await failure(
      failingWith(refusedWith("refused-format", [problem])).approve(spender, decision("bob", "c")),
    );
    expect(refused.problems).toEqual([problem]);
  });
});

describe("an entity that is not there", () => {
  it("has neither status nor progress", async () => {
    const engine = failingWith(missing);
    expect(await engine.status(spender)).toBeUndefined();
    const work = { step: "train", workflowId: "shop/train/x" } as const;
    expect(await engine.progress({ work } as never)).toBeUndefined();
  });
});

describe("an engine that does not answer", () => {
  it("is named with its address and the cure", async () => {
    const { problems } = await failure(
      openEngine({ address: "127.0.0.1:1", namespace: "steward", ui: "http://127.0.0.1:1" }),
    );
    expect(problems).toEqual([
      expect.objectContaining({ code: "engine-unreachable", what: expect.stringContaining("127.0.0.1:1") }),
    ]);
  });
});

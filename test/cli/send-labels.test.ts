import { describe, expect, it } from "vitest";
import { sendLabels } from "../../framework/cli/send-labels.ts";
import type { LabelItem } from "../../framework/serving/feedback/label-item.ts";
import { useServer } from "../serving/given-server.ts";
import { readRecords } from "../serving/segments.ts";
import { failure } from "../support/failure.ts";

const given = useServer();
const feedback = { label: { type: "boolean" }, matures: "1 day" } as const;
const label = (id: string): LabelItem => ({ id, row: 0, label: true, time: "2026-01-01T00:00:00.000Z" });

async function* batchesOf(...batches: (readonly LabelItem[])[]): AsyncGenerator<readonly LabelItem[]> {
  yield* batches;
}

describe("labels that are sent", () => {
  it("are recorded by the server, and told as they go", async () => {
    const port = await given.start({ feedback });
    const told: number[] = [];
    const sent = await sendLabels({
      address: `http://127.0.0.1:${port}`,
      endpoint: "storms",
      batches: batchesOf([label("a"), label("b")], [label("c")]),
      correction: true,
      onSent: (count) => told.push(count),
    });
    expect([sent, told]).toEqual([3, [2, 3]]);
    await given.close();
    const records = (await readRecords(given.segments)).filter((record) => "label" in record);
    expect(records.map(({ id, correction }) => [id, correction])).toEqual([
      ["a", true],
      ["b", true],
      ["c", true],
    ]);
  });

  it("are refused in the server's own words", async () => {
    const address = `http://127.0.0.1:${await given.start({ feedback })}`;
    const strange = { ...label("a"), label: "yes" };
    const sending = { address, endpoint: "storms", batches: batchesOf([strange]), correction: false };
    expect((await failure(sendLabels(sending))).problems).toMatchObject([
      { code: "feedback-refused", what: expect.stringContaining('got "yes"'), got: "HTTP 422" },
    ]);
  });

  it("wait for a server that cannot take them now, and not for one that is not there", async () => {
    const port = await given.start({ feedback });
    const address = `http://127.0.0.1:${port}`;
    await given.close();
    const sending = { address, endpoint: "storms", batches: batchesOf([label("a")]), correction: false };
    expect((await failure(sendLabels(sending))).problems).toMatchObject([{ code: "endpoint-not-serving" }]);
  });
});

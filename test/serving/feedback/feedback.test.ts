import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { RecordLog } from "../../../framework/serving/log/record-log.ts";
import { useServer } from "../given-server.ts";
import { ask, get, infer } from "../storm-model.ts";

const given = useServer();
const feedback = { label: { type: "boolean" }, matures: "1 day" } as const;

async function post(port: number, body: unknown, endpoint = "storms") {
  const response = await fetch(`http://127.0.0.1:${port}/${endpoint}/feedback`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** The labels on the disk; room that was made ahead is none. */
async function readStream(): Promise<Record<string, unknown>[]> {
  const names = (await readdir(given.segments)).filter((name) => name.startsWith("feedback-")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(given.segments, name), "utf8")));
  const lines = texts.flatMap((text) => (text.split("\0", 1)[0] ?? "").split("\n").slice(0, -1));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("the feedback route", () => {
  it("has labels on the disk when it answers, with when they came beside when they became true", async () => {
    await given.promote(1);
    const port = await given.start({ feedback });
    const { answer } = await infer(port, ask());
    const before = Date.now();
    const { status, body } = await post(port, { id: answer.id, label: true, time: "2026-01-01T00:00:00Z" });
    const recorded = String(body["recorded"]);
    expect({ status, body }).toEqual({ status: 200, body: { labels: 1, recorded } });
    expect(Date.parse(recorded)).toBeGreaterThanOrEqual(before);
    const first = { id: answer.id, row: 0, label: true, time: "2026-01-01T00:00:00.000Z", recorded };
    expect(await readStream()).toEqual([{ sequence: 1, ...first }]);
    const items = [
      { id: answer.id, label: false, correction: true },
      { id: "nobody's", label: true, row: 2, selected: true },
    ];
    expect(await post(port, { items })).toMatchObject({ status: 200, body: { labels: 2 } });
    expect(await readStream()).toEqual([
      { sequence: 1, ...first },
      expect.objectContaining({ sequence: 2, id: answer.id, label: false, correction: true }),
      expect.objectContaining({ sequence: 3, id: "nobody's", row: 2, selected: true }),
    ]);
    expect((await get(port, "/metrics").catch(() => ({ body: "" }))).body ?? "").toBeDefined();
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain("\nsteward_feedback_labels_total 3\n");
    expect(metrics).toContain('steward_requests_total{route="feedback",status="200"} 2');
  });

  it("takes all labels of a request or none, and says what is wrong with each", async () => {
    await given.promote(1);
    const port = await given.start({ feedback });
    const { status, body } = await post(port, {
      items: [
        { id: "a", label: true },
        { id: "b", label: "yes" },
      ],
    });
    expect(status).toBe(422);
    expect(body).toEqual({
      error: 'item 1, "label": the value does not fit (got "yes", expected true or false)',
      problems: [{ item: 1, field: "label", what: "the value does not fit", got: '"yes"', expected: "true or false" }],
    });
    expect(await readStream()).toEqual([]);
  });

  it("takes labels while there is no model", async () => {
    const port = await given.start({ feedback });
    expect((await post(port, { id: "a", label: true })).status).toBe(200);
  });

  it("is not there for another endpoint, and not where none are declared", async () => {
    const port = await given.start({ feedback });
    expect(await post(port, { id: "a", label: true }, "gales")).toMatchObject({
      status: 404,
      body: { error: /"storms"/ },
    });
    await given.close();
    const without = await given.start();
    expect(await post(without, { id: "a", label: true })).toMatchObject({
      status: 404,
      body: { error: /declares no feedback/ },
    });
    expect((await fetch(`http://127.0.0.1:${without}/storms/feedback`)).status).toBe(405);
  });

  it("takes no more than other routes do, packed or not", async () => {
    const port = await given.start({ feedback });
    expect((await post(port, `{"id": "${"a".repeat(17 * 2 ** 20)}"`)).status).toBe(413);
    const packed = await fetch(`http://127.0.0.1:${port}/storms/feedback`, {
      method: "POST",
      headers: { "content-encoding": "br" },
      body: "{}",
    });
    expect(packed.status).toBe(415);
  });

  it("says so when labels cannot be recorded, and takes them when they can again", async () => {
    const port = await given.start({ feedback });
    const failing = vi.spyOn(RecordLog.prototype, "append").mockRejectedValueOnce(new Error("no room at /secret"));
    const items = [
      { id: "a", label: true },
      { id: "b", label: true },
    ];
    const { status, body } = await post(port, { items });
    failing.mockRestore();
    expect({ status, body }).toEqual({
      status: 503,
      body: { error: "the labels cannot be recorded now; send them again" },
    });
    expect(given.lines).toContain("labels could not be recorded: no room at /secret");
    expect((await post(port, { items })).status).toBe(200);
  });

  it("goes on where the last process left the stream", async () => {
    const first = await given.start({ feedback });
    await post(first, { id: "a", label: true });
    await given.close();
    const second = await given.start({ feedback });
    await post(second, { id: "b", label: true });
    expect((await readStream()).map(({ sequence, id }) => [sequence, id])).toEqual([
      [1, "a"],
      [2, "b"],
    ]);
  });
});

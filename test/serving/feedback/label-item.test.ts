import { describe, expect, it } from "vitest";
import type { LabelSpec } from "../../../framework/definitions/feedback-spec.ts";
import { mostLabels, readLabels } from "../../../framework/serving/feedback/label-item.ts";
import { RefusedLabels } from "../../../framework/serving/feedback/refused-labels.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const read = (body: unknown, label: LabelSpec = { type: "boolean" }) =>
  readLabels(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), { label, now });

function problemsOf(body: unknown, label?: LabelSpec) {
  try {
    read(body, label);
  } catch (error) {
    if (error instanceof RefusedLabels) return error.problems.map(({ item, field }) => [item, field]);
    throw error;
  }
  return [];
}

describe("labels as they are sent", () => {
  it("are one, or a list of them; what is left out is row 0, now", () => {
    expect(read({ id: "a", label: true })).toEqual([
      { id: "a", row: 0, label: true, time: "2026-03-01T12:00:00.000Z" },
    ]);
    const items = [
      { id: "a", label: false, row: 3, time: "2026-02-28T13:00:00+01:00" },
      { id: "b", label: true, correction: true, selected: false },
      { id: "c", label: true, correction: false, selected: true },
    ];
    expect(read({ items })).toEqual([
      { id: "a", row: 3, label: false, time: "2026-02-28T12:00:00.000Z" },
      { id: "b", row: 0, label: true, time: "2026-03-01T12:00:00.000Z", correction: true, selected: false },
      { id: "c", row: 0, label: true, time: "2026-03-01T12:00:00.000Z", selected: true },
    ]);
  });

  it.each<[string, LabelSpec, readonly unknown[], readonly unknown[]]>([
    ["truths", { type: "boolean" }, [true, false], [1, "true", null, [true]]],
    ["classes", { type: "string", values: ["sun", "rain"] }, ["sun", "rain"], ["snow", "", 0, null, "toString"]],
    ["numbers", { type: "number", min: 0 }, [0, 0.5, 1e300], [-0.1, "1", null, true]],
    ["whole numbers", { type: "integer", max: 10 }, [10, -3], [0.5, 11, 2 ** 53]],
  ])("are %s where the model answers with such", (_title, label, right, wrong) => {
    for (const one of right) expect(read({ id: "a", label: one }, label)).toMatchObject([{ label: one }]);
    for (const one of wrong) expect(problemsOf({ id: "a", label: one }, label)).toEqual([[undefined, "label"]]);
  });

  it("say whom they say something of where they are encrypted for them, and nowhere else", () => {
    const readFor = (body: unknown) =>
      readLabels(Buffer.from(JSON.stringify(body)), { label: { type: "boolean" }, now, hasSubject: true });
    expect(readFor({ id: "a", label: true, subject: "c-1" })).toMatchObject([{ subject: "c-1" }]);
    // As the text that a numbered one has in a request.
    expect(readFor({ id: "a", label: true, subject: 17 })).toMatchObject([{ subject: "17" }]);
    for (const subject of ["", 0.5, true, null, "x".repeat(257)])
      expect(() => readFor({ id: "a", label: true, subject })).toThrow('"subject"');
    expect(() => readFor({ id: "a", label: true })).toThrow('"subject": it is missing');
    expect(problemsOf({ id: "a", label: true, subject: "c-1" })).toEqual([[undefined, "subject"]]);
  });

  it.each([{ isPersonal: true }, { hasSubject: true }])(
    "are not said back where they say something of persons: %j",
    (terms) => {
      const refusalOf = (body: unknown) => {
        try {
          readLabels(Buffer.from(JSON.stringify(body)), { label: { type: "boolean" }, now, ...terms });
        } catch (error) {
          return error as RefusedLabels;
        }
        throw new Error("they were taken");
      };
      const items = [{ id: 7, label: "malignant", ...(terms.hasSubject && { subject: 0.625 }) }, "malignant"];
      const { problems, message } = refusalOf({ items });
      expect(problems.map(({ field, got }) => [field, got])).toEqual([
        ["id", "7"],
        ["label", undefined],
        ...(terms.hasSubject ? [["subject", undefined]] : []),
        ["", undefined],
      ]);
      expect(problems[1]?.expected).toBe("true or false");
      expect(message).not.toMatch(/malignant|0\.625/);
    },
  );

  it.each<[string, object, string]>([
    ["no id", { label: true }, "id"],
    ["an empty id", { id: "", label: true }, "id"],
    ["an id that is no text", { id: 7, label: true }, "id"],
    ["an id that is too long", { id: "a".repeat(257), label: true }, "id"],
    ["an id of half a character", { id: "\ud800", label: true }, "id"],
    ["no label", { id: "a" }, "label"],
    ["a row before the first", { id: "a", label: true, row: -1 }, "row"],
    ["half a row", { id: "a", label: true, row: 0.5 }, "row"],
    ["a row that no request has", { id: "a", label: true, row: 10_000 }, "row"],
    ["a time that is none", { id: "a", label: true, time: "yesterday" }, "time"],
    ["a time without its zone", { id: "a", label: true, time: "2026-02-01T00:00:00" }, "time"],
    ["a time before all years", { id: "a", label: true, time: "0000-01-01T00:00:00+01:00" }, "time"],
    ["a time that is to come", { id: "a", label: true, time: "2026-03-01T12:05:01Z" }, "time"],
    ["a correction in words", { id: "a", label: true, correction: "yes" }, "correction"],
    ["a decision in words", { id: "a", label: true, selected: "yes" }, "selected"],
    ["a field that there is not", { id: "a", label: true, score: 1 }, "score"],
    ["a prototype", JSON.parse('{"id": "a", "label": true, "__proto__": 1}') as object, "__proto__"],
  ])("are refused for %s", (_title, label, field) => {
    expect(problemsOf(label)).toEqual([[undefined, field]]);
  });

  it("may have become true in any year", () => {
    expect(read({ id: "a", label: true, time: "0001-01-01T00:00:00Z" })).toMatchObject([
      { time: "0001-01-01T00:00:00.000Z" },
    ]);
  });

  it("may lie as far ahead as clocks differ", () => {
    expect(read({ id: "a", label: true, time: "2026-03-01T12:05:00Z" })).toHaveLength(1);
  });

  it("are refused with every problem of every one of them, and where it is", () => {
    const items = [
      { id: "a", label: true },
      { label: 1 },
      { id: "c", label: true },
      "d",
      { id: "e", label: true, row: -1 },
    ];
    expect(problemsOf({ items })).toEqual([
      [1, "id"],
      [1, "label"],
      [3, ""],
      [4, "row"],
    ]);
    const many = Array.from({ length: 50 }, () => ({ id: "a", label: 1 }));
    expect(() => read({ items: many })).toThrow(
      /^item 0, "label": .* \(got 1, expected true or false\); .*; and 30 more$/,
    );
  });

  it.each<[string, unknown, RegExp]>([
    ["no JSON", "{", /not JSON/],
    ["no object", [], /no object/],
    ["no list", { items: {} }, /no list/],
    ["an empty list", { items: [] }, /empty/],
    ["something beside a list", { items: [{ id: "a", label: true }], id: "b" }, /beside "items"/],
    ["too many", { items: Array.from({ length: mostLabels + 1 }, () => 0) }, /at most 10000/],
  ])("are not looked at in a body that is %s", (_title, body, message) => {
    expect(() => read(body)).toThrow(message);
    expect(() => read(body)).toThrow(expect.objectContaining({ status: 400 }));
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type JoinTerms, joinLabels, labelledQuery } from "../../framework/feedback/join-labels.ts";
import { countLabels } from "../../framework/feedback/label-counts.ts";
import { joinStreams, listLabelled, type Streams, withStreams } from "./joined.ts";
import { type AnswerRecord, joinNaively, type ToldRecord } from "./label-oracle.ts";

const day = 86_400_000;
const start = Date.parse("2026-03-01T00:00:00Z");
const at = (days: number) => new Date(start + days * day).toISOString();
const nothing = { count: 0, examples: [] };
const binary = (asOf: number): JoinTerms => ({ task: "binary", label: { type: "boolean" }, asOf: start + asOf * day });

function answer(id: string, days: number, change: object = {}) {
  return { id, time: at(days), version: "1", package: "p", outputs: { probability: [0.7], label: [true] }, ...change };
}
function told(id: string, label: unknown, [time, recorded]: readonly [number, number], change: object = {}) {
  return { id, row: 0, label, time: at(time), recorded: at(recorded), ...change };
}

/** What is known of the label of row 0 of `a` as of each day. */
function labelsOn(days: readonly number[], streams: Streams) {
  // In one database, for one takes longer to open than all of its joins do.
  return withStreams(streams, async (db, sources) => {
    const labels: unknown[] = [];
    for (const asOf of days) {
      await joinLabels(db, sources, binary(asOf));
      labels.push((await listLabelled(db)).find(({ id, row }) => id === "a" && row === 0)?.label);
      for (const table of ["answered", "told", "known"]) await db.run(`DROP TABLE ${table}`);
    }
    return labels;
  });
}

describe("what is known of a label", () => {
  it.each<[string, readonly object[], readonly unknown[]]>([
    [
      "is nothing before it was recorded, whenever it became true",
      [told("a", true, [1, 3])],
      [undefined, undefined, true, true],
    ],
    [
      "is what became true last, in whatever order it was recorded",
      [told("a", true, [3, 3]), told("a", false, [2, 4])],
      [undefined, undefined, true, true],
    ],
    [
      "is what was recorded last of what became true at one time",
      [told("a", true, [2, 2]), told("a", false, [2, 4])],
      [undefined, true, true, false],
    ],
    [
      "is what a correction says, in later views and not in earlier ones",
      [told("a", true, [2, 2]), told("a", false, [1, 4], { correction: true })],
      [undefined, true, true, false],
    ],
    [
      "is what became true after a correction",
      [told("a", false, [1, 2], { correction: true }), told("a", true, [2, 3])],
      [undefined, false, true, true],
    ],
    [
      "does not change by what is sent again",
      [
        told("a", true, [1, 2], { correction: true }),
        told("a", false, [2, 3]),
        told("a", true, [1, 4], { correction: true }),
      ],
      [undefined, true, false, false],
    ],
    [
      "is what a correction says that goes back to an earlier one",
      [
        told("a", true, [1, 2], { correction: true }),
        told("a", false, [1, 3], { correction: true }),
        told("a", true, [1, 4], { correction: true }),
      ],
      [undefined, true, false, true],
    ],
    [
      "is what a correction says that is sent again before another, and not after it",
      [
        told("a", true, [1, 2], { correction: true }),
        told("a", true, [1, 2.5], { correction: true }),
        told("a", false, [1, 3], { correction: true }),
        told("a", false, [1, 4], { correction: true }),
      ],
      [undefined, true, false, false],
    ],
  ])("%s", async (_title, labels, expected) => {
    expect(await labelsOn([1, 2, 3, 4], { answers: [answer("a", 0)], told: labels })).toEqual(expected);
  });

  it("is of a row of an answer, and counted with those that are nobody's", async () => {
    const answers = [answer("a", 0, { outputs: { probability: [0.2, 0.9], label: [false, true] } }), answer("b", 1)];
    const labels = [
      told("a", true, [1, 1], { row: 1 }),
      told("a", true, [1, 2], { row: 1 }),
      told("a", true, [1, 2], { row: 2 }),
      told("b", true, [1, 1]),
      told("b", false, [2, 2]),
      told("c", true, [1, 1]),
    ];
    const { rows, counts } = await joinStreams({ answers, told: labels }, binary(3));
    expect(rows.map(({ id, row, label, given }) => [id, row, label, given]).sort()).toEqual([
      ["a", 0, undefined, "false"],
      ["a", 1, true, "true"],
      ["b", 0, false, "true"],
    ]);
    expect(counts).toEqual({
      received: 6,
      repeated: 1,
      replaced: 1,
      orphans: {
        count: 2,
        examples: [
          { id: "a", row: 2 },
          { id: "c", row: 0 },
        ],
      },
      ambiguous: { count: 0, examples: [] },
    });
  });

  it("is of none of the answers that have one id, each of which counts", async () => {
    const answers = [
      answer("a", 0),
      answer("a", 1, { outputs: { probability: [0.2, 0.3], label: [false, false] } }),
      answer("b", 0),
      ...[0, 1].map((days) => answer("unseen", days, { variant: "challenger", shadow: true, of: "a" })),
    ];
    const labels = [
      told("a", true, [0, 0]),
      told("a", true, [2, 2], { row: 1 }),
      told("a", true, [2, 2], { row: 7 }),
      told("b", true, [1, 1]),
      told("c", true, [1, 1]),
    ];
    const streams = { answers, told: labels };
    const { rows, counts } = await joinStreams(streams, binary(3));
    expect(rows.map(({ id, row, isShadow, label, given }) => [id, row, isShadow, label, given])).toEqual([
      ["a", 0, true, undefined, undefined],
      ["a", 0, false, undefined, "true"],
      ["b", 0, false, true, "true"],
      ["a", 0, true, undefined, undefined],
      ["a", 0, false, undefined, "false"],
      ["a", 1, false, undefined, "false"],
    ]);
    expect(counts.orphans).toEqual({ count: 1, examples: [{ id: "c", row: 0 }] });
    expect(counts.ambiguous).toEqual({ count: 3, examples: [0, 1, 7].map((row) => ({ id: "a", row })) });
    // Before the second of them, there was one that it could be of.
    const early = await joinStreams(streams, binary(0.5));
    expect(early.rows.find(({ id, isShadow }) => id === "a" && !isShadow)?.label).toBe(true);
    expect(early.counts.ambiguous.count).toBe(0);
  });

  it("is of an answer whose record is there twice, in a segment and in the part that was made of it", async () => {
    await withStreams({ answers: [answer("a", 0)], told: [told("a", true, [1, 1])] }, async (db, sources) => {
      const twice = (relation: string) => `(${relation}) UNION ALL (${relation})`;
      await joinLabels(db, { answers: twice(sources.answers), labels: twice(sources.labels) }, binary(3));
      expect(await listLabelled(db)).toMatchObject([{ id: "a", label: true }]);
      expect(await countLabels(db)).toMatchObject({ received: 1, repeated: 0, ambiguous: { count: 0 } });
    });
  });

  it("is of the answer that was given, and of those that nobody saw beside it", async () => {
    const answers = [
      answer("a", 0, { variant: "champion", unit: "customer-1" }),
      answer("unseen", 0.1, {
        variant: "challenger",
        shadow: true,
        of: "a",
        version: "2",
        outputs: { probability: [0.1], label: [false] },
      }),
    ];
    const { rows, counts } = await joinStreams({ answers, told: [told("a", true, [1, 1])] }, binary(2));
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual(
      expect.objectContaining({ variant: "champion", unit: "customer-1", given: "true", label: true, isShadow: false }),
    );
    expect(rows).toContainEqual(
      expect.objectContaining({
        id: "a",
        variant: "challenger",
        version: "2",
        predictions: [0.1],
        given: "true",
        givenValue: 0.7,
        label: true,
        isShadow: true,
      }),
    );
    expect(counts.orphans.count).toBe(0);
  });

  it("is a class, or a number, where the model answers with such", async () => {
    const classes = { probabilities: [0.1, 0.7, 0.2, 0.5, 0.3, 0.2], label: ["rain", "sun"] };
    const several = await joinStreams(
      { answers: [answer("a", 0, { outputs: classes })], told: [told("a", "snow", [1, 1], { row: 1 })] },
      { task: "multiclass", label: { type: "string", values: ["sun", "rain", "snow"] }, asOf: start + 2 * day },
    );
    expect(several.rows.toSorted((a, b) => a.row - b.row)).toMatchObject([
      { row: 0, predictions: [0.1, 0.7, 0.2], given: "rain" },
      { row: 1, predictions: [0.5, 0.3, 0.2], given: "sun", label: "snow" },
    ]);
    const number = await joinStreams(
      { answers: [answer("a", 0, { outputs: { value: [12.5] } })], told: [told("a", 13, [1, 1])] },
      { task: "regression", label: { type: "number" }, asOf: start + 2 * day },
    );
    expect(number.rows).toMatchObject([{ predictions: [12.5], givenValue: 12.5, label: 13 }]);
    expect(number.rows[0]).not.toHaveProperty("given");
  });

  it("is nothing of what was sent while labels were of another type", async () => {
    const sent = [told("a", "late", [1, 1]), told("b", 0.3, [1, 1]), told("c", true, [1, 1])];
    const { rows } = await joinStreams({ answers: ["a", "b", "c"].map((id) => answer(id, 0)), told: sent }, binary(2));
    expect(Object.fromEntries(rows.map(({ id, label }) => [id, label]))).toEqual({
      a: undefined,
      b: undefined,
      c: true,
    });
  });

  it("is what a dataset says where nobody sent anything", async () => {
    const dataset = `SELECT * FROM (VALUES ('a', 0e0, true, TIMESTAMPTZ '2026-03-02 00:00:00+00'), ('b', 0e0, true, TIMESTAMPTZ '2026-03-02 00:00:00+00'),
      ('b', 0e0, false, TIMESTAMPTZ '2026-03-02 12:00:00+00'), ('c', 0e0, NULL, TIMESTAMPTZ '2026-03-02 00:00:00+00'),
      (NULL, 0e0, true, TIMESTAMPTZ '2026-03-02 00:00:00+00'), ('d', 0e0, true, TIMESTAMPTZ '2026-03-09 00:00:00+00')) t(id, row, label, time)`;
    const answers = ["a", "b", "c", "d"].map((id) => answer(id, 0));
    const { rows } = await joinStreams({ answers, told: [told("a", false, [1, 1])], dataset }, binary(3));
    expect(rows).toHaveLength(4);
    expect(Object.fromEntries(rows.map(({ id, label }) => [id, label]))).toEqual({
      a: false,
      b: false,
      c: undefined,
      d: undefined,
    });
  });

  it("is of the row that a dataset names: of the only one where it names none, and of no row that is none", async () => {
    const labels = [
      ["one", "NULL"],
      ["many", "NULL"],
      ["half", "0.5e0"],
      ["below", "-1e0"],
      ["beyond", "1e300"],
      ["nobody's", "NULL"],
    ];
    const values = labels.map(
      ([id, row]) => `('${id?.replace("'", "''")}', ${row}, true, TIMESTAMPTZ '2026-03-02 00:00:00+00')`,
    );
    const dataset = `SELECT * FROM (VALUES ${values.join(", ")}) t(id, row, label, time)`;
    const two = { outputs: { probability: [0.2, 0.9], label: [false, true] } };
    const answers = ["one", "many", "half", "below", "beyond"].map((id) => answer(id, 0, id === "one" ? {} : two));
    const { rows, counts } = await joinStreams({ answers, told: [], dataset }, binary(3));
    expect(rows.filter(({ label }) => label !== undefined).map(({ id, row }) => [id, row])).toEqual([["one", 0]]);
    expect(counts.orphans).toEqual({
      count: 5,
      examples: [
        { id: "below", row: -1 },
        { id: "beyond", row: 1e300 },
        { id: "half", row: 0.5 },
        { id: "many", row: null },
        { id: "nobody's", row: 0 },
      ],
    });
  });

  it("is looked up for all rows at once, and not for one pair after the other", async () => {
    await withStreams({ answers: [answer("a", 0)], told: [told("a", true, [1, 1])] }, async (db, sources) => {
      await joinLabels(db, sources, binary(3));
      const plan = z.object({ explain_value: z.string() });
      const [physical] = await db.rows(`EXPLAIN ${labelledQuery}`, plan);
      expect(physical?.explain_value.match(/HASH_JOIN/g)).toHaveLength(2);
      expect(physical?.explain_value).not.toMatch(/NL_JOIN|NESTED_LOOP|CROSS_PRODUCT/);
    });
  });

  it("is nothing where there are no records at all", async () => {
    const { rows, counts } = await joinStreams({ answers: [], told: [] }, binary(3));
    expect(rows).toEqual([]);
    expect(counts).toEqual({ received: 0, repeated: 0, replaced: 0, orphans: nothing, ambiguous: nothing });
  });

  it("is what a reading of one record after the other gives, late, repeated, corrected, out of order or nobody's", async () => {
    // Many records at once say as much as a few of them many times, and each time takes a database.
    const ids = fc.constantFrom(..."abcdefghij");
    const moment = fc.integer({ min: 0, max: 12 }).map((half) => at(half / 2));
    const answers = fc.array(
      fc.record({ id: ids, time: moment, rows: fc.integer({ min: 1, max: 3 }), isShadow: fc.boolean() }),
      { minLength: 4, maxLength: 16 },
    );
    const labels = fc.array(
      fc.record({
        id: ids,
        row: fc.integer({ min: 0, max: 2 }),
        label: fc.boolean(),
        time: fc.oneof(moment, fc.constant(at(1))),
        recorded: moment,
        correction: fc.boolean(),
        selected: fc.option(fc.boolean(), { nil: undefined, freq: 1 }),
      }),
      { minLength: 40, maxLength: 160 },
    );
    await fc.assert(
      fc.asyncProperty(answers, labels, fc.integer({ min: 0, max: 13 }), async (asked, sent, half) => {
        const records = asked.map(({ id, time, rows, isShadow }, i): AnswerRecord => {
          const probability = Array.from({ length: rows }, (_, row) => (i * 3 + row) / 100);
          const outputs = { probability, label: probability.map((p) => p >= 0.5) };
          const base = { sequence: i + 1, time, version: "1", package: "p", outputs };
          return isShadow ? { ...base, id: `shadow-of-${id}`, of: id, shadow: true, variant: "v" } : { ...base, id };
        });
        const facts = sent.map(
          ({ correction, selected, ...one }, i): ToldRecord => ({
            sequence: i + 1,
            ...one,
            ...(correction && { correction }),
            ...(selected !== undefined && { selected }),
          }),
        );
        const asOf = start + (half / 2) * day;
        const { rows, counts } = await joinStreams({ answers: records, told: facts }, binary(half / 2));
        const expected = joinNaively(records, facts, asOf);
        const got = rows.map(({ id, row, variant = "", time, predictions, label, labelTime, selected }) => [
          `${id}/${row}/${variant}`,
          {
            time,
            predictions,
            ...(label !== undefined && { label, labelTime }),
            ...(selected !== undefined && { selected }),
          },
        ]);
        const sortRows = (found: readonly unknown[]) => found.map((one) => JSON.stringify(one)).sort();
        expect(sortRows(got)).toEqual(sortRows(expected.rows));
        expect([counts.orphans.count, counts.ambiguous.count, counts.received, counts.repeated]).toEqual([
          expected.orphans,
          expected.ambiguous,
          expected.received,
          expected.repeated,
        ]);
      }),
      { numRuns: 12 },
    );
  }, 180_000);
});

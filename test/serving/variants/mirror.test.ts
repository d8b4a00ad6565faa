import { describe, expect, it } from "vitest";
import type { LiveModel } from "../../../framework/serving/live-model.ts";
import type { RecordLog } from "../../../framework/serving/log/record-log.ts";
import { LiveVariants } from "../../../framework/serving/variants/live-variants.ts";
import { type AnsweredRows, Mirror } from "../../../framework/serving/variants/mirror.ts";
import { VariantCounts } from "../../../framework/serving/variants/variant-counts.ts";
import { eventually } from "../storm-model.ts";
import { variant } from "./given-routing.ts";

const inputs = [{ name: "x", type: "number" }];

/** A model that answers as it is told, and counts who keeps it. */
class FakeModel {
  readonly package = { model: "storm", task: "regression", output: "value", inputs };
  readonly version: string;
  readonly digest: string;
  users = 1;
  readonly #answer: (values: readonly number[]) => Promise<number[]>;

  constructor(version: number, answer: (values: readonly number[]) => Promise<number[]>) {
    this.version = String(version);
    this.digest = `p${version}`;
    this.#answer = answer;
  }

  answer({ x = [] }: Readonly<Record<string, readonly number[]>>): Promise<number[]> {
    return this.#answer(x);
  }

  keepOpen(): boolean {
    if (this.users === 0) return false;
    this.users++;
    return true;
  }

  async release(): Promise<void> {
    this.users--;
  }
}

function prepare(
  answer: (values: readonly number[]) => Promise<number[]>,
  {
    append,
    request,
    patience,
  }: { append?: () => Promise<void>; request?: AnsweredRows["request"]; patience?: number } = {},
) {
  const shadow = new FakeModel(2, answer);
  const load = (live: FakeModel, given: Parameters<typeof variant>[0]) => ({
    variant: variant({ version: Number(live.version), ...given }),
    live: live as unknown as LiveModel,
    counts: new VariantCounts(),
  });
  const champion = load(new FakeModel(1, async (values) => [...values]), { package: "p1", weight: 10_000 });
  const unseen = load(shadow, { name: "shadow", package: "p2", weight: 0, mirror: 10_000 });
  const set = new LiveVariants({ source: "routing", generation: 3, salt: "s", loaded: [champion, unseen] });
  const records: Record<string, unknown>[] = [];
  const lines: string[] = [];
  const log = {
    append: async (record: Record<string, unknown>) => {
      await append?.();
      records.push(record);
    },
  } as unknown as RecordLog;
  const mirror = new Mirror({
    endpoint: "storms",
    logs: { requests: log },
    report: (line) => lines.push(line),
    patienceMilliseconds: patience,
  });
  let asked = 0;
  /** Offers rows of these values, which the champion answered with themselves. */
  const offer = (...values: readonly number[]): void => {
    const id = `id-${asked++}`;
    const rows: AnsweredRows = {
      id,
      variant: set.champion,
      rows: values.length,
      answers: values,
      request,
      bring: () => ({ x: values }),
    };
    mirror.offer(rows);
  };
  return { mirror, offer, shadow, counts: unseen.counts.compared, records, lines };
}

describe("a variant that is asked unseen", () => {
  it("is compared row by row, and its answers are records of their own", async () => {
    const { offer, shadow, counts, records } = prepare(async (values) => values.map((value) => value * 2));
    offer(1, 0, 3);
    offer(0);
    expect(counts.rows).toBe(0);
    await eventually(() => counts.rows).toBe(4);
    expect(counts).toEqual({ rows: 4, disagreed: 2, failed: 0, skipped: 0 });
    expect(records).toMatchObject([
      {
        shadow: true,
        of: "id-0",
        endpoint: "storms",
        version: "2",
        package: "p2",
        variant: "shadow",
        routing: 3,
        inputs: { x: [1, 0, 3] },
        outputs: { value: [2, 0, 6] },
      },
      { of: "id-1", outputs: { value: [0] } },
    ]);
    expect(new Set(records.map(({ id }) => id)).size).toBe(2);
    expect(shadow.users).toBe(1);
  });

  it("has in its record whose the rows are, where the answer was to a row of columns", async () => {
    const request = { customer: ["c-1"] };
    const typed = prepare(async (values) => [...values], { request });
    typed.offer(1);
    await eventually(() => typed.records).toMatchObject([{ of: "id-0", request }]);
    const byFeatures = prepare(async (values) => [...values]);
    byFeatures.offer(1);
    await eventually(() => byFeatures.records.length).toBe(1);
    expect(byFeatures.records[0]).not.toHaveProperty("request");
  });

  it("is asked in another turn, after whoever waits has been answered", async () => {
    let asked = false;
    const { offer } = prepare(async (values) => {
      asked = true;
      return [...values];
    });
    offer(1);
    await Promise.resolve();
    expect(asked).toBe(false);
    await eventually(() => asked).toBe(true);
  });

  it("lets others have their turns, however much it is asked for", async () => {
    let turns = 0;
    const { offer, counts } = prepare(async (values) => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      return [...values];
    });
    const timer = setInterval(() => turns++, 1);
    offer(...Array.from({ length: 640 }, (_, i) => i));
    await eventually(() => counts.rows).toBe(640);
    clearInterval(timer);
    // 40 pieces of 16 rows, each of two milliseconds.
    expect(turns).toBeGreaterThan(20);
  });

  it("that throws has failed, and says so once", async () => {
    const { offer, shadow, counts, records, lines } = prepare(() => Promise.reject(new Error("broken")));
    for (let i = 0; i < 5; i++) offer(i, i);
    await eventually(() => counts.failed).toBe(10);
    expect(counts).toMatchObject({ rows: 0, disagreed: 0, skipped: 0 });
    expect(records).toEqual([]);
    expect(lines).toEqual(['variant "shadow", which is asked unseen, failed: broken']);
    expect(shadow.users).toBe(1);
  });

  it("that hangs has failed, is asked nothing until it answers, and then goes on", async () => {
    const { promise, resolve } = Promise.withResolvers<number[]>();
    let calls = 0;
    const { mirror, offer, shadow, counts, lines } = prepare(
      async (values) => (calls++ === 0 ? promise : [...values]),
      { patience: 30 },
    );
    offer(1);
    offer(2, 2);
    await eventually(() => calls).toBe(1);
    await new Promise((done) => setTimeout(done, 60));
    mirror.check();
    expect(counts).toEqual({ rows: 0, disagreed: 0, failed: 3, skipped: 0 });
    offer(3);
    await eventually(() => counts.failed).toBe(4);
    expect(calls).toBe(1);
    expect(lines).toEqual(['variant "shadow", which is asked unseen, does not answer']);
    resolve([1]);
    await eventually(() => shadow.users).toBe(1);
    expect(counts.rows).toBe(0);
    offer(4);
    await eventually(() => counts.rows).toBe(1);
    expect(counts.failed).toBe(4);
  });

  it("that is slower than what comes is skipped for what is more than may wait", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { offer, shadow, counts } = prepare(async (values) => {
      await promise;
      return [...values];
    });
    for (let i = 0; i < 2500; i++) offer(i);
    await eventually(() => counts.skipped).toBe(500);
    resolve();
    await eventually(() => counts.rows).toBe(2000);
    expect(shadow.users).toBe(1);
  });

  it("whose record cannot be kept has failed", async () => {
    const { offer, shadow, counts } = prepare(async (values) => [...values], {
      append: () => Promise.reject(new Error("disk")),
    });
    offer(1);
    await eventually(() => counts.failed).toBe(1);
    expect(counts.rows).toBe(0);
    expect(shadow.users).toBe(1);
  });

  it("whose model has gone is asked nothing", async () => {
    const { offer, shadow, counts } = prepare(async (values) => [...values]);
    await shadow.release();
    offer(1);
    await new Promise((done) => setTimeout(done, 20));
    expect(counts.rows + counts.failed).toBe(0);
    expect(shadow.users).toBe(0);
  });

  it("is forgotten when the server closes, whatever it does", async () => {
    let calls = 0;
    const { mirror, offer, counts } = prepare(() => {
      calls++;
      return new Promise(() => {});
    });
    offer(1);
    offer(2);
    await eventually(() => calls).toBe(1);
    const begun = performance.now();
    await mirror.close();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(counts.skipped).toBe(1);
    offer(3);
    expect(counts.skipped).toBe(1);
  });
});

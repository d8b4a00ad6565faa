import { describe, expect, it } from "vitest";
import { type Following, followRequests } from "../../framework/cli/follow-requests.ts";
import type { RecordRow } from "../../framework/serving/log/record-columns.ts";

/** A log to which some records are added before each look; what is shown of it comes back, with what is said. */
async function follow(added: readonly number[], change: Partial<Following> = {}) {
  const log: RecordRow[] = [];
  const looks = [...added];
  const ended = new AbortController();
  const [shown, said]: [number[], string[]] = [[], []];
  await followRequests({
    read: async (limit, { after }) => {
      for (let i = looks.shift() ?? 0; i > 0; i--) log.push(rowOf(log.length + 1));
      if (looks.length === 0) ended.abort();
      return log.filter(({ sequence }) => Number(sequence) > (after?.get("a") ?? 0)).slice(-limit);
    },
    show: ({ sequence }) => shown.push(Number(sequence)),
    warn: (line) => said.push(line),
    filter: {},
    limit: 2,
    everyMilliseconds: 1,
    signal: ended.signal,
    ...change,
  });
  return { shown, said };
}

function rowOf(sequence: number): RecordRow {
  const time = new Date(Date.UTC(2026, 2, 1) + sequence).toISOString().replace("T", " ").replace("Z", "+00");
  return { replica: "a", sequence: String(sequence), time } as unknown as RecordRow;
}

describe("following requests", () => {
  it("shows the newest, and then each that comes once, however many come at a time", async () => {
    const { shown, said } = await follow([5, 0, 3000, 1]);
    expect(shown).toEqual([4, 5, ...Array.from({ length: 3001 }, (_, i) => i + 6)]);
    expect(said).toEqual([]);
  });

  it("says that there were more than it shows", async () => {
    const { shown, said } = await follow([1, 40, 2], { mostNew: 10 });
    expect(shown).toEqual([1, ...Array.from({ length: 12 }, (_, i) => i + 32)]);
    expect(said).toEqual([expect.stringContaining("10 or more requests since the last look")]);
  });

  it("remembers which parts were seen, whether or not anything of them is shown", async () => {
    const looks: (readonly string[])[] = [];
    const ended = new AbortController();
    await followRequests({
      read: async (_limit, _filter, seenParts) => {
        looks.push([...seenParts]);
        seenParts.add(`part-${looks.length}`);
        if (looks.length > 2) ended.abort();
        return [];
      },
      show: () => undefined,
      warn: () => undefined,
      filter: { variant: "nobody" },
      limit: 1,
      everyMilliseconds: 1,
      signal: ended.signal,
    });
    expect(looks).toEqual([[], ["part-1"], ["part-1", "part-2"]]);
  });

  it("goes no further back than it was asked to", async () => {
    const asked = new Date("2030-01-01T00:00:00Z");
    const seen: (Date | undefined)[] = [];
    const ended = new AbortController();
    await followRequests({
      read: async (_limit, { since }) => {
        seen.push(since);
        if (seen.length > 1) ended.abort();
        return [];
      },
      show: () => undefined,
      warn: () => undefined,
      filter: { since: asked },
      limit: 1,
      everyMilliseconds: 1,
      signal: ended.signal,
    });
    expect(seen).toEqual([asked, asked]);
  });

  it("shows what comes to the store minutes later than others, and is not led astray by a clock that is wrong", async () => {
    const now = Date.now();
    const at = (replica: string, sequence: number, milliseconds: number) => {
      const time = new Date(now + milliseconds).toISOString().replace("T", " ").replace("Z", "+00");
      return { replica, sequence: String(sequence), time } as unknown as RecordRow;
    };
    const [minute, day] = [60_000, 86_400_000];
    // The third look finds what another replica has shipped since; the fourth what comes after a clock of the next day.
    const looks = [
      [at("a", 1, 0)],
      [at("a", 2, 10 * minute), at("a", 3, day)],
      [at("b", 1, 2 * minute)],
      [at("b", 2, 11 * minute)],
    ];
    const log: RecordRow[] = [];
    const shown: string[] = [];
    const ended = new AbortController();
    await followRequests({
      read: async (_limit, { since, after }) => {
        log.push(...(looks.shift() ?? []));
        if (looks.length === 0) ended.abort();
        return log.filter(
          ({ time, replica, sequence }) =>
            Date.parse(String(time)) >= (since?.getTime() ?? 0) &&
            Number(sequence) > (after?.get(String(replica)) ?? 0),
        );
      },
      show: ({ replica, sequence }) => shown.push(`${replica} ${sequence}`),
      warn: () => undefined,
      filter: {},
      limit: 10,
      everyMilliseconds: 1,
      signal: ended.signal,
    });
    expect(shown).toEqual(["a 1", "a 2", "a 3", "b 1", "b 2"]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  beginSearch,
  chooseMerge,
  chooseWindow,
  createIndex,
  entryBytes,
  type FoundEntry,
  hashId,
  type IdSearch,
  mergeIndexes,
  placeRange,
  readPlace,
  searchWindow,
  type WholeIndex,
} from "../../../framework/serving/log/log-index.ts";

function index(ids: readonly string[], place: string): WholeIndex {
  const bytes = createIndex(
    ids.map((id, offset) => ({ id, offset })),
    place,
  );
  return { bytes, entries: ids.length, parts: 1 };
}

/** What a search finds, and how many bytes it looked at. */
function find({ bytes, entries }: WholeIndex, id: string) {
  const sought = hashId(id);
  const all: FoundEntry[] = [];
  let read = 0;
  let search: IdSearch = beginSearch(entries);
  for (let range = chooseWindow(search, sought); range; range = chooseWindow(search, sought)) {
    const window = bytes.subarray(range.start * entryBytes, (range.start + range.length) * entryBytes);
    read += window.length;
    const { found, left } = searchWindow({ bytes: window, start: range.start }, sought, search);
    all.push(...found);
    search = left;
  }
  const places = all.map(({ part, offset }) => {
    const { start, length } = placeRange({ entries }, part);
    return { place: readPlace(bytes.subarray(start, start + length)), offset };
  });
  return { places, read };
}

const name = (i: number) => `id-${i}`;

describe("an index of ids", () => {
  it("says where each id is that it was made of, and nothing of others", () => {
    const ids = Array.from({ length: 3000 }, (_, i) => name(i));
    const whole = index(ids, "2026-03-01/a/1-2");
    for (const [offset, id] of ids.entries())
      expect(find(whole, id).places).toEqual([{ place: "2026-03-01/a/1-2", offset }]);
    for (let i = 0; i < 500; i++) expect(find(whole, `other-${i}`).places).toEqual([]);
  });

  it("finds every record of an id that many have, in however many windows they stand", () => {
    const ids = Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? "same" : name(i)));
    const { places } = find(index(ids, "p"), "same");
    expect(places.map(({ offset }) => offset).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 2000 }, (_, i) => i * 2),
    );
  });

  it("of nothing has nothing", () => {
    expect(find(index([], "p"), "a").places).toEqual([]);
  });

  it("is looked up in a few kilobytes, of two hundred thousand ids", () => {
    const parts = Array.from({ length: 8 }, (_, part) =>
      index(
        Array.from({ length: 25_000 }, (_, i) => name(part * 25_000 + i)),
        `part-${part}`,
      ),
    );
    const merged = { bytes: mergeIndexes(parts), entries: 200_000, parts: 8 };
    const looked = Array.from({ length: 500 }, (_, i) => find(merged, name(i * 399)));
    expect(looked.map(({ places }) => places)).toEqual(
      looked.map((_, i) => [{ place: `part-${Math.floor((i * 399) / 25_000)}`, offset: (i * 399) % 25_000 }]),
    );
    expect(Math.max(...looked.map(({ read }) => read))).toBeLessThan(64 * 1024);
  });

  it("is as good merged as apart, whatever is merged with whatever", () => {
    const lists = fc.array(fc.array(fc.string({ maxLength: 3 }), { maxLength: 40 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(lists, (parts) => {
        const indexes = parts.map((ids, part) => index(ids, `part-${part}`));
        const entries = parts.reduce((sum, ids) => sum + ids.length, 0);
        const merged = { bytes: mergeIndexes(indexes), entries, parts: parts.length };
        for (const id of new Set(parts.flat())) {
          const apart = indexes.flatMap((one) => find(one, id).places);
          const order = (a: { place: string; offset: number }, b: { place: string; offset: number }) =>
            a.place === b.place ? a.offset - b.offset : a.place < b.place ? -1 : 1;
          expect(find(merged, id).places.sort(order)).toEqual(apart.sort(order));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe("merging", () => {
  it.each<[string, readonly (readonly [parts: number, entries: number])[], number]>([
    ["nothing", [], 0],
    ["few small ones", Array.from({ length: 7 }, () => [1, 10] as const), 0],
    ["eight small ones", Array.from({ length: 8 }, () => [1, 10] as const), 8],
    ["seven behind a large one", [[8, 80], ...Array.from({ length: 7 }, () => [1, 10] as const)], 0],
    ["eight larger ones", Array.from({ length: 8 }, () => [8, 80] as const), 8],
    ["eight that are too much together", Array.from({ length: 8 }, () => [1, 2_000_000] as const), 0],
  ])("of %s", (_title, indexes, count) => {
    expect(chooseMerge(indexes.map(([parts, entries]) => ({ parts, entries })))).toBe(count);
  });

  it("leaves as many indexes of any number of parts as a number has digits of eight, each seven times at most", () => {
    const indexes: { parts: number; entries: number }[] = [];
    for (let i = 0; i < 5000; i++) {
      indexes.push({ parts: 1, entries: 100 });
      for (let count = chooseMerge(indexes); count > 0; count = chooseMerge(indexes)) {
        const merged = indexes.splice(-count);
        indexes.push({
          parts: merged.reduce((sum, { parts }) => sum + parts, 0),
          entries: merged.reduce((sum, { entries }) => sum + entries, 0),
        });
      }
      expect(indexes.length).toBeLessThanOrEqual(7 * 5);
    }
    expect(indexes.reduce((sum, { parts }) => sum + parts, 0)).toBe(5000);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findCollectable, findReachable, type ObjectNode } from "../../framework/store/reachability.ts";

const old = "2020-01-01T00:00:00.000Z";
const since = "2024-01-01T00:00:00.000Z";
const young = "2024-06-01T00:00:00.000Z";

function graph(nodes: Readonly<Record<string, Partial<ObjectNode>>>) {
  const entries = Object.entries(nodes).map(
    ([sha256, node]) =>
      [sha256, { sha256, size: 1, modified: old, kind: "part", refersTo: [] as string[], ...node }] as const,
  );
  return new Map<string, ObjectNode>(entries);
}

const collectable = (
  nodes: Readonly<Record<string, Partial<ObjectNode>>>,
  roots: readonly string[],
  lasting: readonly string[] = [],
) => findCollectable({ objects: graph(nodes), roots, lasting: new Set(lasting), since }).map(({ sha256 }) => sha256);

describe("what nothing reaches", () => {
  it.each<[string, string[], string[]]>([
    ["nothing, where there is nothing", collectable({}, ["gone"]), []],
    ["not what is named", collectable({ a: {} }, ["a"]), []],
    ["what nothing names", collectable({ a: {}, b: {} }, ["a"]), ["b"]],
    [
      "not what is reached over several",
      collectable({ a: { refersTo: ["b"] }, b: { refersTo: ["c"] }, c: {}, d: {} }, ["a"]),
      ["d"],
    ],
    [
      "not a part that another version shares",
      collectable({ a: { refersTo: ["p"] }, b: { refersTo: ["p", "q"] }, p: {}, q: {} }, ["a"]),
      ["b", "q"],
    ],
    [
      "not what was written a moment ago, nor what it refers to",
      collectable({ a: { modified: young, refersTo: ["p"] }, p: {} }, []),
      [],
    ],
    ["not what was written at the very moment", collectable({ a: { modified: since } }, []), []],
    [
      "not a kind that lasts, nor what it refers to",
      collectable({ a: { kind: "trainer", refersTo: ["p"] }, p: {}, q: {} }, [], ["trainer"]),
      ["q"],
    ],
    [
      "what refers to others before them",
      collectable({ p: {}, b: { refersTo: ["p", "c"] }, c: { refersTo: ["p"] } }, []),
      ["b", "c", "p"],
    ],
  ])("is %s", (_title, found, expected) => {
    expect(found).toEqual(expected);
  });
});

/** Digests refer only to what was there before them: there are no circles. */
const graphs = fc
  .array(
    fc.record({
      refersTo: fc.array(fc.nat(30), { maxLength: 4 }),
      modified: fc.constantFrom(old, young),
      kind: fc.constantFrom("part", "trainer"),
      root: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((nodes) => {
    const named = nodes.map(({ refersTo, modified, kind, root }, index) => ({
      node: {
        sha256: `o${index}`,
        size: 1,
        modified,
        kind,
        refersTo: [...refersTo.filter((other) => other < index).map((other) => `o${other}`), "nothing"],
      },
      root,
    }));
    return {
      objects: new Map<string, ObjectNode>(named.map(({ node }) => [node.sha256, node])),
      roots: named.flatMap(({ node, root }) => (root ? [node.sha256] : [])),
    };
  });

describe("of any graph", () => {
  it("nothing is removed that something kept refers to, and nothing needed is removed at any moment of the removal", () => {
    fc.assert(
      fc.property(graphs, ({ objects, roots }) => {
        const given = { objects, roots, lasting: new Set(["trainer"]), since };
        const garbage = findCollectable(given);
        const left = new Map(objects);
        for (const { sha256 } of [...garbage]) {
          left.delete(sha256);
          for (const { refersTo } of left.values()) expect(refersTo).not.toContain(sha256);
        }
        for (const root of roots) expect(left.has(root)).toBe(true);
        for (const { sha256, kind, modified } of objects.values())
          if (kind === "trainer" || modified === young) expect(left.has(sha256)).toBe(true);
      }),
    );
  });

  it("all is removed that no way leads to, whichever way is taken", () => {
    fc.assert(
      fc.property(graphs, ({ objects, roots }) => {
        const given = { objects, roots, lasting: new Set(["trainer"]), since };
        // By the definition: reached is what is needed for itself, or is referred to by what is reached.
        let reached = new Set(
          [...objects.values()].flatMap(({ sha256, kind, modified }) =>
            kind === "trainer" || modified === young || roots.includes(sha256) ? [sha256] : [],
          ),
        );
        for (let before = -1; before !== reached.size; ) {
          before = reached.size;
          reached = new Set([
            ...reached,
            ...[...reached].flatMap((digest) => objects.get(digest)?.refersTo.filter((to) => objects.has(to)) ?? []),
          ]);
        }
        expect(findReachable(given)).toEqual(reached);
        expect(new Set(findCollectable(given).map(({ sha256 }) => sha256))).toEqual(
          new Set([...objects.keys()].filter((digest) => !reached.has(digest))),
        );
      }),
    );
  });

  it("a chain of a hundred thousand needs no stack", () => {
    const objects = new Map<string, ObjectNode>();
    for (let i = 0; i < 100_000; i++)
      objects.set(`o${i}`, { sha256: `o${i}`, size: 1, modified: old, kind: "part", refersTo: [`o${i + 1}`] });
    const given = { objects, lasting: new Set<string>(), since };
    expect(findReachable({ ...given, roots: ["o0"] }).size).toBe(100_000);
    expect(findCollectable({ ...given, roots: [] }).at(-1)?.sha256).toBe("o99999");
  });
});

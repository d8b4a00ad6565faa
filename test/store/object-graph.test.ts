import { describe, expect, it } from "vitest";
import { describeDocument, findDigests } from "../../framework/store/object-graph.ts";

const [a, b, c] = ["a".repeat(64), "b".repeat(64), "c".repeat(64)];
const at = "here";

describe("digests", () => {
  it("are found wherever they stand: as texts, in lists, deep down, and as keys", () => {
    expect([...findDigests({ x: a, list: [{ deep: { sha256: b } }], [c]: 1 })]).toEqual([a, b, c]);
  });

  it.each([["a".repeat(63)], ["A".repeat(64)], [`sha256:${a}`], [7], [null], [undefined], [true]])(
    "are not %j",
    (value) => {
      expect([...findDigests(value)]).toEqual([]);
    },
  );
});

describe("a document", () => {
  const object = (sha256: string) => ({ sha256, size: 1 });

  it("names what it refers to that is no document", () => {
    const file = { name: "", parts: [{ object: object(a), profile: object(c) }], quarantine: { object: object(b) } };
    expect(describeDocument({ format: "dataset-page/1", files: [file] }, at)).toEqual({
      kind: "dataset-page",
      format: "dataset-page/1",
      refersTo: [a, c, b],
      leaves: [
        [a, "part"],
        [c, "dataset-profile"],
        [b, "quarantined rows"],
      ],
    });
  });

  it("of an older format is looked at as its readers would, and says the format that it has", () => {
    const version = {
      format: "dataset-version/1",
      parts: [{ object: object(a) }],
      quarantine: { object: object(b), rows: 1, reasons: [] },
    };
    const seen = describeDocument(version, at);
    expect(seen).toMatchObject({ format: "dataset-version/1", refersTo: [a, b] });
    expect(seen.leaves).toEqual([
      [a, "part"],
      [b, "quarantined rows"],
    ]);
  });

  it("of an unknown format is told from a file that is none", () => {
    expect(describeDocument({ format: "what-comes-later/1", of: a }, at)).toMatchObject({
      kind: "document of unknown format",
      refersTo: [a],
    });
    for (const document of [{ format: "csv" }, { format: 1 }, {}, [a], "text", null])
      expect(describeDocument(document, at).kind).toBe("file");
  });

  it("of a newer format is refused", () => {
    expect(() => describeDocument({ format: "run/99" }, at)).toThrow("format-newer");
  });
});

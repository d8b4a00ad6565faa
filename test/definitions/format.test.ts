import { describe, expect, it } from "vitest";
import { z } from "zod";
import { findFormatProblem, formatOf, formats, upgradeDocument } from "../../framework/definitions/format.ts";
import { admitDocument, versioned } from "../../framework/definitions/versioned.ts";

describe("a format", () => {
  it("is a name and a number, as every document says it", () => {
    for (const [name, number] of Object.entries(formats)) expect(`${name}/${number}`).toMatch(/^[a-z-]+\/[1-9]\d*$/);
    expect(formatOf("model-package")).toBe("model-package/3");
    const schema = versioned("run", { seed: z.int() });
    expect(schema.parse({ format: "run/1", seed: 1 })).toEqual({ format: "run/1", seed: 1 });
    for (const document of [{ seed: 1 }, { format: "run/2", seed: 1 }, { format: "run/1", seed: 1, more: 1 }])
      expect(schema.safeParse(document).success).toBe(false);
  });

  it.each<[string, unknown, "format-newer" | "format-unknown" | undefined]>([
    ["the present one", "run/1", undefined],
    ["a newer one", "run/2", "format-newer"],
    ["a much newer one", "run/10", "format-newer"],
    ["another thing's", "model/1", "format-unknown"],
    ["another thing's newer one", "model/2", "format-unknown"],
    ["of a name that is not there", "card/1", "format-unknown"],
    ["of a name that every object has", "constructor/1", "format-unknown"],
    ["without a number", "run", "format-unknown"],
    ["of number 0", "run/0", "format-unknown"],
    ["a number alone", 1, "format-unknown"],
    ["none", undefined, "format-unknown"],
  ])("%s is recognised", (_title, found, code) => {
    expect(findFormatProblem(found, { at: "here", name: "run" })?.code).toBe(code);
  });

  it("that is newer is refused with what was got, what is known at most, and what to do", () => {
    expect(() => admitDocument({ format: "run/2" }, { at: "bucket/key", name: "run" })).toThrow(
      `✖ this was written by a newer Steward, and is left as it is (got format "run/2", expected at most "run/1") — install the Steward that wrote it, or a later one
  → at bucket/key [format-newer]`,
    );
  });

  it("that is unknown is refused where one is asked for, and else left to the reader's schema", () => {
    const unknown = { format: "csv" };
    expect(() => admitDocument(unknown, { at: "here", name: "run" })).toThrow(
      /got "csv", expected "run\/1".*→ at here \[format-unknown\]/s,
    );
    expect(() => admitDocument({}, { at: "here", name: "run" })).toThrow(/got none.*\[format-unknown\]/s);
    for (const document of [unknown, {}, null, 1, "text", [1]])
      expect(admitDocument(document, { at: "here" })).toBe(document);
  });
});

describe("an older document", () => {
  it.each(["training-set", "model-package"] as const)("of a %s is one in which nothing was fitted", (name) => {
    const document = { format: `${name}/1`, categories: { city: ["Bonn"] } };
    expect(admitDocument(document, { at: "here", name })).toEqual({ ...document, format: formatOf(name) });
  });

  it("is upgraded as it is admitted", () => {
    const upgrades = { run: { 1: (document: object) => ({ ...document, log: "none" }) } };
    expect(admitDocument({ format: "run/1" }, { at: "here", name: "run" }, upgrades)).toMatchObject({ log: "none" });
  });

  const steps = {
    run: {
      1: (document: object) => ({ ...document, python: "3.11" }),
      2: (document: object) => ({ ...document, log: "none" }),
    },
  };

  it("is brought to the present format step by step", () => {
    expect(upgradeDocument({ format: "run/1", seed: 1 }, steps)).toEqual({
      format: "run/3",
      seed: 1,
      python: "3.11",
      log: "none",
    });
    expect(upgradeDocument({ format: "run/2", seed: 1 }, steps)).toEqual({ format: "run/3", seed: 1, log: "none" });
  });

  it.each([[{ format: "run/3", seed: 1 }], [{ format: "model/1" }], [{ seed: 1 }], [null], [7], ["run/1"]])(
    "%j needs nothing",
    (document) => {
      expect(upgradeDocument(document, steps)).toBe(document);
    },
  );
});

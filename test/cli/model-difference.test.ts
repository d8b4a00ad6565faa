import { describe, expect, it } from "vitest";
import { findVersion, readName } from "../../framework/cli/commands/diff.ts";
import { type ComparedVersion, compareVersions, formatDifference } from "../../framework/cli/model-difference.ts";

const reference = (letter: string) => ({ sha256: letter.repeat(64), size: 1 });

const version = (changes: Partial<ComparedVersion> = {}): ComparedVersion => ({
  label: "late@1",
  desired: {
    datasets: { flights: { spec: reference("a"), root: "b".repeat(64) } },
    features: { routes: reference("c") },
  },
  trainer: { files: [{ path: "train.py", object: reference("d") }] },
  run: { params: { leaves: 31 }, seed: 7, code: { commit: "1".repeat(40) } },
  evaluation: { metrics: [{ metric: "auc", value: 0.7, low: 0.69, high: 0.71 }] as never },
  ...changes,
});

describe("two versions of a model", () => {
  it("do not differ when they are the same", () => {
    expect(compareVersions(version(), version()).filter(({ differs }) => differs)).toEqual([]);
  });

  it.each<[string, Partial<ComparedVersion>, readonly [string, string, string, string]]>([
    [
      "the commit",
      { run: { ...version().run, code: { commit: "2".repeat(40) } } },
      ["code", "commit", "commit 111111111111", "commit 222222222222"],
    ],
    [
      "a file of the trainer",
      { trainer: { files: [{ path: "train.py", object: reference("e") }] } },
      ["code", "train.py", "d".repeat(12), "e".repeat(12)],
    ],
    [
      "what a script is told",
      { trainer: { ...version().trainer, script: { args: ["--train", "{train}"] } } },
      ["code", "arguments", "", "--train {train}"],
    ],
    [
      "the rows",
      { desired: { ...version().desired, datasets: { flights: { spec: reference("a"), root: "f".repeat(64) } } } },
      ["data", "flights", "b".repeat(12), "f".repeat(12)],
    ],
    ["a parameter", { run: { ...version().run, params: { leaves: 63 } } }, ["parameters", "leaves", "31", "63"]],
    [
      "a metric",
      { evaluation: { metrics: [{ metric: "auc", value: 0.8, low: 0.79, high: 0.81 }] as never } },
      ["metrics", "auc", expect.stringContaining("0.7"), expect.stringContaining("0.8")] as never,
    ],
  ])("differ in %s", (_, changes, [part, name, before, after]) => {
    const rows = compareVersions(version(), version(changes)).filter(({ differs }) => differs);
    expect(rows).toEqual([{ part, name, before, after, differs: true }]);
  });

  it("differ in a metric whose difference is in digits that are not shown", () => {
    const [metric] = version().evaluation.metrics;
    const near = { ...metric, value: (metric?.value ?? 0) + 1e-9 };
    const rows = compareVersions(version(), version({ evaluation: { metrics: [near] as never } }));
    const [found] = rows.filter(({ part }) => part === "metrics");
    expect(found).toMatchObject({ differs: true });
    expect(found?.before).toBe(found?.after);
  });

  it("show what only one of them has", () => {
    const more = version({ run: { ...version().run, params: { leaves: 31, rate: 0.1 } } });
    expect(compareVersions(version(), more)).toContainEqual({
      part: "parameters",
      name: "rate",
      before: "",
      after: "0.1",
      differs: true,
    });
    expect(compareVersions(more, version())).toContainEqual({
      part: "parameters",
      name: "rate",
      before: "0.1",
      after: "",
      differs: true,
    });
  });

  it("stand side by side, with a mark at what differs", () => {
    const rows = compareVersions(version(), version({ run: { ...version().run, params: { leaves: 63 } } }));
    const lines = formatDifference(rows, ["late@1", "late@2"]);
    expect(lines[0]).toMatch(/late@1 +late@2$/);
    expect(lines.filter((line) => line.includes("≠"))).toEqual([expect.stringMatching(/parameters +leaves +31 +63/)]);
  });
});

describe("the name of a version", () => {
  it.each([
    ["late@3", { model: "late", version: 3 }],
    ["late@production", { model: "late", version: "production" }],
    ["late@candidate", { model: "late", version: "candidate" }],
  ])("is read: %s", (text, expected) => {
    expect(readName(text)).toEqual({ label: text, ...expected });
  });

  it.each(["late", "late@", "@3", "late@0", "late@latest", "late@3@4"])("is refused: %s", (text) => {
    expect(() => readName(text)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ code: "model-version-unknown" })] }),
    );
  });

  it("of a number is found among the releases, and which there are is said when it is none of them", async () => {
    const releases = [
      { kind: "model", version: 1 },
      { kind: "model", version: 2 },
    ] as never;
    const engine = { status: async () => undefined, releases: async () => releases };
    expect(await findVersion(engine, "p", readName("late@2"))).toEqual({ kind: "model", version: 2 });
    await expect(findVersion(engine, "p", readName("late@9"))).rejects.toMatchObject({
      problems: [{ code: "model-version-unknown", got: "late@9", expected: "late@1, late@2" }],
    });
    await expect(findVersion(engine, "p", readName("late@candidate"))).rejects.toMatchObject({
      problems: [{ code: "entity-unknown" }],
    });
    const deployed = { ...engine, status: async () => ({ summary: "version 2 is in production" }) as never };
    await expect(findVersion(deployed, "p", readName("late@candidate"))).rejects.toMatchObject({
      problems: [{ code: "model-not-live", got: "version 2 is in production" }],
    });
  });
});

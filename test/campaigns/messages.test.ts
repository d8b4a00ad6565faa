/**
 * The messages: every malformed project gets a located message that says what to do, and nothing comes of it.
 *
 * `npm test` takes a tenth of every family, `STEWARD_CAMPAIGN=full` all of them, and writes what was printed to
 * `results/messages.json`; `STEWARD_SEEDS=3` draws another tenth, and writes nothing.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatProblems, type Problem } from "../../framework/definitions/problem.ts";
import { toCanonicalJson } from "../../framework/plan/canonical.ts";
import { families } from "./messages/families.ts";
import { injections } from "./messages/injections.ts";
import { findShortcomings } from "./messages/judge.ts";
import type { Malformed } from "./messages/malformed.ts";
import { rightProject, writeSource } from "./messages/right-project.ts";
import { type Outcome, Stage } from "./messages/stage.ts";
import { createDraw } from "./promise/draw.ts";

const full = process.env["STEWARD_CAMPAIGN"] === "full";
const otherSeed = process.env["STEWARD_SEEDS"];
const draw = createDraw(Number(otherSeed ?? 20_240_701));

/** A tenth of a family, and one at least. */
function drawTenth(cases: readonly Malformed[]): Malformed[] {
  const left = [...cases];
  return Array.from({ length: Math.ceil(cases.length / 10) }, () => left.splice(draw.below(left.length), 1)).flat();
}

const drawn = Object.entries(families).map(([family, cases]) => ({
  family,
  cases: full ? [...cases] : drawTenth(cases),
}));
const all = drawn.flatMap(({ family, cases }) => cases.map((wrong) => ({ family, wrong })));

const stage = new Stage();
const outcomes = new Map<Malformed, Outcome>();
let rights: readonly Outcome[] = [];

beforeAll(async () => {
  const first = await stage.warmUp();
  const left = [...all];
  const loadRest = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { wrong } = next;
      outcomes.set(wrong, await stage.load({ "project.ts": writeSource(wrong), ...wrong.files }, wrong.patience));
    }
  };
  await Promise.all([loadRest(), loadRest()]);
  rights = [first];
});

afterAll(() => stage.end());

describe.each(drawn)("$family", ({ cases }) => {
  it.each(cases.map((wrong) => [wrong.name, wrong] as const))("say what is wrong: %s", (_, wrong) => {
    const outcome = outcomes.get(wrong);
    expect(outcome && findShortcomings(wrong, writeSource(wrong), outcome), outcome?.printed).toEqual([]);
  });
});

describe("a malformed project", () => {
  it("leaves nothing behind but what the next evaluation is faster with", () => {
    expect(stage.listLeftovers()).toEqual([]);
  });

  it("has a name of its own, and there are more than 150", () => {
    const names = Object.entries(families).flatMap(([family, cases]) => cases.map(({ name }) => `${family}: ${name}`));
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(150);
  });

  it.each([
    ["that throws", 'throw new Error("no weather today");', "no weather today"],
    ["that prints", 'console.log("hello");', "the project prints"],
    ["that is malformed", "flights.owner = 42;", '"owner" takes no such value (got 42, expected a text)'],
  ])("fails a command %s, with the message on stderr and nothing on stdout", async (_, before, says) => {
    const source = writeSource({ name: "", before: `${before}\n`, codes: [], says: [] });
    const { code, stdout, stderr } = await stage.plan(source, ["--json"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/project\.ts:\d+/);
    expect(stderr).not.toMatch(/\n\s+at .+:\d+:\d+/);
  });
});

describe("the judge", () => {
  const wrong: Malformed = {
    name: "",
    codes: ["name-clash"],
    at: "a.b",
    line: "second",
    says: ["taken"],
    hides: "hunter2",
  };
  const problem: Problem = { code: "name-clash", at: "a.b", what: "taken", got: "b", file: "project.ts", line: 2 };
  const judge = (changes: Partial<Problem>, outcome: Partial<Outcome> = {}): string[] => {
    const problems = [{ ...problem, ...changes }];
    const told = { problems, printed: formatProblems(problems), written: [], ...outcome };
    return findShortcomings(wrong, "first\n  second\n", told);
  };

  it("finds nothing where nothing is short", () => {
    expect(judge({})).toEqual([]);
  });

  it.each<[string, Partial<Problem>, Partial<Outcome>, string]>([
    ["another code", { code: "name-invalid" }, {}, "has the codes name-invalid"],
    ["another place", { at: "a.c" }, {}, "is not at a.b"],
    ["another line", { line: 1 }, {}, 'is not at the line "second"'],
    ["another sentence", { what: "wrong" }, {}, "does not say taken"],
    ["a secret", { got: "hunter2" }, {}, "shows what it must hide"],
    ["a stack", { got: "Error\n    at run (file.ts:1:2)" }, {}, "shows a stack"],
    ["what a program knows", { got: "undefined" }, {}, "shows what only a program knows"],
    ["an object", { got: "[object Object]" }, {}, "shows what only a program knows"],
    ["a path of this machine", { got: import.meta.dirname }, {}, "shows a path of this machine"],
    ["no problem", {}, { problems: [], printed: "" }, "has the codes "],
    ["a spec", {}, { spec: { name: "a", environment: "local", definitions: [] } }, "is taken for right"],
    ["a file that was written", {}, { written: ["trace.txt"] }, "writes trace.txt"],
  ])("finds %s", (_, changes, outcome, shortcoming) => {
    expect(judge(changes, outcome)).toContain(shortcoming);
  });
});

describe("the right project", () => {
  it("gives the same bytes however often it is evaluated", async () => {
    const times = full ? 100 : 4;
    while (rights.length < times) rights = [...rights, await stage.load({ "project.ts": rightProject })];
    expect(new Set(rights.map(({ spec }) => toCanonicalJson(spec))).size).toBe(1);
    expect(rights[0]?.spec?.definitions).toHaveLength(7);
  });

  it("keeps free texts as they are, whatever they would do elsewhere", async () => {
    const [owner = "", license = "", ...rest] = injections;
    const source = rightProject
      .replace('owner: "ops-data",\n  license: "CC0-1.0"', () => `owner: texts[0],\n  license: texts[1]`)
      .replace('"where it leaves"', () => 'texts.slice(2).join("\\n")')
      .replace("const Flight", () => `const texts = ${JSON.stringify(injections)} as const;\nconst Flight`);
    const { spec, printed } = await stage.load({ "project.ts": source });
    expect(printed).toBe("");
    const flights = spec?.definitions.find(({ name }) => name === "flights");
    const columns = expect.arrayContaining([expect.objectContaining({ name: "origin", description: rest.join("\n") })]);
    expect(flights).toMatchObject({ owner, license, columns });
    // What carries a spec from here on is its canonical JSON.
    expect(JSON.parse(toCanonicalJson(spec))).toEqual(spec);
  });
});

if (full && otherSeed === undefined) {
  afterAll(async () => {
    const folder = join(import.meta.dirname, "results");
    await mkdir(folder, { recursive: true });
    const log = all.map(({ family, wrong }) => {
      const outcome = outcomes.get(wrong);
      const shortcomings = outcome ? findShortcomings(wrong, writeSource(wrong), outcome) : ["was not loaded"];
      return {
        family,
        name: wrong.name,
        codes: wrong.codes,
        printed: outcome?.printed.split("\n") ?? [],
        shortcomings,
      };
    });
    const counts = drawn.map(({ family, cases }) => [family, cases.length] as const);
    const result = {
      projects: log.length,
      shortcomings: log.reduce((sum, each) => sum + each.shortcomings.length, 0),
      families: Object.fromEntries(counts),
      evaluations: rights.length,
      log,
    };
    await writeFile(join(folder, "messages.json"), `${JSON.stringify(result, undefined, 2)}\n`);
  });
}

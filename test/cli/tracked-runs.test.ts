import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locateStackFolder, prepareStackFolder } from "../../framework/connection/stack-folder.ts";
import type { Trial } from "../../framework/training/tuning/study.ts";
import { openStudyRun, settleStudyRun, settleTrialRun, type TrackedStudy } from "../../workflows/tune/track-study.ts";
import { useTracking } from "../tracking/tracking-stack.ts";
import { localStack, rowsProject, runSteward, Workspace } from "./steward.ts";

const given = useTracking();
const study: TrackedStudy = {
  identity: "5ca1e",
  training: {
    name: "late-search",
    seed: 1,
    params: { rate: 0.1, trees: 120, kind: "gbdt" },
    tuning: {
      sampler: "tpe",
      pruner: { kind: "none" },
      objectives: [{ metric: "auc", direction: "maximize" }],
      space: [
        { param: "rate", distribution: { kind: "float", low: 0.01, high: 1, scale: "log" } },
        { param: "kind", distribution: { kind: "choice", values: ["gbdt", "dart"] } },
      ],
      trials: 12,
      parallel: 2,
      budget: {},
      failures: 0.5,
      warmStart: false,
    },
  },
};
const trials = Array.from({ length: 12 }, (_, number): Trial => {
  const isPruned = number === 3;
  return {
    format: "trial/1",
    study: study.identity,
    number,
    params: { rate: 10 ** (-2 + number / 6), kind: number % 2 === 0 ? "gbdt" : "dart" },
    state: isPruned ? "pruned" : "completed",
    values: isPruned ? [] : [0.6 + number / 100],
    intermediates: [10, 20].map((step) => ({ step, value: 0.5 + number / 100 + step / 1000 })),
    seconds: 1,
    ...(isPruned && { reason: "given up at step 20" }),
  };
});

const run = (...words: string[]) => runSteward([...words, "--server", given.url]);
const post = async (path: string, body: object) => (await given.ask("POST", `/api/2.0/mlflow/${path}`, body)).body;
const ids: string[] = [];

beforeAll(async () => {
  const place = { address: given.url, token: "everybody-may-ask" };
  const parent = await openStudyRun(place, study);
  for (const trial of trials) await settleTrialRun(place, study, { trial, parent });
  await settleStudyRun(place, study, { trials, because: "trials", outcome: "chosen" });
  const { experiment_id } = await post("experiments/create", { name: "by hand" });
  for (const [index, value] of ["NaN", 0.25, 0.75].entries()) {
    const body = { experiment_id, run_name: `hand ${index}`, start_time: 1000 + index };
    const { run: made } = await post("runs/create", body);
    const run_id = made.info.run_id;
    ids.push(run_id);
    await post("runs/log-batch", {
      run_id,
      metrics: [{ key: "score", value, timestamp: 1, step: 0 }],
      params: [
        { key: "depth", value: String(index) },
        { key: "same", value: "x" },
      ],
    });
    await post("runs/update", { run_id, status: "FINISHED", end_time: 4000 + index });
  }
});

afterAll(() => expect(given.reported).toEqual([]));

describe.concurrent("experiments", () => {
  it("are listed, and are one JSON document", async () => {
    const { code, stdout, stderr } = await run("experiments");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^ {2}experiment +id +created +changed +tags\n/);
    for (const name of ["Default", "late-search", "by hand"])
      expect(stdout).toMatch(new RegExp(`^  ${name} +\\d+`, "m"));
    const names = JSON.parse((await run("experiments", "--json")).stdout).map((one: { name: string }) => one.name);
    expect(names).toEqual(expect.arrayContaining(["late-search", "by hand"]));
  });
});

describe.concurrent("the runs of an experiment", () => {
  it("are a tree: the trials below their study, with how they ended and what differs", async () => {
    const { code, stdout } = await run("runs", "late-search", "--tree");
    expect(code).toBe(0);
    const [head, first, ...rest] = stdout.trimEnd().split("\n");
    expect(head).toMatch(/run +name +status +started +took +auc +kind +rate/);
    expect(first).toMatch(/ late-search@5ca1e +FINISHED .* 0\.71 +dart +0\.68129/);
    expect(rest).toHaveLength(12);
    for (const line of rest) expect(line).toContain("└ late-search trial ");
    expect(rest.filter((line) => / pruned /.test(line))).toHaveLength(1);
  });

  it("are filtered, ordered and limited by the server", async () => {
    const { stdout } = await run(
      "runs",
      "late-search",
      "--filter",
      "metrics.auc > 0.65",
      "--order",
      "metrics.auc ASC",
      "--limit",
      "2",
    );
    expect(stdout).toMatch(/trial 7 .*\n.*trial 8 .*\n {2}… and more: --limit shows more than 2\n$/);
    const asked = await run("runs", "by hand", "--order", "params.depth ASC", "--json");
    const [nan, second] = JSON.parse(asked.stdout);
    expect(nan).toMatchObject({
      name: "hand 0",
      status: "FINISHED",
      start: 1000,
      end: 4000,
      metrics: { score: "NaN" },
    });
    expect(second).toMatchObject({ params: { depth: "1", same: "x" }, metrics: { score: 0.25 } });
    expect((await run("runs", "by hand", "--filter", "metrics.score > 9")).stdout).toBe(
      "no run of by hand is like that\n",
    );
  });

  it.each<[string, string[], number, string]>([
    ["a filter that is none", ["runs", "by hand", "--filter", "metrics.score >"], 1, "[tracking-refused]"],
    ["an experiment that is none", ["runs", "by head"], 1, '✖ there is no experiment "by head" (expected '],
    ["a limit that is none", ["runs", "by hand", "--limit", "0"], 2, '"--limit" is no count of runs (got 0'],
    [
      "a word that is nothing",
      ["compare", "nothing"],
      1,
      '"nothing" cannot be compared: there is neither a run nor an experiment',
    ],
    [
      "an experiment beside others",
      ["compare", "by hand", "late-search"],
      1,
      "it is an experiment, which is compared by itself",
    ],
    ["--open with another word", ["compare", "by hand", "--open", "maybe"], 2, '"--open" says neither whether nor not'],
  ])("are refused for %s", async (_title, words, expected, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe.concurrent("a comparison", () => {
  it("of runs is side by side, with what differs marked, by id or by name", async () => {
    const { code, stdout } = await run("compare", ids[1] ?? "", "hand 2");
    expect(code).toBe(0);
    expect(stdout).toMatch(/hand 1 +hand 2\n/);
    expect(stdout).toMatch(/^ {2}≠ {2}parameters {2}depth +1 +2$/m);
    expect(stdout).toMatch(/^ {5}parameters {2}same +x +x$/m);
    expect(stdout).toMatch(/^ {2}≠ {2}metrics +score +0\.25 +0\.75$/m);
  });

  it("of a study is of its trials, judged as the study is, with what the parameters say", async () => {
    const { stdout } = await run("compare", "late-search@5ca1e", "--json");
    const { objective, runs, differing, importance } = JSON.parse(stdout);
    expect(objective).toEqual({ metric: "auc", direction: "maximize" });
    expect(runs.map(({ label }: { label: string }) => label).slice(0, 2)).toEqual([
      "late-search trial 12",
      "late-search trial 11",
    ]);
    expect(runs).toHaveLength(12);
    // The judged value is what a curve ends with.
    expect(runs[0].curves).toEqual({
      auc: [
        [10, 0.62],
        [20, 0.71],
      ],
    });
    expect(differing).toEqual([
      { part: "parameters", name: "kind" },
      { part: "parameters", name: "rate" },
      { part: "metrics", name: "auc" },
    ]);
    expect(importance).toMatchObject({ runs: 11, params: [{ param: "rate" }, { param: "kind" }] });
  });

  it("of an experiment is of all its runs but those that stand for others, and says why importance is not measured", async () => {
    const { stdout } = await run("compare", "late-search");
    expect(stdout).toMatch(/^ {2}run +status +auc +kind +rate\n {2}late-search trial 12 +completed +0\.71 +dart/);
    expect(stdout).toMatch(
      /share of the variance of auc that each parameter explains alone, by 11 runs\n {2}rate +\d+ %/,
    );
    const { stdout: other } = await run("compare", "by hand", "--json");
    expect(JSON.parse(other)).toMatchObject({
      objective: { metric: "score" },
      importance: { refused: "it takes at least 10 runs that ended with score, and 2 have" },
    });
  });

  it("is written as one page that asks for nothing else", async () => {
    using workspace = new Workspace();
    const { code, stdout } = await workspace.run(
      "compare",
      "late-search",
      "--html",
      "page.html",
      "--server",
      given.url,
    );
    const file = join(workspace.folder, "page.html");
    expect({ code, stdout }).toEqual({ code: 0, stdout: `page: ${file}\n` });
    const page = readFileSync(file, "utf8");
    expect(page).toMatch(/default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-[\w+/]+=*'/);
    expect(page).not.toMatch(/(src|href)=|url\(|@import/);
    expect(page).toContain("rate, log");
    expect(page.match(/<path class="run/g)).toHaveLength(12);
    expect(page).toContain('class="run broken"');
  });
});

describe.concurrent("a stack", () => {
  const commands = [["experiments"], ["runs", "late-search"], ["compare", "late-search"], ["rebuild"]];
  const prepare = async (workspace: Workspace, tracking: boolean) => {
    const folder = locateStackFolder(workspace.folder, "local");
    await prepareStackFolder(folder, { project: "shop", stack: "local", tracking });
  };
  const files = { "Pulumi.local.yaml": localStack, "project.ts": rowsProject, "rows.csv": "at\n" };

  it("that was never brought up, or is down, is said to be", async () => {
    using workspace = new Workspace(files);
    for (const words of commands)
      expect((await workspace.run(...words)).stderr).toContain('stack "local" has not been brought up');
    await prepare(workspace, true);
    for (const words of commands) {
      const { code, stderr } = await workspace.run(...words);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: '✖ stack "local" is down — npx pulumi up -s local brings it back as it was\n  → [stack-not-up]\n',
      });
    }
  });

  it("that tracks nothing is told how to", async () => {
    using workspace = new Workspace(files);
    await prepare(workspace, false);
    for (const words of commands.slice(0, 3))
      expect((await workspace.run(...words)).stderr).toBe(
        '✖ stack "local" does not track experiments — npx pulumi config set -s local steward:tracking local, then npx pulumi up -s local\n  → [tracking-off]\n',
      );
    expect(existsSync(join(workspace.folder, ".steward/stacks/local/tracking.json"))).toBe(false);
  });
});

it("a server that does not answer, or an address that is none, is said", async () => {
  const away = await runSteward(["experiments", "--server", "http://127.0.0.1:9"]);
  expect(away.code).toBe(1);
  expect(away.stderr).toMatch(
    /the tracking server at http:\/\/127\.0\.0\.1:9 gives no answer: .*\[tracking-unreachable\]/s,
  );
  const none = await runSteward(["experiments", "--server", "localhost"]);
  expect(none).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"--server" is no address of a tracking server'),
  });
});

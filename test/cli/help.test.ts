import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runSteward } from "./steward.ts";

const data = ["log", "show", "diff", "checkout", "quarantine", "readmit", "profile", "lineage", "gc"].map(
  (verb) => `data ${verb}`,
);
const commands = [
  "plan",
  "status",
  "requests",
  "predict",
  "feedback",
  "experiment",
  "score",
  "approve",
  "reject",
  "test",
  "evaluation",
  "card",
  "diff",
  "forget",
  "rollback",
  "client",
  "rollout",
  "ingest",
  ...data,
  "experiments",
  "runs",
  "compare",
  "rebuild",
  "tools",
  "doctor",
  "down",
  "destroy",
];

describe.concurrent("help", () => {
  it("lists every command with its summary in one column, and the exit codes", async () => {
    const { code, stdout, stderr } = await runSteward(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const rows = stdout.split("\n").filter((line) => commands.some((name) => line.startsWith(`  ${name}`)));
    expect(rows).toHaveLength(commands.length);
    const starts = rows.map((row) => row.search(/(?<= {2})[A-Z]/));
    expect(starts).not.toContain(-1);
    expect(new Set(starts).size).toBe(1);
    expect(stdout).toContain(
      "Exit codes: 0 done, 1 failed with the reason printed, 2 asked wrongly, 3 plan --check found changes.",
    );
  });

  it("is shown when nothing is asked, which is asked wrongly", async () => {
    expect(await runSteward([])).toMatchObject({ code: 2, stderr: "", stdout: (await runSteward(["help"])).stdout });
  });

  it.each(commands)("of %s has usage, summary, every option and the exit codes", async (name) => {
    const { code, stdout, stderr } = await runSteward([...name.split(" "), "--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(new RegExp(`^npx steward ${name}( [<[].*)? \\[options\\]$`));
    expect(lines[2]).toMatch(/^[A-Z].*\.$/);
    // Tools are the same for all stacks.
    const takesStack = /\n {2}-s, --stack <value> +the stack, as in Pulumi\.<stack>\.yaml \(default: local\)\n/.test(
      stdout,
    );
    expect(takesStack).toBe(name !== "tools");
    expect(stdout).toMatch(/\n {2}-h, --help/);
    expect(lines.filter((line) => line.length > 140)).toEqual([]);
    expect(lines.at(-2)).toMatch(
      /^Exit codes: 0 done, 1 failed with the reason printed, 2 asked wrongly(, (3 --check found changes|1 also when [a-z ]+))?\.$/,
    );
  });

  it("indents each example, also where it begins with one", async () => {
    const { stdout } = await runSteward(["status", "--help"]);
    expect(stdout).toMatch(/\n\n {2}npx steward status +everything\n {2}npx steward status late-arrival {3}/);
  });

  it("can be asked for in either order of words", async () => {
    expect((await runSteward(["help", "plan"])).stdout).toBe((await runSteward(["plan", "-h"])).stdout);
    expect((await runSteward(["help", "data", "gc"])).stdout).toBe((await runSteward(["data", "gc", "-h"])).stdout);
  });

  it("of a group lists its commands, which is asked wrongly where nothing else is", async () => {
    const { code, stdout, stderr } = await runSteward(["data"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    for (const name of data) expect(stdout).toMatch(new RegExp(`^  ${name} .* {2}[A-Z].*\\.$`, "m"));
    expect(await runSteward(["data", "--help"])).toEqual({ code: 0, stdout, stderr });
    expect(await runSteward(["help", "data"])).toEqual({ code: 0, stdout, stderr });
  });

  it("has the version", async () => {
    expect(await runSteward(["--version"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe("a reader that has read enough", () => {
  it("ends a command quietly", async () => {
    const program = fileURLToPath(new URL("../../bin/steward.js", import.meta.url));
    const child = spawn(process.execPath, [program, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let complaint = "";
    child.stderr.on("data", (chunk) => {
      complaint += chunk;
    });
    const [code] = await once(child, "close");
    expect({ code, complaint }).toEqual({ code: 0, complaint: "" });
  });
});

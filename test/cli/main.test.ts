import { describe, expect, it } from "vitest";
import { locateStackFolder, prepareStackFolder } from "../../framework/connection/stack-folder.ts";
import { localStack, rowsProject, runSteward, Workspace } from "./steward.ts";

describe.concurrent("what is asked wrongly", () => {
  it.each<[string, readonly string[], string]>([
    [
      "an unknown command",
      ["plna"],
      '✖ there is no command "plna" (expected one of plan, status, requests, predict, feedback, experiment, score, approve, reject, test, evaluation, card, diff, forget, rollback, client, rollout, ingest, data log, data show, data diff, data checkout, data quarantine, data readmit, data profile, data lineage, data gc, experiments, runs, compare, rebuild, tools, doctor, down, destroy) — see npx steward --help',
    ],
    [
      "an unknown command of a group",
      ["data", "dif", "flights"],
      'there is no command "data dif" (expected one of data log, data show, data diff, data checkout, data quarantine, data readmit, data profile, data lineage, data gc) — did you mean "data diff"?',
    ],
    [
      "a version without a dataset",
      ["data", "show", "@3"],
      'what was named is no version of a dataset (got "@3", expected <dataset>, <dataset>@<number> or <dataset>@<root>)',
    ],
    [
      "rows that are no count",
      ["data", "show", "flights", "--rows", "all"],
      '"--rows" is no count of rows (got all, expected a whole number from 1 to 1000)',
    ],
    [
      "the log of one version",
      ["data", "log", "flights@2"],
      "a log is of all versions of a dataset, not of one (got flights@2, expected flights) — npx steward data show flights@2 shows one",
    ],
    [
      "two datasets to compare",
      ["data", "diff", "flights@1", "weather@1"],
      "two versions of one dataset can be compared, not two datasets (got flights and weather, expected flights@<version>)",
    ],
    [
      "a checkout to nowhere",
      ["data", "checkout", "flights"],
      '"--to" is missing, which says where to (got none, expected --to <folder>) — see npx steward data checkout --help',
    ],
    [
      "a checkout in a format that is none",
      ["data", "checkout", "flights", "--to", "out", "--format", "xml"],
      '"--format" is not one that can be written (got xml, expected one of parquet, csv, jsonl)',
    ],
    [
      "a grace that is no duration",
      ["data", "gc", "--grace", "soon"],
      '"--grace" is no duration (got soon, expected a duration with its unit, such as "1 hour")',
    ],
    ["a command of Pulumi's", ["up"], "deploys go through Pulumi: npx pulumi up -s <stack>"],
    ["a name that objects have", ["constructor"], '✖ there is no command "constructor"'],
    ["help for an unknown command", ["help", "plna"], '✖ there is no command "plna"'],
    [
      "an unknown option",
      ["plan", "--jsn"],
      '"steward plan": unknown option "--jsn" (expected --stack, --json, --markdown, --check, --help) — see npx steward plan --help',
    ],
    [
      "an argument too many",
      ["status", "a", "b"],
      '"steward status" takes 0 or 1 argument (got "a" "b", expected npx steward status [name] [options]) — see npx steward status --help',
    ],
    [
      "an argument too few",
      ["rollback"],
      '"steward rollback" takes 1 argument (got none, expected npx steward rollback <model> [options]) — see npx steward rollback --help',
    ],
    [
      "a version that is none",
      ["rollback", "m", "--to", "first"],
      '"--to" is not a version (got first, expected a whole number from 1) — see npx steward rollback --help',
    ],
    [
      "rows to take back that are named in no way",
      ["data", "readmit", "rows", "--because", "checked"],
      "say which rows, in one way (got none, expected one of --rows, --where, --all, --undo)",
    ],
    [
      "rows to take back that are named in two ways",
      ["data", "readmit", "rows", "--all", "--undo", "1"],
      "say which rows, in one way (got several, expected one of --rows, --where, --all, --undo)",
    ],
    [
      "rows to take back for no reason",
      ["data", "readmit", "rows", "--all"],
      '"--because" is missing, which says why (got none, expected --because <why>)',
    ],
    [
      "rows to take back by a place that is none",
      ["data", "readmit", "rows", "--rows", "7,a.csv:", "--because", "checked"],
      '"--rows" names no row (got "a.csv:", expected <position> or <file>:<position>)',
    ],
    [
      "a range to read again that is none",
      ["ingest", "rows", "--from", "yesterday"],
      '"--from" is neither a time nor a number (got "yesterday", expected 2024-01-31, 2024-01-31T12:00:00Z or 1234)',
    ],
    [
      "a day to read again that no calendar has",
      ["ingest", "rows", "--to", "2024-13-41"],
      '"--to" is neither a time nor a number (got "2024-13-41"',
    ],
    [
      "a range to read again that ends before it begins",
      ["ingest", "rows", "--from", "2024-02-01", "--to", "2024-01-31T12:00"],
      "what is to be read again ends before it begins (got from 2024-02-01T00:00:00.000Z to 2024-01-31T12:00:00.000Z, expected --from before --to",
    ],
    [
      "a range from a time to a number",
      ["ingest", "rows", "--from", "2024-02-01", "--to", "12"],
      "what is to be read again ends before it begins (got from 2024-02-01T00:00:00.000Z to 12",
    ],
    [
      "features that are no object",
      ["predict", "e", "[1]"],
      'the features are not a JSON object (got [1], expected {"feature": value}) — see npx steward predict --help',
    ],
    [
      "a version to score that is named twice",
      ["score", "stars", "rows@1", "--version", "2"],
      "a version of the dataset is named twice (got rows@1 and --version 2, expected rows@2, or --version 2)",
    ],
    [
      "a destroy without a word for what is live",
      ["destroy"],
      "say what shall become of what is live (got neither, expected --retire or --abandon)",
    ],
  ])("%s ends with 2 and the cure", async (_title, words, message) => {
    using workspace = new Workspace({ "Pulumi.local.yaml": localStack, "project.ts": rowsProject, "rows.csv": "at\n" });
    const { code, stdout, stderr } = await workspace.run(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toContain("[command-misused]");
  });
});

describe.concurrent("a stack", () => {
  it.each<[string, Record<string, string>, readonly string[], string]>([
    [
      "without a file",
      { "Pulumi.dev.yaml": localStack },
      ["plan"],
      '✖ there is no stack "local" (expected one of dev) — name another with --stack, or write Pulumi.local.yaml',
    ],
    [
      "whose file is no YAML",
      { "Pulumi.local.yaml": "config:\n\t- x: [1\n" },
      ["plan"],
      "✖ the stack file is no YAML (got Tabs are not allowed as indentation at line 2, column 1",
    ],
    [
      "whose file is empty",
      { "Pulumi.local.yaml": "" },
      ["plan"],
      '✖ "config" is missing in the stack file — npx pulumi config set --stack local steward:project …\n  → at config (Pulumi.local.yaml) [stack-invalid]',
    ],
    [
      "without a project",
      { "Pulumi.local.yaml": "config: {}\n" },
      ["plan"],
      '✖ "steward:project" is missing in the stack file — npx pulumi config set --stack local steward:project …\n  → at config.steward:project (Pulumi.local.yaml) [stack-invalid]',
    ],
    [
      "with a setting of the wrong kind",
      { "Pulumi.local.yaml": `${localStack}  steward:environment: [1]\n` },
      ["plan"],
      '✖ "steward:environment" of the stack file is not right: Invalid input: expected string, received array',
    ],
    [
      "whose project is not there",
      { "Pulumi.local.yaml": localStack },
      ["plan"],
      "✖ the project file does not exist — write one, or name another\n  → in project.ts [project-file-invalid]",
    ],
    [
      "whose project does not compile",
      { "Pulumi.local.yaml": localStack, "project.ts": "export default nothing;\n" },
      ["status"],
      "✖ Cannot find name 'nothing'. — mend it: npx tsc --noEmit shows it in full\n  → in project.ts:1 [project-type-error]",
    ],
    [
      "whose project exports none",
      { "Pulumi.local.yaml": localStack, "project.ts": "export const x = 1;\n" },
      ["plan"],
      "✖ the default export of the project file is no project (got no default export) — write export default project(…)\n  → in project.ts",
    ],
    [
      "whose environment is unknown",
      { "Pulumi.local.yaml": `${localStack}  steward:environment: live\n`, "project.ts": rowsProject },
      ["plan"],
      'the project declares no environment "live" (expected local)',
    ],
    [
      "whose source is missing",
      { "Pulumi.local.yaml": localStack, "project.ts": rowsProject },
      ["plan"],
      '✖ "path" of the source names no file (got rows.csv) — mend the path; it is relative to the project file\n  → at rows.source.path [source-missing]',
    ],
    [
      "with a damaged file, beside a project that is wrong",
      { "Pulumi.local.yaml": localStack, "project.ts": "", ".steward/stacks/local/connection.json": "{" },
      ["plan"],
      "✖ A file of the stack is damaged (got 1 bytes that are no JSON)",
    ],
    [
      "that was never brought up",
      { "Pulumi.local.yaml": localStack, "project.ts": rowsProject },
      ["status"],
      '✖ stack "local" has not been brought up — run npx pulumi up -s local\n',
    ],
  ])("%s is refused with the cure", async (_title, files, words, message) => {
    using workspace = new Workspace(files);
    const { code, stdout, stderr } = await workspace.run(...words);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/defect of Steward|^ {4}at /m);
  });

  it("is looked for from the working directory upwards", async () => {
    using workspace = new Workspace();
    const { code, stderr } = await runSteward(["plan"], "/");
    expect(code).toBe(1);
    expect(stderr).toContain("no Pulumi.yaml in / or above it — run this inside a project");
    expect((await workspace.run("plan")).stderr).toContain("a stack with a file, of which there is none");
  });

  it("that was never brought up has a plan, in which everything is new", async () => {
    using workspace = new Workspace({ "Pulumi.local.yaml": localStack, "project.ts": rowsProject, "rows.csv": "at\n" });
    const plan = await workspace.run("plan", "--check");
    expect(plan).toMatchObject({
      code: 3,
      stderr: "",
      stdout: expect.stringContaining("+ dataset rows (create)\n    → will: ingest rows — it has no version yet\n"),
    });
    const { stdout, ...rest } = await workspace.run("plan", "--json");
    expect(rest).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ project: "shop", changes: true });
    expect((await workspace.run("plan", "--markdown")).stdout).toContain("| create | dataset **rows** |");
  });

  it("may have secret inputs, which a plan does not read, and which are no paths", async () => {
    const secret =
      '    key: { secure: "v1:abc" }\n    url: { secure: "v1:def" }\n    rows.path: { secure: "v1:ghi" }\n';
    const source =
      'parquet(s3("s3://bucket/rows.parquet", { credentials: { accessKey: input("key"), secretKey: input("url") } }))';
    const remote = rowsProject.replace('csv("rows.csv")', source).replace("{ csv,", "{ input, parquet, s3,");
    using workspace = new Workspace({
      "Pulumi.local.yaml": `${localStack}  steward:inputs:\n${secret}`,
      "project.ts": remote,
    });
    expect(await workspace.run("plan")).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("→ will: ingest rows — it has no version yet"),
    });
    workspace.write({ "Pulumi.local.yaml": localStack });
    expect((await workspace.run("plan")).stderr).toContain(
      'The source needs the input "key", which the stack does not supply',
    );
    workspace.write({
      "Pulumi.local.yaml": `${localStack}  steward:inputs:\n${secret}`,
      "project.ts": rowsProject
        .replace('csv("rows.csv")', 'csv(input("rows.path"))')
        .replace("{ csv,", "{ csv, input,"),
    });
    const { code, stderr } = await workspace.run("plan");
    expect(code).toBe(1);
    expect(stderr).toContain(
      '"path" of the source is the input "rows.path", which is a secret that this command cannot read',
    );
  });

  it("that is down is not asked, even where another answers at its address", async () => {
    using workspace = new Workspace({ "Pulumi.local.yaml": localStack, "project.ts": rowsProject, "rows.csv": "at\n" });
    await prepareStackFolder(locateStackFolder(workspace.folder, "local"), { project: "shop", stack: "local" });
    for (const words of [
      ["status"],
      ["plan"],
      ["ingest", "rows"],
      ["predict", "desk"],
      ["score", "spender", "rows"],
      ["approve", "spender"],
      ["rollback", "spender"],
      ["requests", "desk"],
      ["forget", "customer-1"],
    ]) {
      const { code, stdout, stderr } = await workspace.run(...words);
      expect({ code, stdout, stderr }).toEqual({
        code: 1,
        stdout: "",
        stderr: '✖ stack "local" is down — npx pulumi up -s local brings it back as it was\n  → [stack-not-up]\n',
      });
    }
    expect(await workspace.run("down")).toMatchObject({ code: 0, stdout: 'nothing of stack "local" was running\n' });
  });

  it("with a broken project can still be stopped and examined", async () => {
    using workspace = new Workspace({ "Pulumi.local.yaml": localStack, "project.ts": "export default nothing;\n" });
    expect(await workspace.run("down")).toMatchObject({ code: 0, stderr: "" });
    expect((await workspace.run("doctor")).stdout).toMatch(/✔ services +none yet: npx pulumi up -s local/);
    expect((await workspace.run("doctor", "-s", "no")).stdout).toMatch(
      /✖ stack +there is no stack "no": name another with\s+--stack/,
    );
  });
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { localStack, Workspace } from "./steward.ts";

const language = fileURLToPath(new URL("../../framework/index.ts", import.meta.url));

/** A project of one endpoint, whose request has the columns that are told. */
const project = (columns: string) => `import { z } from "zod";
import { auc, csv, dataset, endpoint, features, model, project, python, trainingJob } from ${JSON.stringify(language)};
const flights = dataset("flights", {
  owner: "ops",
  schema: z.object({ at: z.date(), origin: z.string(), distance: z.int().meta({ unit: "mi" }), late: z.boolean().meta({ known: "1 day" }) }),
  eventTime: "at",
  source: csv("rows.csv"),
});
const routes = features("routes", flights, (row) => ({ ${columns} }));
const training = trainingJob("late-training", {
  features: [routes], label: (row) => row.late, split: { test: "14 days" },
  trainer: python("train.py", { lock: "requirements.lock" }), params: z.object({}),
});
const late = model("late", { owner: "ops", risk: "limited", training, metrics: [auc], gates: [], approval: { from: ["lead"] } });
export default project("shop", { definitions: [flights, routes, training, late, endpoint("late-arrival", { model: late })] });
`;

const lock = "numpy==2.0.0 --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000\n";

function openWorkspace(): Workspace {
  return new Workspace({
    "Pulumi.local.yaml": localStack,
    "project.ts": project("origin: row.origin.category()"),
    "rows.csv": "at,origin,distance,late\n",
    "train.py": "",
    "requirements.lock": lock,
  });
}

describe("steward client", () => {
  it("writes both clients and the document from the definitions alone, the same each time, and says when they are out of date", async () => {
    using workspace = openWorkspace();
    const read = (name: string) => readFileSync(join(workspace.folder, name), "utf8");
    const asked = ["client", "late-arrival", "--out", "clients", "--openapi", "api/late.json"] as const;
    const files = ["clients/late-arrival.ts", "clients/late_arrival.py", "api/late.json"];
    const { code, stdout, stderr } = await workspace.run(...asked, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const told = JSON.parse(stdout);
    expect(told).toEqual({
      endpoint: "late-arrival",
      version: expect.stringMatching(/^1\.0\.0\+[0-9a-f]{12}$/),
      requestType: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      files,
    });
    const texts = files.map(read);
    for (const text of texts) expect(text).toContain(told.requestType);
    expect(texts[0]).not.toContain("distance");

    const checked = await workspace.run(...asked, "--check");
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining("as they would be written") });

    workspace.write({ "project.ts": project("origin: row.origin.category(), distance: row.distance") });
    const stale = await workspace.run(...asked, "--check");
    expect(stale).toMatchObject({ code: 1, stdout: "" });
    expect(stale.stderr.match(/\[client-out-of-date\]/g)).toHaveLength(3);
    expect(files.map(read)).toEqual(texts);
    await workspace.run(...asked);
    expect(read("clients/late-arrival.ts")).toContain("readonly distance: number");
    expect(await workspace.run(...asked, "--check")).toMatchObject({ code: 0 });
  });

  it("writes what it is told to alone", async () => {
    using workspace = openWorkspace();
    const { stdout } = await workspace.run("client", "late-arrival", "--out", ".", "--language", "python", "--json");
    expect(JSON.parse(stdout).files).toEqual(["late_arrival.py"]);
    writeFileSync(join(workspace.folder, "late_arrival.py"), "");
    const { stderr } = await workspace.run("client", "late-arrival", "--out", ".", "--check");
    expect(stderr).toContain("no file");
    expect(stderr).toContain("other definitions");
  });

  it.each([
    [["late-arrivals", "--out", "."], 1, 'did you mean "late-arrival"?'],
    [["nope", "--out", "."], 1, "mend the name, or define the endpoint in the project"],
    [["late-arrival"], 2, "it is not said what is written where"],
    [["late-arrival", "--openapi", "a.json", "--language", "python"], 2, '"--language" stands without "--out"'],
    [["late-arrival", "--out", ".", "--language", "cobol"], 2, '"--language" is none that clients are written in'],
  ])("refuses %j", async (words, code, message) => {
    using workspace = openWorkspace();
    expect(await workspace.run("client", ...words)).toMatchObject({ code, stderr: expect.stringContaining(message) });
  });
});

import { describe, expect, it } from "vitest";
import { StewardError } from "../../framework/definitions/problem.ts";
import { readSettings } from "../../stacks/settings.ts";

const least = { "steward:project": "examples/flights/project.ts" };

describe("settings", () => {
  it("have defaults, and name the project file from the folder of Pulumi.yaml", () => {
    expect(readSettings(least, "/repo")).toEqual({
      project: "examples/flights/project.ts",
      environment: "local",
      platform: "local",
      inputs: {},
      slots: 4,
      tracking: "off",
      runner: "process",
      file: "/repo/examples/flights/project.ts",
    });
  });

  it("are read as text or as JSON, whatever other programs have configured", () => {
    const given = { ...least, "steward:slots": "8", "steward:inputs": '{"day":"1"}', "pulumi:tags": "{}" };
    expect(readSettings(given, "/repo")).toMatchObject({ slots: 8, inputs: { day: "1" } });
  });

  it("say on which cluster jobs run, and tell nothing of what it is shown where that is not right", () => {
    const given = (runner: string) => ({ ...least, "steward:runner": runner });
    expect(readSettings(given("ray:http://host:8265"), "/repo").runner).toBe("ray:http://host:8265");
    const problems = problemsOf(given("ray://canary@host:8265"));
    expect(problems).toMatchObject([{ code: "settings-invalid", at: "steward:runner" }]);
    expect(problems[0]?.what).toContain('process, or the dashboard of a Ray cluster: "ray:http://host:8265"');
    expect(JSON.stringify(problems)).not.toContain("canary");
  });

  it.each([
    ["an address", "http://127.0.0.1:4318", { url: "http://127.0.0.1:4318" }],
    [
      "an address with more",
      '{"url":"https://collector/","ratio":0.1,"headers":{"authorization":"Bearer x"}}',
      { url: "https://collector/", ratio: 0.1, headers: { authorization: "Bearer x" } },
    ],
  ])("say where traces go: %s", (_what, text, traces) => {
    expect(readSettings({ ...least, "steward:traces": text }, "/repo").traces).toEqual(traces);
  });

  it.each([
    ["canary:4318"],
    ["ftp://canary"],
    ['{"url":"http://a","share":"canary"}'],
    ['{"url":"http://a","ratio":2,"headers":{"a":"canary"}}'],
    ['{"url":"http://a","headers":{"a b":"canary"}}'],
  ])("refuse %s as the place of traces, and tell nothing of it", (text) => {
    const problems = problemsOf({ ...least, "steward:traces": text });
    expect(problems).toMatchObject([{ code: "settings-invalid", at: expect.stringMatching(/^steward:traces/) }]);
    expect(JSON.stringify(problems)).not.toContain("canary");
  });

  it("tell everything that is missing, not right or not known", () => {
    const problems = problemsOf({ "steward:slots": "many", "steward:slot": "8", "steward:enviroment": "live" });
    expect(problems.map(({ at }) => at).sort()).toEqual([
      "steward:enviroment",
      "steward:project",
      "steward:slot",
      "steward:slots",
    ]);
    expect(problems.find(({ at }) => at === "steward:slot")).toMatchObject({
      what: 'there is no setting "steward:slot"',
      expected: "one of project, environment, platform, inputs, slots, online, tracking, traces, runner",
    });
  });
});

function problemsOf(config: Readonly<Record<string, string>>) {
  try {
    readSettings(config, "/repo");
  } catch (error) {
    if (error instanceof StewardError) return error.problems;
    throw error;
  }
  throw new Error("the settings were accepted");
}

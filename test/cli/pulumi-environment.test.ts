import { describe, expect, it } from "vitest";
import { composePulumiEnvironment, deploys, findStackName, updates } from "../../framework/cli/pulumi-environment.ts";

const home = {
  project: "rain",
  folder: "/c/.steward/pulumi",
  backend: "file:///c/.steward/state",
  state: "/c/.steward/state",
  passphrase: "/c/.steward/passphrase",
};
const compose = (environment: NodeJS.ProcessEnv) =>
  composePulumiEnvironment({ environment, home, programs: ["/node/bin/node", "/tools/pulumi", "/tools/other"] });

describe("the environment of Pulumi", () => {
  it("has all it needs in a plain shell", () => {
    expect(compose({ PATH: "/usr/bin", HOME: "/home/ada" })).toEqual({
      HOME: "/home/ada",
      PATH: "/node/bin:/tools:/usr/bin",
      PULUMI_HOME: home.folder,
      PULUMI_BACKEND_URL: home.backend,
      PULUMI_CONFIG_PASSPHRASE_FILE: home.passphrase,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NODE_COMPILE_CACHE: `${home.folder}/code`,
    });
  });

  it.each([
    { PULUMI_BACKEND_URL: "s3://states" },
    { PULUMI_HOME: "/elsewhere" },
    { PULUMI_CONFIG_PASSPHRASE_FILE: "/a/file" },
  ])("keeps %j as it is", (given) => {
    expect(compose(given)).toMatchObject(given);
  });

  it("names no passphrase file beside a passphrase", () => {
    expect(compose({ PULUMI_CONFIG_PASSPHRASE: "word" })).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE_FILE");
  });
});

describe("the arguments", () => {
  it.each<[string, string | undefined]>([
    ["up", undefined],
    ["up -s labour", "labour"],
    ["up --stack labour --yes", "labour"],
    ["--stack=labour up", "labour"],
    ["up -slabour", "labour"],
  ])("%j name the stack %j", (line, expected) => {
    expect(findStackName(line.split(" "))).toBe(expected);
  });

  it.each<[string, boolean, boolean]>([
    ["up", true, true],
    ["-s up preview", true, false],
    ["--stack=x update --yes", true, true],
    ["refresh", true, false],
    ["up --help", false, false],
    ["stack ls", false, false],
    ["", false, false],
  ])("%j run a program: %j, change a stack: %j", (line, runs, changes) => {
    const args = line.split(" ").filter((word) => word !== "");
    expect([deploys(args), updates(args)]).toEqual([runs, changes]);
  });
});

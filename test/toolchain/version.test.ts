import { describe, expect, it } from "vitest";
import { judgeProgram } from "../../framework/toolchain/path-finding.ts";
import { pinnedTools, type ToolName } from "../../framework/toolchain/tools.ts";
import { compareVersions, describeRule } from "../../framework/toolchain/version.ts";

describe("compareVersions", () => {
  it.each([
    ["1.2.3", "1.2.3", 0],
    ["1.2.10", "1.2.9", 1],
    ["1.9.0", "1.10.0", -1],
    ["2", "1.99.99", 1],
    ["3.11", "3.11.0", 0],
    ["2026-02-12T20-18-48Z", "2025-12-31T23-59-59Z", 1],
    ["2026-02-12T20-18-48Z", "2026-02-12T20-18-49Z", -1],
  ])("%s against %s", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
    expect(Math.sign(compareVersions(b, a))).toBe(sign === 0 ? 0 : -sign);
  });
});

describe("what programs on PATH print for their version", () => {
  it.each<[ToolName, string, string | undefined, boolean]>([
    ["uv", "uv 0.8.0\n", "0.8.0", true],
    ["uv", "uv 0.13.9 (abcdef 2026-10-01)\n", "0.13.9", true],
    ["uv", "uv 0.7.22\n", "0.7.22", false],
    ["go", "go version go1.26.10 linux/amd64\n", "1.26.10", true],
    ["go", "go version go1.26.8 linux/amd64\n", "1.26.8", false],
    ["go", "go version go1.28rc1 linux/amd64\n", undefined, false],
    ["go", "go version devel go1.28-1234 linux/amd64\n", undefined, false],
    ["minio", "minio version RELEASE.2026-02-12T20-18-48Z (commit-id=7aac)\n", "2026-02-12T20-18-48Z", true],
    ["minio", "minio version RELEASE.2025-10-15T17-29-55Z (commit-id=9e49)\n", "2025-10-15T17-29-55Z", false],
    ["minio", "minio version DEVELOPMENT.GOGET (commit-id=DEVELOPMENT.GOGET)\n", undefined, false],
    ["pulumi", "v3.255.0\n", "3.255.0", true],
    ["pulumi", "3.270.1\n", "3.270.1", true],
    ["pulumi", "v3.254.9\n", "3.254.9", false],
    ["pulumi", "v4.0.0\n", "4.0.0", false],
    ["pulumi", "v3.256.0-alpha.1\n", undefined, false],
    ["temporal-server", "temporal version 1.32.2\n", "1.32.2", true],
    ["temporal-server", "temporal version 1.33.0-rc.1\n", undefined, false],
    ["temporal-server", "temporal version 1.31.9\n", "1.31.9", false],
    ["temporal-ui", "Temporal UI version 2.54.1\n", "2.54.1", true],
    ["temporal-ui", "segmentation fault\n", undefined, false],
  ])("%s: %j is %s, fits: %s", (name, printed, version, fits) => {
    const rule = pinnedTools[name].onPath;
    if ("beside" in rule) throw new Error(`${name} cannot be asked`);
    const expected = fits ? {} : { expected: describeRule(rule) };
    expect(judgeProgram(rule, "/bin/it", printed)).toEqual({
      path: "/bin/it",
      ...(version && { version }),
      ...expected,
    });
  });
});

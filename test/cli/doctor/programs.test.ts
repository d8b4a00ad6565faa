import { describe, expect, it } from "vitest";
import { judgeProgram, judgeTool } from "../../../framework/cli/doctor/programs.ts";

describe("a program against the security floors", () => {
  it.each<[string, string, string, string]>([
    ["node", "22.23.4", "ok", "on PATH"],
    ["node", "24.100.0", "ok", "on PATH"],
    ["node", "24.22.0", "warning", "security fixes since: take 24.22.1 or newer"],
    ["node", "24.9.9", "warning", "security fixes since: take 24.22.1 or newer"],
    ["node", "20.19.0", "warning", "gets no security fixes: take a line with long-term support, 22, 24 or 26"],
    ["node", "nightly", "warning", "gets no security fixes: take a line with long-term support, 22, 24 or 26"],
    ["python", "3.11.2", "warning", "security fixes since: take 3.11.15 or newer"],
    ["python", "3.14.10", "ok", "on PATH"],
    ["npm", "1.0.0", "ok", "on PATH"],
  ])("%s %s is %s", (name, version, verdict, detail) => {
    expect(judgeProgram(name, version, "/bin/it")).toMatchObject({
      what: `${name} ${version}`,
      verdict,
      detail,
      path: "/bin/it",
    });
  });
});

describe("a tool", () => {
  const cost = { seconds: 120, fetchMegabytes: 250, diskMegabytes: 148 };
  const rejected = [{ path: "/bin/minio", version: "2025-01-01T00-00-00Z", expected: "≥ 2026" }];

  it("that is not there says what getting it costs, and why what PATH has will not do", () => {
    expect(judgeTool({ name: "minio", version: "2026", state: "missing", cost, rejected })).toMatchObject({
      verdict: "warning",
      cost,
      detail:
        "not there yet: about 2 min, 250 MB to fetch, 148 MB on disk; /bin/minio will not do: 2025-01-01T00-00-00Z, not ≥ 2026",
    });
  });

  it("that is damaged says so", () => {
    expect(judgeTool({ name: "minio", version: "2026", state: "damaged", cost, rejected: [] }).detail).toMatch(
      /^damaged in the cache: about 2 min/,
    );
  });
});

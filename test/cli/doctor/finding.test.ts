import { expect, it } from "vitest";
import { type Finding, formatFindings } from "../../../framework/cli/doctor/finding.ts";

const cost = { seconds: 90, fetchMegabytes: 200, diskMegabytes: 100 };
const findings: readonly Finding[] = [
  { section: "Machine", what: "cores", verdict: "ok", detail: "2" },
  { section: "Programs", what: "npm 11", verdict: "ok", detail: "on PATH", path: "/usr/bin/npm" },
  {
    section: "Programs",
    what: "minio",
    verdict: "warning",
    detail: "not there yet: about 90 s and more words than a line has",
    cost,
  },
  { section: "Programs", what: "pulumi", verdict: "warning", detail: "not there yet", cost },
];

it("stands under headings, in lines no longer than the terminal, with the costs summed up", () => {
  const text = formatFindings(findings, 40);
  expect(text.split("\n\n").slice(0, 2)).toEqual([
    "Machine\n✔ cores   2",
    [
      "Programs",
      "✔ npm 11  /usr/bin/npm",
      "! minio   not there yet: about 90 s and",
      "          more words than a line has",
      "! pulumi  not there yet",
    ].join("\n"),
  ]);
  expect(text).toContain("about 3 min, 400 MB to fetch, 200 MB on disk, on two cores.");
  expect(text).toMatch(/\n2 to look at\.$/);
});

it("says whether anything is missing that nothing brings", () => {
  const missing = { section: "Programs", what: "python", verdict: "missing", detail: "none" } as const;
  expect(formatFindings([missing], 80)).toMatch(/\n1 missing: nothing brings it by itself\.$/);
  expect(formatFindings(findings.slice(0, 2), 80)).toMatch(/\nAll is well\.$/);
});

import { describe, expect, it } from "vitest";
import { checkLock } from "../../framework/training/lock-file.ts";

const hash = `--hash=sha256:${"0a".repeat(32)}`;
const check = (text: string) =>
  checkLock(text, "requirements.lock").map(({ at, got, expected }) => ({ at, got, expected }));

describe("checkLock", () => {
  it.each([
    ["one hash on the next line", `six==1.17.0 \\\n    ${hash}\n`],
    ["several hashes and comments", `six==1.17.0 \\\n    ${hash} \\\n    ${hash}\n    # via -r requirements.in\n`],
    ["a marker", `numpy==2.4.6 ; python_full_version < '3.12' \\\n    ${hash}\n`],
    ["extras", `ray[default]==2.0 ${hash}\n`],
    ["options that say where packages come from", `--index-url https://example.com/simple\nsix==1.17.0 ${hash}\n`],
    ["no end of line, and lines of Windows", `# locked\r\nsix==1.17.0 \\\r\n    ${hash}`],
  ])("passes a lock with %s", (_, text) => {
    expect(check(text)).toEqual([]);
  });

  it.each([
    ["no hash", "six==1.17.0\n", "six==1.17.0", "at least one --hash=sha256:…"],
    ["a hash in a comment", `six==1.17.0 # ${hash}\n`, "six==1.17.0", "at least one --hash=sha256:…"],
    ["half a hash", "six==1.17.0 --hash=sha256:0a0a\n", "six==1.17.0", "at least one --hash=sha256:…"],
    ["an open version", `six>=1.17 ${hash}\n`, "six>=1.17", "name==version --hash=sha256:…"],
    ["a version with a star", `six==1.* ${hash}\n`, "six==1.*", "name==version --hash=sha256:…"],
    [
      "a repository",
      "git+https://example.com/six.git\n",
      "git+https://example.com/six.git",
      "name==version --hash=sha256:…",
    ],
    ["a folder", "-e .\n", "-e .", "name==version --hash=sha256:…"],
    ["another file", "-r other.txt\n", "-r other.txt", "name==version --hash=sha256:…"],
  ])("finds %s", (_, line, got, expected) => {
    expect(check(`# locked\nother==1.0 ${hash}\n${line}`)).toEqual([{ at: "line 3", got, expected }]);
  });

  it("finds all at once, each by the line it begins on", () => {
    expect(check(`a==1 \\\n    ${hash}\nb==1 \\\n    # nothing\nc==2\n`).map(({ at }) => at)).toEqual([
      "line 3",
      "line 5",
    ]);
  });

  it("refuses a lock of nothing, which would be an environment of nothing", () => {
    expect(checkLock("# empty\n", "requirements.lock")).toMatchObject([
      { code: "lock-invalid", file: "requirements.lock" },
    ]);
  });
});

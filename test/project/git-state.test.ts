import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { describeCode, recordCode } from "../../framework/project/code-record.ts";
import { findGitState, judgeCommitted, readGitState, requireCommitted } from "../../framework/project/git-state.ts";

const at = "flights.environments.production.code";

describe("what git printed", () => {
  it.each<[string, string, string[]]>([
    ["nothing", "", []],
    ["changed, new and removed files", " M b.ts\0?? c d.ts\0 D a.ts\0", ["a.ts", "b.ts", "c d.ts"]],
    ["a renamed file, by both its names", "R  new.ts\0old.ts\0 M z.ts\0", ["new.ts", "old.ts", "z.ts"]],
  ])("is read as the files that differ: %s", (_, status, changed) => {
    expect(readGitState({ head: "abc\n", status, patch: "" })).toMatchObject({ commit: "abc", changed });
  });

  it("is cut where a patch is longer than what is kept", () => {
    const { patch, isCut } = readGitState({ status: "", patch: "x".repeat(2 ** 20 + 1) });
    expect({ length: patch.length, isCut }).toEqual({ length: 2 ** 20, isCut: true });
    expect(readGitState({ status: "", patch: "x" })).toEqual({ changed: [], patch: "x", isCut: false });
  });
});

describe("an environment that takes committed code alone", () => {
  const state = { commit: "abc", changed: [], patch: "", isCut: false };

  it("takes a clean checkout", () => {
    expect(judgeCommitted(state, { at })).toBeUndefined();
  });

  it.each([
    ["files that are not committed, by name", { ...state, changed: ["a.ts", "b.ts"] }, "a.ts, b.ts"],
    [
      "many files, the first ten by name",
      { ...state, changed: Array.from({ length: 12 }, (_, i) => `f${i}`) },
      "f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, 2 more",
    ],
    ["a checkout without a commit", { changed: [], patch: "", isCut: false }, "a checkout without a commit"],
    ["a folder without git", undefined, "a folder that is not under version control"],
  ])("refuses %s", (_, given, got) => {
    expect(judgeCommitted(given, { at })).toMatchObject({ code: "code-uncommitted", at, got });
  });
});

describe("a checkout", () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "steward-git-")));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=ann", "-c", "user.email=ann@example.com", ...args], {
      cwd: folder,
      encoding: "utf8",
    });
  const commit = () => {
    git("init", "--quiet");
    mkdirSync(join(folder, "jobs"));
    writeFileSync(join(folder, "jobs", "train.py"), "seed = 1\n");
    git("add", ".");
    git("commit", "--quiet", "--message", "first");
    return git("rev-parse", "HEAD").trim();
  };

  it("that is clean has its commit, asked from whichever of its folders", async () => {
    const head = commit();
    expect(await findGitState(join(folder, "jobs"))).toEqual({ commit: head, changed: [], patch: "", isCut: false });
  });

  it("that is not has the files and how they differ", async () => {
    const head = commit();
    writeFileSync(join(folder, "jobs", "train.py"), "seed = 2\n");
    writeFileSync(join(folder, "secret.env"), "token=hunter2\n");
    const state = await findGitState(folder);
    expect(state).toMatchObject({ commit: head, changed: ["jobs/train.py", "secret.env"] });
    expect(state?.patch).toContain("-seed = 1\n+seed = 2");
    expect(state?.patch).not.toContain("hunter2");
    const project = { name: "flights", environment: "production" };
    await expect(requireCommitted({ ...project, code: "committed" }, folder)).rejects.toMatchObject({
      problems: [{ code: "code-uncommitted", at, got: "jobs/train.py, secret.env" }],
    });
    await requireCommitted(project, folder);
  });

  it("without a commit has none, and a folder without git has nothing", async () => {
    expect(await findGitState(folder)).toBeUndefined();
    git("init", "--quiet");
    expect(await findGitState(folder)).toEqual({ changed: [], patch: "", isCut: false });
  });

  it("that ignores a folder has nothing of it", async () => {
    commit();
    mkdirSync(join(folder, "scratch"));
    writeFileSync(join(folder, "scratch", ".gitignore"), "*\n");
    writeFileSync(join(folder, "scratch", "project.ts"), "");
    writeFileSync(join(folder, ".gitignore"), "scratch/\n");
    git("add", ".");
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "ignored");
    expect(await findGitState(join(folder, "scratch"))).toBeUndefined();
    expect(await findGitState(folder)).toMatchObject({ changed: [] });
  });

  it("runs no program that its settings name, and is not another one that the environment names", async () => {
    const head = commit();
    git("config", "core.fsmonitor", "touch ran");
    git("config", "diff.external", "touch ran");
    writeFileSync(join(folder, "jobs", "train.py"), "seed = 2\n");
    vi.stubEnv("GIT_DIR", "/nowhere");
    expect(await findGitState(folder)).toMatchObject({ commit: head, changed: ["jobs/train.py"] });
  });

  it("is nothing where there is no git", async () => {
    commit();
    vi.stubEnv("PATH", "/nowhere");
    expect(await findGitState(folder)).toBeUndefined();
  });
});

describe("the record of code", () => {
  const stored: unknown[] = [];
  const store = {
    putJson: async (value: unknown) => {
      stored.push(value);
      return { sha256: "d", size: 1 };
    },
  };

  it("has the commit, and what was not committed in the store", async () => {
    const state = { commit: "1f2e3d4c5b6a7988", changed: ["a.ts"], patch: "+1", isCut: false };
    const code = await recordCode(state, store);
    expect(code).toEqual({ commit: state.commit, uncommitted: { files: 1, patch: { sha256: "d", size: 1 } } });
    expect(stored).toEqual([
      { format: "uncommitted-code/1", commit: state.commit, files: ["a.ts"], patch: "+1", cut: false },
    ]);
    expect(describeCode(code)).toBe("commit 1f2e3d4c5b6a with 1 file not committed");
  });

  it("says in words that nothing differs, or that there is no version control", async () => {
    const clean = await recordCode({ commit: "1f2e3d4c5b6a7988", changed: [], patch: "", isCut: false }, store);
    expect(clean).toEqual({ commit: "1f2e3d4c5b6a7988" });
    expect(describeCode(clean)).toBe("commit 1f2e3d4c5b6a");
    expect(await recordCode(undefined, store)).toBeUndefined();
    expect(describeCode(undefined)).toBe("not under version control");
    expect(describeCode({ commit: "" })).toBe("no commit yet");
  });
});

/**
 * `npm run record-release`: deploys a project with the packed package of this version and keeps it as a fixture, with its state,
 * for later versions to take over. Run once for each release, before its version is raised.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { locateUserCache } from "../../framework/toolchain/cache.ts";
import { packAll } from "../../packaging/pack.ts";
import type { Ran } from "../support/checkout.ts";
import { createTeamProject } from "../support/team-project.ts";
import { placeTinyProject } from "../support/tiny-project.ts";
import { describeDeployed, locateRelease } from "./release.ts";

const deploy = ["up", "-s", "local", "--yes", "--skip-preview"];
/** What the next version makes anew, or what is of no use elsewhere. */
const leftOut = [
  "node_modules",
  "./data",
  "./requirements.*",
  "./project.ts",
  "./train.py",
  ...["code", "evaluation", "type-check", "pulumi", "state/.pulumi/backups", "state/.pulumi/history"].map(
    (name) => `./.steward/${name}`,
  ),
  "./.steward/stacks/local/work",
  "*.log",
  "*.bak",
];

const { version }: { readonly version: string } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);
const scratch = mkdtempSync(join(tmpdir(), "steward-release-"));
const project = await createTeamProject(await packAll(scratch), "tiny");
// The state names programs by their paths: the project's own Node, and a cache that is nobody's.
const tools = join(locateUserCache(), "toolchain");
process.env["PATH"] = [join(project.folder, "node_modules", ".bin"), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
process.env["STEWARD_CACHE"] = join(scratch, "cache");
mkdirSync(process.env["STEWARD_CACHE"]);
symlinkSync(tools, join(process.env["STEWARD_CACHE"], "toolchain"));
try {
  requireDone(project.created);
  placeTinyProject(project, "steward");
  requireDone(await project.pulumi(deploy));
  project.edit("tiny/project.ts", (text) =>
    text.replace("weight: z.number().default(0.2)", "weight: z.number().default(0.3)"),
  );
  requireDone(await project.pulumi(deploy));
  requireDone(await project.steward(["rollback", "spender", "--reason", "the first one is enough"]));
  const deployed = await describeDeployed(project);
  requireDone(await project.steward(["down"]));
  const release = locateRelease(version);
  const excluded = leftOut.map((name) => `--exclude=${name}`);
  execFileSync("tar", ["-czf", release.archive, ...excluded, "-C", project.folder, "."]);
  writeFileSync(release.deployed, `${JSON.stringify(deployed, null, 2)}\n`);
} finally {
  await project.end();
  rmSync(scratch, { recursive: true, force: true });
}

function requireDone({ code, output }: Ran): void {
  if (code !== 0) throw new Error(`ended with ${code}:\n${output}`);
}

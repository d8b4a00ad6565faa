/**
 * A project that a released package deployed, taken over by the present code with all its state.
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { locateStackFolder } from "../../framework/connection/stack-folder.ts";
import { type Checkout, openCheckout } from "../support/checkout.ts";
import { viewStack } from "../support/deployed.ts";
import { type Deployed, describeDeployed, locateRelease } from "./release.ts";

const root = join(import.meta.dirname, "../..");
const deploy = ["up", "-s", "local", "--yes", "--skip-preview"];
const releases = readdirSync(import.meta.dirname).flatMap((file) => /^(.+)\.tar\.gz$/.exec(file)?.[1] ?? []);

it("has a release to take over", () => {
  expect(releases).not.toEqual([]);
});

describe.each(releases)("a project that %s deployed", (version) => {
  let project: Checkout;
  const before: Deployed = JSON.parse(readFileSync(locateRelease(version).deployed, "utf8"));

  beforeAll(() => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "steward-upgrade-")));
    execFileSync("tar", ["-xzf", locateRelease(version).archive, "-C", folder]);
    installPresent(folder);
    project = openCheckout({ folder, temporary: folder, bin: "node_modules/steward/bin" });
  });
  afterAll(() => project.end());

  it("is taken over as it is: same version, same answers, nothing ingested, trained or released", async () => {
    const up = await project.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    const after = await describeDeployed(project);
    expect({ model: after.model, outputs: after.outputs }).toEqual({ model: before.model, outputs: before.outputs });
    const stack = viewStack({ folder: locateStackFolder(project.folder, "local"), project: "tiny" });
    // The servers may have other ports here, and nothing else is to be done. The engine lists what ran a moment later.
    await vi.waitFor(async () =>
      expect((await stack.newSteps(before.steps)).filter((step) => step !== "serve")).toEqual([]),
    );
    // The rollback is still what it was: the definition has not changed since.
    const planned = await project.steward(["plan", "--check"]);
    expect(planned.code, planned.output).toBe(0);
  });

  it("lives on: an edit is planned, trained and released by what took it over", async () => {
    project.edit("tiny/project.ts", (text) => text.replace("default(0.3)", "default(0.4)"));
    const up = await project.pulumi(deploy);
    expect(up.code, up.output).toBe(0);
    const { model } = await describeDeployed(project);
    expect(model.version).toBe(before.model.version + 1);
    expect(model.package).not.toBe(before.model.package);
  });

  it("keeps the histories of both", async () => {
    const stack = viewStack({ folder: locateStackFolder(project.folder, "local"), project: "tiny" });
    await vi.waitFor(async () => expect(await stack.unexportedRuns()).toEqual([]), { timeout: 30_000, interval: 500 });
  });
});

/** What `npm install` of this version would leave, as links. */
function installPresent(folder: string): void {
  const packages = join(folder, "node_modules");
  mkdirSync(join(packages, "@pulumi"), { recursive: true });
  symlinkSync(root, join(packages, "steward"));
  for (const name of ["zod", "typescript", "@pulumi/pulumi", ".bin"])
    symlinkSync(join(root, "node_modules", name), join(packages, name));
}

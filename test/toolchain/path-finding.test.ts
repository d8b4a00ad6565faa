import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lookOnPath } from "../../framework/toolchain/path-finding.ts";
import { pinnedTools } from "../../framework/toolchain/tools.ts";
import { makeFolder, writeProgram } from "./fake-programs.ts";

async function makePath(root: string, programs: Readonly<Record<string, string>>): Promise<NodeJS.ProcessEnv> {
  const folders = new Set<string>();
  for (const [path, says] of Object.entries(programs)) {
    const folder = join(root, path, "..");
    await mkdir(folder, { recursive: true });
    await writeProgram(join(root, path), `echo '${says}'`);
    folders.add(folder);
  }
  return { PATH: [...folders].join(":") };
}

describe("lookOnPath", () => {
  it("takes the first that fits, and tells which before it do not", async () => {
    await using root = await makeFolder();
    const environment = await makePath(root.path, {
      "a/temporal-server": "temporal version 1.20.0",
      "b/temporal-server": "who am I",
      "c/temporal-server": "temporal version 1.33.0",
      "d/temporal-server": "temporal version 1.34.0",
    });
    const expected = "≥ 1.32.2 and < 2.0.0";
    expect(await lookOnPath(pinnedTools["temporal-server"], environment)).toEqual({
      accepted: { path: join(root.path, "c/temporal-server"), version: "1.33.0" },
      rejected: [
        { path: join(root.path, "a/temporal-server"), version: "1.20.0", expected },
        { path: join(root.path, "b/temporal-server"), expected },
      ],
    });
  });

  it("does not take the wrappers of npm packages, nor what may not be run", async () => {
    await using root = await makeFolder();
    const environment = await makePath(root.path, { "node_modules/.bin/pulumi": "v3.255.0" });
    await mkdir(join(root.path, "plain"));
    await writeFile(join(root.path, "plain", "pulumi"), "#!/bin/sh\necho v3.255.0\n");
    const PATH = `${environment["PATH"]}:${join(root.path, "plain")}`;
    expect(await lookOnPath(pinnedTools.pulumi, { PATH })).toEqual({ rejected: [] });
  });

  it.each([
    [
      "beside a pulumi that fits",
      { "a/pulumi": "v3.256.0", "a/pulumi-language-nodejs": "?" },
      "a/pulumi-language-nodejs",
    ],
    ["beside a pulumi that does not fit", { "a/pulumi": "v3.1.0", "a/pulumi-language-nodejs": "?" }, undefined],
    ["elsewhere than pulumi", { "a/pulumi": "v3.256.0", "b/pulumi-language-nodejs": "?" }, undefined],
    ["without pulumi", { "a/pulumi-language-nodejs": "?" }, undefined],
  ])("judges the language host %s by pulumi", async (_, programs, path) => {
    await using root = await makeFolder();
    const environment = await makePath(root.path, programs);
    const { accepted } = await lookOnPath(pinnedTools["pulumi-language-nodejs"], environment);
    expect(accepted).toEqual(path && { path: join(root.path, path), version: "3.256.0" });
  });

  it("finds nothing on an empty PATH", async () => {
    expect(await lookOnPath(pinnedTools.go, {})).toEqual({ rejected: [] });
  });
});

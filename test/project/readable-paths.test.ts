import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { listReadablePaths } from "../../framework/project/readable-paths.ts";
import { ProjectFolder } from "./project-folder.ts";

it("opens the checkout but for what is hidden on the way to the project, and the packages above it", () => {
  using checkout = new ProjectFolder({
    ".env": "",
    "lib/shared.ts": "",
    "teams/ml/.env": "",
    "teams/ml/project.ts": "",
    "teams/ml/.steward/x": "",
    "package.json": "{}",
  });
  mkdirSync(checkout.path(".git"));
  const read = (root: string) =>
    listReadablePaths(checkout.path("teams/ml/project.ts"), checkout.path(root)).map((path) =>
      path.replace(`${checkout.folder}/`, ""),
    );
  const paths = read("teams/ml");
  expect(paths).toEqual(
    expect.arrayContaining([
      "lib",
      "base.ts",
      "package.json",
      "node_modules",
      "teams/ml/project.ts",
      resolve("framework"),
    ]),
  );
  expect(paths).toContain(resolve("node_modules"));
  expect(paths.filter((path) => /\/?\.(env|git|steward)\b/.test(path))).toEqual([]);
  expect(paths).not.toContain("teams");
  expect(paths).not.toContain(join(checkout.folder, ".."));
});

it("opens packages that are linked from elsewhere, and no link that leads nowhere", () => {
  using elsewhere = new ProjectFolder({ "lib/package.json": "{}", "scoped/package.json": "{}" });
  using folder = new ProjectFolder({ "a/project.ts": "", "a/node_modules/@team/own/package.json": "{}" });
  symlinkSync(elsewhere.path("lib"), folder.path("a/node_modules/lib"));
  symlinkSync(elsewhere.path("scoped"), folder.path("a/node_modules/@team/scoped"));
  symlinkSync(elsewhere.path("gone"), folder.path("a/node_modules/gone"));
  const paths = listReadablePaths(folder.path("a/project.ts"), folder.path("a"));
  expect(paths.filter((path) => path.startsWith(elsewhere.folder))).toEqual([
    elsewhere.path("lib"),
    elsewhere.path("scoped"),
  ]);
});

it("opens the folder of Pulumi.yaml where there is no repository, and the project's own where that is elsewhere", () => {
  using folder = new ProjectFolder({ "a/project.ts": "", "a/lib.ts": "", "b/c.ts": "" });
  const read = (root: string) => listReadablePaths(folder.path("a/project.ts"), root);
  expect(read(folder.folder)).toEqual(expect.arrayContaining([folder.path("a/lib.ts"), folder.path("b")]));
  expect(read(folder.path("b"))).toContain(folder.path("a/lib.ts"));
  expect(read(folder.path("b"))).not.toContain(folder.path("b"));
});

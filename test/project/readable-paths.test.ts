import { mkdirSync } from "node:fs";
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

it("opens the folder of Pulumi.yaml where there is no repository, and the project's own where that is elsewhere", () => {
  using folder = new ProjectFolder({ "a/project.ts": "", "a/lib.ts": "", "b/c.ts": "" });
  const read = (root: string) => listReadablePaths(folder.path("a/project.ts"), root);
  expect(read(folder.folder)).toEqual(expect.arrayContaining([folder.path("a/lib.ts"), folder.path("b")]));
  expect(read(folder.path("b"))).toContain(folder.path("a/lib.ts"));
  expect(read(folder.path("b"))).not.toContain(folder.path("b"));
});

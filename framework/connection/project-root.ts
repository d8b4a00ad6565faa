/**
 * The folder of a project: where its Pulumi.yaml lies, and below it all that it keeps.
 * @module
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { StewardError } from "../definitions/problem.ts";

/** Finds the nearest folder with a Pulumi.yaml, from an absolute path upward. @throws StewardError when there is none */
export function findProjectRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "Pulumi.yaml"))) return at;
    if (dirname(at) === at) {
      throw new StewardError({
        code: "project-missing",
        at: "",
        what: `no Pulumi.yaml in ${folder} or above it`,
        fix: "run this inside a project",
      });
    }
  }
}

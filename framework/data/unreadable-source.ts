/**
 * What is said of a source's file that cannot be read.
 * @module
 */
import type { Problem } from "../definitions/problem.ts";

/** @param reason the error of reading, or what the path is instead of a file */
export function describeUnreadable(path: string, reason: unknown): Problem {
  const got = reason instanceof Error && "code" in reason ? String(reason.code) : String(reason);
  return {
    code: "source-missing",
    at: "",
    file: path,
    what: "The file of a source cannot be read",
    got,
    fix: fixFor(got),
  };
}

function fixFor(got: string): string {
  if (got === "ENOENT") return "put it there, or correct the path of the source";
  if (got === "a folder") return 'name the files in it: "folder/*.parquet"';
  return "check what it is and who may read it";
}

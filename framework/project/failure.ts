/**
 * What a project file fails with, as a located problem.
 * @module
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Place, readPlace } from "../definitions/place.ts";
import type { Problem } from "../definitions/problem.ts";
import { describeValue } from "../definitions/value-text.ts";
import { adviseOnImport } from "./type-message.ts";

/** Describes what the evaluation of a project file threw. @param file the project file, absolute */
export function describeFailure(error: unknown, file: string): Problem {
  const problem = { code: "project-evaluation-failed", at: "", what: "the project file cannot be evaluated" } as const;
  if (!(error instanceof Error)) {
    const place = findOnlyLine(file, (line) => /\bthrow\b(?!\s+new\b)/.test(line));
    return {
      ...problem,
      what: "the project file throws something that is no error",
      got: describeValue(error),
      ...place,
      fix: 'throw new Error("…"), which says where, or mend what it reports',
    };
  }
  const { name, message } = error;
  const place = findHead(error.stack) ?? readPlace(error.stack);
  const [, wanted, importer] = /^Cannot find (?:package|module) '(.+?)' imported from (.+)$/.exec(message) ?? [];
  if (wanted !== undefined && importer !== undefined) return describeMissing(wanted, importer);
  if ("code" in error && error.code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") {
    return {
      ...problem,
      what: "the project file has TypeScript that Node cannot take away",
      got: message,
      ...place,
      fix: "write it in erasable TypeScript: const objects for enums, modules for namespaces, plain fields in constructors",
    };
  }
  if ("code" in error && error.code === "ERR_ACCESS_DENIED") {
    return {
      ...problem,
      code: "project-not-data",
      what: "the project reaches for what it may not have",
      got: "resource" in error && error.resource ? String(error.resource) : message,
      ...place,
    };
  }
  return { ...problem, got: `${name}: ${message}`, ...place };
}

function describeMissing(wanted: string, importer: string): Problem {
  const isFile = wanted.startsWith("/");
  const written = isFile ? wanted.slice(wanted.lastIndexOf("/") + 1) : wanted;
  return {
    code: "project-import-missing",
    at: "",
    what: isFile
      ? `there is no file ${relative(process.cwd(), wanted)} to import`
      : `there is no package "${wanted}" to import`,
    file: relative(process.cwd(), importer),
    ...findOnlyLine(importer, (line) => /\b(?:from|import|require)\b/.test(line) && line.includes(written)),
    fix: adviseOnImport(wanted),
  };
}

/** The place that a syntax error begins its stack with. */
function findHead(stack: string | undefined): Place | undefined {
  const [, path, line] = /^((?:file:\/\/)?\/.+?)(?:\?.*)?:(\d+)\n/.exec(stack ?? "") ?? [];
  if (path === undefined) return undefined;
  const file = path.startsWith("file:") ? fileURLToPath(path) : path;
  return { file: relative(process.cwd(), file), line: Number(line) };
}

/** The line of a file that matches, where one alone does: for what Node gives no place. */
export function findOnlyLine(file: string, isMatch: (line: string) => boolean): Place | undefined {
  const lines = readFileSync(file, "utf8").split("\n");
  const matching = lines.flatMap((line, i) => (isMatch(line) ? [i + 1] : []));
  const [line, other] = matching;
  return line === undefined || other !== undefined ? undefined : { file: relative(process.cwd(), file), line };
}

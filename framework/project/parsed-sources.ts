/**
 * The sources of libraries, packages and this framework, parsed once in a process, however many projects it checks.
 * @module
 */
import { statSync } from "node:fs";
import type ts from "typescript";
import { isOwnFile } from "../definitions/place.ts";

const parsed = new Map<string, ts.SourceFile>();

/** A compiler's host that keeps what is no team's own, as long as the file is not written anew. */
export function cacheSources(compiler: typeof ts, options: ts.CompilerOptions): ts.CompilerHost {
  const host = compiler.createCompilerHost(options);
  const settings = `${compiler.version} ${JSON.stringify(options)}`;
  const getSourceFile: ts.CompilerHost["getSourceFile"] = (path, how, ...rest) => {
    if (isOwnFile(path)) return host.getSourceFile(path, how, ...rest);
    const format = typeof how === "object" ? how.impliedNodeFormat : undefined;
    const key = `${path} ${statSync(path, { throwIfNoEntry: false })?.mtimeMs} ${format} ${settings}`;
    const source = parsed.get(key) ?? host.getSourceFile(path, how, ...rest);
    if (source) parsed.set(key, source);
    return source;
  };
  return { ...host, getSourceFile };
}

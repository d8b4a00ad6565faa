/**
 * Compiling files of this repository as `tsc` does, with its settings, in one program.
 * @module
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Makes a program of files, given by absolute path, each with its text changed or not. */
export function compile(files: readonly string[], change: (text: string) => string = (text) => text): ts.Program {
  const { config } = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) =>
    files.includes(name)
      ? ts.createSourceFile(name, change(readFileSync(name, "utf8")), rest[0], true)
      : getSourceFile(name, ...rest);
  return ts.createProgram(files, options, host);
}

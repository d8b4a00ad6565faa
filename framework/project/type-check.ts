/**
 * The type check of a project file: what TypeScript says of it and of all that it imports, by the options of its `tsconfig.json`.
 * @module
 */
import { createRequire } from "node:module";
import { dirname, extname, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type ts from "typescript";
import { isOwnFile } from "../definitions/place.ts";
import { type Problem, StewardError } from "../definitions/problem.ts";
import { cacheSources } from "./parsed-sources.ts";
import { findConfig, isKnownClean, keepVerdict, listManifests } from "./type-check-cache.ts";
import { classifyError, flattenMessage } from "./type-message.ts";

type TypeScript = typeof ts;

export interface TypeCheckRequest {
  /** The project file, absolute. */
  readonly file: string;
  /** The folder of `Pulumi.yaml`, absolute: below it verdicts are kept. */
  readonly root: string;
}

/** Lists what is wrong with the types of a project. @throws StewardError when there is no TypeScript to ask */
export async function checkTypes({ file, root }: TypeCheckRequest): Promise<readonly Problem[]> {
  if (isKnownClean(file, root)) return [];
  const compiler = await loadTypeScript(file);
  const readFrom = Date.now();
  const { program, problems, configs } = compile(compiler, file);
  if (problems.length === 0)
    keepVerdict(file, root, { files: listInputs(program, [...configs, ...listManifests(file)]), readFrom });
  return problems;
}

/** The options where there is no `tsconfig.json`: strict, and what Node runs. */
function defaultOptions({ ModuleKind, ScriptTarget }: TypeScript): ts.CompilerOptions {
  return {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    module: ModuleKind.NodeNext,
    target: ScriptTarget.ES2024,
    resolveJsonModule: true,
    skipLibCheck: true,
  };
}

/** What holds whatever the `tsconfig.json` says: nothing is written, and Node takes the types away and does nothing more. */
function fixedOptions(file: string): ts.CompilerOptions {
  return {
    noEmit: true,
    composite: false,
    incremental: false,
    declaration: false,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    ...(/^\.[cm]?js$/.test(extname(file)) && { allowJs: true }),
  };
}

interface Compiled {
  readonly program: ts.Program;
  readonly problems: readonly Problem[];
  /** The configuration files that were read. */
  readonly configs: readonly string[];
}

function compile(compiler: TypeScript, file: string): Compiled {
  const { options, ambient, errors, configs } = readConfig(compiler, file);
  const all = { ...options, ...fixedOptions(file) };
  const host = cacheSources(compiler, all);
  const program = compiler.createProgram({ rootNames: [file, ...ambient], options: all, host });
  const own = program.getSourceFiles().filter(({ fileName }) => isOwnFile(fileName) && !isLibrary(program, fileName));
  const found = [
    ...errors,
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...own.flatMap((source) => {
      const syntax = program.getSyntacticDiagnostics(source);
      // What follows from a missing bracket is no help.
      return syntax.length > 0 ? syntax : program.getSemanticDiagnostics(source);
    }),
  ];
  const problems = found.filter(({ category }) => category === compiler.DiagnosticCategory.Error).map(describe(file));
  return { program, problems, configs };
}

function isLibrary(program: ts.Program, fileName: string): boolean {
  const source = program.getSourceFile(fileName);
  return source !== undefined && program.isSourceFileDefaultLibrary(source);
}

interface Config {
  readonly options: ts.CompilerOptions;
  /** Declarations that are imported by nobody. */
  readonly ambient: readonly string[];
  readonly errors: readonly ts.Diagnostic[];
  readonly configs: readonly string[];
}

function readConfig(compiler: TypeScript, file: string): Config {
  const path = findConfig(file);
  if (path === undefined) return { options: defaultOptions(compiler), ambient: [], errors: [], configs: [] };
  const configs: string[] = [];
  const broken: ts.Diagnostic[] = [];
  const parsed = compiler.getParsedCommandLineOfConfigFile(path, fixedOptions(file), {
    ...compiler.sys,
    readFile(name) {
      if (!configs.includes(name)) configs.push(name);
      return compiler.sys.readFile(name);
    },
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => broken.push(diagnostic),
  });
  return {
    options: parsed?.options ?? {},
    ambient: parsed?.fileNames.filter((name) => /\.d\.[cm]?ts$/.test(name)) ?? [],
    // That "include" finds nothing is nothing to the project file.
    errors: [...broken, ...(parsed?.errors ?? [])].filter(({ code }) => code !== 18003 && code !== 18002),
    configs,
  };
}

function describe(project: string): (diagnostic: ts.Diagnostic) => Problem {
  return ({ file, start = 0, messageText, code }) => {
    const what = flattenMessage(messageText);
    const line = file?.getLineAndCharacterOfPosition(start).line;
    return {
      ...classifyError(code, what),
      at: "",
      what,
      file: relative(process.cwd(), file?.fileName ?? project),
      ...(line !== undefined && { line: line + 1 }),
    };
  };
}

/** The files whose bytes a verdict rests on; of a package, its `package.json` stands for all of it. */
function listInputs(program: ts.Program, settings: readonly string[]): readonly string[] {
  const files = new Set(settings);
  for (const { fileName } of program.getSourceFiles()) {
    const [root] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(fileName) ?? [];
    files.add(root === undefined ? fileName : `${root}/package.json`);
  }
  return [...files];
}

/** The project's TypeScript, else this package's. It takes long to load: only where there is something to check. */
async function loadTypeScript(file: string): Promise<TypeScript> {
  for (const from of [file, import.meta.filename]) {
    try {
      const path = createRequire(from).resolve("typescript");
      const { default: compiler }: { readonly default: TypeScript } = await import(pathToFileURL(path).href);
      if (typeof compiler.createProgram === "function") return compiler;
    } catch (error) {
      // The second code is what a TypeScript answers that has no such entry any more.
      const missing = ["MODULE_NOT_FOUND", "ERR_PACKAGE_PATH_NOT_EXPORTED"];
      if (!(error instanceof Error && "code" in error && missing.includes(String(error.code)))) throw error;
    }
  }
  throw new StewardError({
    code: "typescript-missing",
    at: "",
    what: "there is no TypeScript to check the project with",
    expected: `typescript beside ${relative(process.cwd(), dirname(file)) || "the project"}`,
  });
}

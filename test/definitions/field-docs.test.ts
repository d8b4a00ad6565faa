/**
 * Every field that a team fills in, and every method that it calls, says what it means. The walk begins at what
 * `framework/index.ts` exports and goes through the types of the builders' parameters.
 * @module
 */
import { join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { compile, root } from "./compiling.ts";

const entry = join(root, "framework/index.ts");
const definitions = join(root, "framework/definitions/");
const program = compile([entry]);
const checker = program.getTypeChecker();

/** What somebody can look at in an editor. */
interface Documented {
  readonly name: string;
  readonly symbol: ts.Symbol;
}

const exported: Documented[] = [];
const fields: Documented[] = [];
const methods: Documented[] = [];
const seen = new Set<ts.Declaration>();

const unaliased = (symbol: ts.Symbol) =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
const isOurs = (node: ts.Node) => node.getSourceFile().fileName.startsWith(definitions);

/** What the language makes, a definition, an expression or its tree, in contrast to options, which a team writes. */
function isMade(type: ts.Type): boolean {
  return checker
    .getPropertiesOfType(type)
    .some(({ name }) => ["kind", "op"].includes(name) || name.startsWith("__@inferred"));
}

function visitInterface(node: ts.InterfaceDeclaration): void {
  const made = isMade(checker.getTypeAtLocation(node));
  for (const member of node.members) {
    const symbol = member.name && checker.getSymbolAtLocation(member.name);
    if (!symbol || symbol.name.startsWith("__@")) continue;
    const documented = { name: `${node.name.text}.${symbol.name}`, symbol };
    if (symbol.flags & ts.SymbolFlags.Method) methods.push(documented);
    else if (!made) fields.push(documented);
    // A definition's own fields are what its builder was given.
    if (!made || symbol.flags & ts.SymbolFlags.Method) visit(member);
  }
  for (const clause of node.heritageClauses ?? []) visit(clause);
}

/** Goes through all types that a node names. */
function visit(node: ts.Node): void {
  const name = ts.isTypeReferenceNode(node)
    ? node.typeName
    : ts.isExpressionWithTypeArguments(node)
      ? node.expression
      : undefined;
  const symbol = name && checker.getSymbolAtLocation(name);
  for (const declaration of symbol ? (unaliased(symbol).declarations ?? []) : []) {
    if (seen.has(declaration) || !isOurs(declaration)) continue;
    seen.add(declaration);
    // The message types have one field, which nobody writes.
    if (declaration.getSourceFile().fileName.endsWith("/inferred.ts")) continue;
    if (ts.isInterfaceDeclaration(declaration)) visitInterface(declaration);
    else if (ts.isTypeAliasDeclaration(declaration)) visit(declaration.type);
  }
  ts.forEachChild(node, visit);
}

const source = program.getSourceFile(entry);
const module = source && checker.getSymbolAtLocation(source);
for (const one of module ? checker.getExportsOfModule(module) : []) {
  const symbol = unaliased(one);
  exported.push({ name: symbol.name, symbol });
  for (const declaration of symbol.declarations ?? []) {
    if (ts.isFunctionDeclaration(declaration)) for (const parameter of declaration.parameters) visit(parameter);
    if (ts.isInterfaceDeclaration(declaration) && !seen.has(declaration)) {
      seen.add(declaration);
      visitInterface(declaration);
    }
  }
}
// What a schema's meta may say is declared for zod.
for (const file of program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(definitions))) {
  for (const statement of file.statements.filter(ts.isModuleDeclaration)) {
    if (statement.body)
      ts.forEachChild(statement.body, (node) => void (ts.isInterfaceDeclaration(node) && visitInterface(node)));
  }
}

const meaning = ({ symbol }: Documented) => ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim();
const tags = ({ symbol }: Documented, tag: string) =>
  symbol
    .getJsDocTags(checker)
    .flatMap(({ name, text }) => (name === tag ? [ts.displayPartsToString(text).trim()] : []));
const names = (all: readonly Documented[]) => all.map(({ name }) => name);
const isOptional = ({ symbol }: Documented) => (symbol.flags & ts.SymbolFlags.Optional) !== 0;
const isFunction = ({ symbol }: Documented) => symbol.declarations?.some(ts.isFunctionDeclaration) ?? false;

describe("a field that a team fills in", () => {
  it("is found by the walk", () => {
    expect(names(fields)).toEqual(
      expect.arrayContaining([
        "DatasetOptions.owner",
        "Contract.tolerance",
        "GlobalMeta.known",
        "Window.lag",
        "Split.gap",
        "Resources.memory",
        "HighRisk.retention",
        "Approval.notBy",
        "Margin.by",
        "SliceOptions.min",
        "InferenceLog.durability",
        "Environment.override",
        "DatasetChanges.source",
        "PythonOptions.lock",
      ]),
    );
    expect(fields.length).toBeGreaterThanOrEqual(55);
    expect(new Set(names(fields)).size).toBe(fields.length);
  });

  it("says what it means", () => {
    expect(names(fields.filter((field) => meaning(field).length < 15))).toEqual([]);
  });

  it("says its default once if it may be left out, and else has none", () => {
    expect(names(fields.filter((field) => tags(field, "default").length !== (isOptional(field) ? 1 : 0)))).toEqual([]);
    expect(names(fields.filter((field) => tags(field, "default").includes("")))).toEqual([]);
  });

  it("shows a value", () => {
    expect(names(fields.filter((field) => !tags(field, "example").some((text) => text.length > 0)))).toEqual([]);
  });
});

describe("a method that a team calls", () => {
  it("is found by the walk", () => {
    expect(names(methods)).toEqual(
      expect.arrayContaining([
        "NumberExpression.divide",
        "StringExpression.category",
        "TimeExpression.hour",
        "NumberAggregates.mean",
        "Aggregates.last",
        "Metric.noWorseThan",
        "WholeGate.on",
        "Features.by",
      ]),
    );
    expect(methods.length).toBeGreaterThanOrEqual(35);
  });

  it("says what it gives and shows a call", () => {
    expect(names(methods.filter((method) => meaning(method).length < 15))).toEqual([]);
    expect(names(methods.filter((method) => !tags(method, "example").some((text) => text.length > 0)))).toEqual([]);
  });

  it("says when it gives null, where its value is computed from a row", () => {
    const computed = methods.filter(({ name }) => /^\w*(Expression|Aggregates)\./.test(name));
    expect(computed.length).toBeGreaterThanOrEqual(28);
    expect(names(computed.filter((method) => !/\bnull\b/i.test(meaning(method))))).toEqual([]);
  });
});

describe("what the package exports", () => {
  it("says what it is, and a builder shows how it is called", () => {
    expect(exported.length).toBeGreaterThanOrEqual(45);
    expect(names(exported.filter((one) => meaning(one).length < 15))).toEqual([]);
    const builders = exported.filter(isFunction);
    expect(names(builders.filter((one) => !tags(one, "example").some((text) => text.includes("("))))).toEqual([]);
  });

  it("has all types that its builders ask a team to fill in", () => {
    const options = new Set(fields.map(({ name }) => name.split(".")[0] ?? ""));
    options.delete("GlobalMeta");
    expect([...options].filter((name) => !names(exported).includes(name))).toEqual([]);
  });
});

/** So that a failure says where to look: every walked declaration lies in the definitions. */
it("walks the definitions alone", () => {
  const files = [...seen].map((declaration) => relative(root, declaration.getSourceFile().fileName));
  expect(files.filter((file) => !file.startsWith("framework/definitions/"))).toEqual([]);
});

/**
 * The declarations of the language as the documents show them: read from the source's syntax and doc comments. Pure.
 * @module
 */
import ts from "typescript";

/** A doc comment, its parts in Markdown. */
interface Comment {
  /** What the thing is. */
  readonly text: string;
  /** Its default. @default it has none: it must be said */
  readonly fallback?: string;
  /** A value, a call or a few lines. @default there is none */
  readonly example?: string;
}

/** A field or method of an interface. */
export interface Member extends Comment {
  readonly name: string;
  readonly kind: "field" | "method";
  /** The parameters of a method, as they are named: `window`. */
  readonly parameters: readonly string[];
  readonly optional: boolean;
  /** The names in its type: `["Approval"]`. */
  readonly types: readonly string[];
}

/** A parameter of a function that its comment describes. */
export interface Parameter {
  readonly name: string;
  readonly text: string;
}

/** A documented function, interface or constant. */
export interface Declaration extends Comment {
  readonly name: string;
  readonly kind: "function" | "interface" | "constant";
  /** Of a function all, as they are named. */
  readonly parameters: readonly string[];
  /** Of a function, those that its comment describes. */
  readonly described: readonly Parameter[];
  /** Of an interface. */
  readonly members: readonly Member[];
}

/** Reads the exported, documented declarations of a file. */
export function readDeclarations(source: string): readonly Declaration[] {
  const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);
  return file.statements.flatMap((statement) => readStatement(statement));
}

function readStatement(statement: ts.Statement): Declaration[] {
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
  const comment = readComment(statement);
  if (!isExported || comment === undefined) return [];
  const own = { ...comment, parameters: [], described: [], members: [] };
  if (ts.isFunctionDeclaration(statement) && statement.name) {
    const described = ts.getJSDocTags(statement).filter(ts.isJSDocParameterTag);
    return [
      {
        ...own,
        name: statement.name.text,
        kind: "function",
        parameters: statement.parameters.map(({ name }) => name.getText()),
        described: described.map((tag) => ({ name: tag.name.getText(), text: join(textOf(tag.comment)) })),
      },
    ];
  }
  if (ts.isInterfaceDeclaration(statement))
    return [{ ...own, name: statement.name.text, kind: "interface", members: statement.members.flatMap(readMember) }];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => ({
      ...own,
      name: name.getText(),
      kind: "constant",
    }));
  return [];
}

function readMember(member: ts.TypeElement): Member[] {
  const comment = readComment(member);
  if (comment === undefined || !member.name || !ts.isIdentifier(member.name)) return [];
  const isMethod = ts.isMethodSignature(member);
  const parameters = isMethod ? member.parameters.map(({ name }) => name.getText()) : [];
  return [
    {
      ...comment,
      name: member.name.text,
      kind: isMethod ? "method" : "field",
      parameters,
      optional: member.questionToken !== undefined,
      types: ts.isPropertySignature(member) ? (member.type?.getText().match(/[A-Z]\w+/g) ?? []) : [],
    },
  ];
}

/** @returns undefined when there is none */
function readComment(node: ts.Node): Comment | undefined {
  const doc = ts.getJSDocCommentsAndTags(node).findLast((one) => ts.isJSDoc(one));
  if (!doc) return undefined;
  const tag = (name: string) => ts.getJSDocTags(node).find(({ tagName }) => tagName.text === name);
  const fallback = tag("default");
  const example = tag("example");
  return {
    text: paragraphs(textOf(doc.comment)),
    ...(fallback && { fallback: join(textOf(fallback.comment)) }),
    ...(example && { example: textOf(example.comment).trim() }),
  };
}

function textOf(comment: ts.JSDoc["comment"]): string {
  return ts.getTextOfJSDocComment(comment) ?? "";
}

/** One line a paragraph: where lines of the source end means nothing. */
function paragraphs(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map(join)
    .join("\n\n");
}

function join(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}

/**
 * The TypeScript client of an endpoint: one file without dependencies, for Node 20 and browsers. Pure: one subject, one text.
 * @module
 */
import { commentLines, pascalCase, versionComment } from "./client-text.ts";
import { digestRequestType, type RequestType, sayDigest, sayType, type TypeColumn, versionOf } from "./request-type.ts";
import type { ClientSubject } from "./subject.ts";
import { typescriptRuntime } from "./typescript-runtime.ts";

/** Writes the client. */
export function writeTypescriptClient(subject: ClientSubject): string {
  const { endpoint, type, hasFeedback } = subject;
  const name = pascalCase(endpoint);
  return [
    ["/**", ...versionComment(subject).map((line) => ` * ${line}`.trimEnd()), " * @module", " */"].join("\n"),
    `/** The version of this client. */\nexport const version = ${JSON.stringify(versionOf(type))};`,
    `/** The request type that it was written for, which the server holds against its own. */\nexport const requestType = ${JSON.stringify(sayDigest(digestRequestType(type)))};`,
    `/** All of that type, which is said to a server that does not know it. */\nconst requestTypeDocument = ${JSON.stringify(sayType(type))};`,
    writeRow(name, subject),
    ...writeAnswers(name, type),
    ...(hasFeedback ? [writeFeedback(name, subject)] : []),
    typescriptRuntime({ name, endpoint, hasFeedback }),
  ].join("\n\n");
}

function writeRow(name: string, { type, descriptions }: ClientSubject): string {
  const fields = type.columns.flatMap((column) => [
    ...writeComment([...commentLines(column, descriptions.get(column.name)), ...sayTime(column, type)]),
    `  readonly ${writeKey(column.name)}${column.name === type.eventTime ? "?" : ""}: ${typeOfColumn(column)}${column.name === type.eventTime ? " | undefined" : ""};`,
  ]);
  return [`/** What is asked about. */`, `export interface ${name}Row {`, ...fields, "}"].join("\n");
}

function sayTime({ name }: TypeColumn, { eventTime }: RequestType): readonly string[] {
  return name === eventTime ? ["When it happens: now, where it is left out."] : [];
}

function writeComment(lines: readonly string[]): readonly string[] {
  const [only] = lines;
  if (only === undefined) return [];
  const safe = lines.map((line) => line.replaceAll("*/", "*\\/"));
  return safe.length === 1 ? [`  /** ${safe[0]} */`] : ["  /**", ...safe.map((line) => `   * ${line}`), "   */"];
}

function writeKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function typeOfColumn(column: TypeColumn): string {
  return column.nullable ? `${typeOfValue(column)} | null` : typeOfValue(column);
}

function typeOfValue({ type, values }: TypeColumn): string {
  switch (type) {
    case "boolean":
      return "boolean";
    case "integer":
    case "number":
      return "number";
    case "string":
      return values ? writeUnion(values) : "string";
    case "timestamp":
      return "string | Date";
    case "vector":
      return "readonly number[]";
  }
}

function writeUnion(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(" | ");
}

function writeAnswers(name: string, type: RequestType): readonly string[] {
  const { task, classes = [] } = type;
  const own = {
    binary: [
      "  /** How probable it is that the label is true. */",
      "  readonly probability: number;",
      "  /** True from a probability of 0.5 on. */",
      "  readonly label: boolean;",
    ],
    multiclass: [
      "  /** How probable each class is. */",
      `  readonly probabilities: Readonly<Record<${name}Class, number>>;`,
      "  /** The most probable class. */",
      `  readonly label: ${name}Class;`,
    ],
    regression: ["  readonly value: number;"],
  }[task];
  return [
    ...(task === "multiclass" ? [`/** What a row may be. */\nexport type ${name}Class = ${writeUnion(classes)};`] : []),
    [
      "/** What is predicted of a row. */",
      `export interface ${name}Prediction {`,
      ...own,
      "  /** What the model was asked with, where `explain` asked for it. */",
      "  readonly features?: Readonly<Record<string, number | boolean | string | null>>;",
      "  /** What each feature adds to the answer, where `attributions` asked for it. */",
      "  readonly attributions?: unknown;",
      "}",
    ].join("\n"),
    [
      "/** What is said beside predictions. */",
      `export interface ${name}Answered {`,
      "  /** Under which the record of the answer is kept. */",
      "  readonly id: string;",
      "  /** What answered. */",
      "  readonly model: { readonly name: string; readonly version: string; readonly package: string; readonly variant?: string };",
      "  /** How long ago the moment lies as of which features were looked up; not there where none was. */",
      "  readonly freshnessSeconds?: number;",
      "  /** The tables in which features were looked up, where `explain` asked for it. */",
      "  readonly tables?: readonly unknown[];",
      "}",
    ].join("\n"),
    `/** The answer to a row. */\nexport interface ${name}Answer extends ${name}Answered, ${name}Prediction {}`,
    `/** The answer to a list of rows, in their order. */\nexport interface ${name}Answers extends ${name}Answered {\n  readonly rows: readonly ${name}Prediction[];\n}`,
  ];
}

function writeFeedback(name: string, { type: { task }, hasSubject }: ClientSubject): string {
  const label = { binary: "boolean", multiclass: `${name}Class`, regression: "number" }[task];
  return [
    "/** A label that came later. */",
    `export interface ${name}Feedback {`,
    "  /** The id of the answer. */",
    "  readonly id: string;",
    `  readonly label: ${label};`,
    ...(hasSubject
      ? [
          "  /** Whom it says something of, as requests name them: it is encrypted for them. */",
          "  readonly subject: string | number;",
        ]
      : []),
    "  /** When it became true: now, where it is left out. */",
    "  readonly time?: string | Date | undefined;",
    "  /** The row of several, from 0. */",
    "  readonly row?: number | undefined;",
    "  /** Whether what was said before of this row was wrong. */",
    "  readonly correction?: boolean | undefined;",
    "  /** Whether the label is there only because of what was answered: as the endpoint declares it, where it is left out. */",
    "  readonly selected?: boolean | undefined;",
    "}",
  ].join("\n");
}

/**
 * A command of the `steward` program: what it says of itself, what it takes, and what it does.
 * @module
 */
import { parseArgs } from "node:util";
import { StewardError } from "../definitions/problem.ts";

/** What a command ends with. */
export const exitCodes = {
  /** It did what was asked. */
  done: 0,
  /** It could not, and printed why. */
  failed: 1,
  /** It was asked wrongly. */
  usage: 2,
  /** `plan --check`: the plan has changes. */
  changes: 3,
} as const;

export interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** What it means, with its default. */
  readonly help: string;
}

export type Values = Readonly<Record<string, string | boolean | undefined>>;

export interface Call {
  readonly arguments: readonly string[];
  readonly values: Values;
  /** The value of a string option. */
  readonly text: (option: string) => string | undefined;
  /** Whether a boolean option was given. */
  readonly has: (option: string) => boolean;
  readonly print: (text: string) => void;
}

export interface Command {
  /** One sentence in the list of commands. */
  readonly summary: string;
  /** The arguments, as usage shows them: `<model>`. @default "" */
  readonly arguments?: string;
  /** How many arguments it takes, at least and at most. */
  readonly count: readonly [number, number];
  readonly options: Readonly<Record<string, Option>>;
  /** What to know before using it, and examples; plain text. */
  readonly help: string;
  /** Exit codes beyond those that every command has, each with its meaning. @default none */
  readonly exits?: readonly string[];
  readonly run: (call: Call) => Promise<number>;
}

/** Options that every command has. */
export const stackOption: Record<"stack", Option> = {
  stack: { type: "string", short: "s", help: "the stack, as in Pulumi.<stack>.yaml (default: local)" },
};
export const jsonOption: Record<"json", Option> = {
  json: { type: "boolean", help: "print one JSON document instead of text" },
};
const helpOption: Record<"help", Option> = { help: { type: "boolean", short: "h", help: "print this help" } };

/** Parses the words after a command's name. @throws StewardError when they do not fit it */
export function parseCall(
  name: string,
  command: Command,
  words: readonly string[],
): Call & { readonly wantsHelp: boolean } {
  const options = { ...command.options, ...helpOption };
  const parsed = parse(name, words, options);
  const values: Values = parsed.values;
  const has = (option: string): boolean => values[option] === true;
  const [least, most] = command.count;
  const given = parsed.positionals.length;
  if (!has("help") && (given < least || given > most)) {
    const [got = "none"] = given === 0 ? [] : [parsed.positionals.map((word) => `"${word}"`).join(" ")];
    throw misuse(name, `"steward ${name}" takes ${countArguments(least, most)}`, {
      got,
      expected: formatUsage(name, command),
    });
  }
  return {
    arguments: parsed.positionals,
    values,
    wantsHelp: has("help"),
    has,
    text: (option) => {
      const value = values[option];
      return typeof value === "string" ? value : undefined;
    },
    print: (text) => {
      process.stdout.write(`${text}\n`);
    },
  };
}

function parse(name: string, words: readonly string[], options: Readonly<Record<string, Option>>) {
  const plain = Object.fromEntries(
    Object.entries(options).map(([option, { type, short }]) => [option, short ? { type, short } : { type }]),
  );
  try {
    return parseArgs({ args: [...words], options: plain, allowPositionals: true, strict: true });
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split(/\.\s/);
    const what = `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replaceAll("'", '"');
    const known = Object.keys(options).map((option) => `--${option}`);
    throw misuse(name, `"steward ${name}": ${what}`, { expected: known.join(", ") });
  }
}

function misuse(name: string, what: string, seen: { readonly got?: string; readonly expected: string }): StewardError {
  return new StewardError({ code: "command-misused", at: "", what, ...seen, fix: `see npx steward ${name} --help` });
}

function countArguments(least: number, most: number): string {
  if (most === 0) return "no arguments";
  return `${least === most ? least : `${least} or ${most}`} argument${most === 1 ? "" : "s"}`;
}

function formatUsage(name: string, command: Command): string {
  return `npx steward ${name}${command.arguments ? ` ${command.arguments}` : ""} [options]`;
}

/** The help page of one command. */
export function formatHelp(name: string, command: Command): string {
  const options = Object.entries({ ...command.options, ...helpOption }).map(([option, { type, short, help }]) => {
    const flag = `${short ? `-${short}, ` : "    "}--${option}${type === "string" ? " <value>" : ""}`;
    return [flag, help] as const;
  });
  const codes = [
    `${exitCodes.done} done`,
    `${exitCodes.failed} failed with the reason printed`,
    `${exitCodes.usage} asked wrongly`,
    ...(command.exits ?? []),
  ];
  return [
    formatUsage(name, command),
    "",
    command.summary,
    "",
    // Its examples are indented, the first line too where nothing stands before them.
    command.help.replace(/^\n+/, "").trimEnd(),
    "",
    "Options:",
    ...alignColumns(options),
    "",
    `Exit codes: ${codes.join(", ")}.`,
  ].join("\n");
}

/** Two columns for people: the second begins at one place in all rows, two spaces after the longest of the first. */
export function alignColumns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`);
}

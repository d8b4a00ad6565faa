/**
 * The language of filters and orders: `metrics.loss < 0.5 AND tags."mlflow.user" LIKE 'an%'`. Reads a text into clauses, and knows
 * nothing of what they are about. Pure.
 * @module
 */
import { invalid } from "../tracking-failure.ts";

export type Comparator =
  | "="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "LIKE"
  | "ILIKE"
  | "IN"
  | "NOT IN"
  | "IS NULL"
  | "IS NOT NULL";

/** What a clause is about: `metrics.loss`; without a dot it is an attribute. */
export interface Named {
  /** What is before the dot. @default an attribute */
  readonly entity?: string;
  readonly key: string;
}

export interface Clause extends Named {
  readonly comparator: Comparator;
  /** What is compared with: a number, a text, or a list of texts. @default nothing, for `IS NULL` and `IS NOT NULL` */
  readonly value?: number | string | readonly string[];
}

export interface Order extends Named {
  readonly ascending: boolean;
}

/** How many clauses a filter, and how many orders a search may have. */
const mostClauses = 100;

type Token =
  | { readonly kind: "name"; readonly text: string; readonly named: Named }
  | { readonly kind: "text"; readonly text: string; readonly value: string }
  | { readonly kind: "number"; readonly text: string; readonly value: number }
  | { readonly kind: "sign"; readonly text: string };

const quoted = /`[^`]*`|"(?:[^"]|"")*"|'(?:[^']|'')*'/y;
// Digits are taken in one way alone: a long row of them is read in the time of one reading.
const numeral = /[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?![\w.])/y;
const word = /[\p{L}_][\p{L}\p{N}_/:-]*/uy;
const rest = /[\p{L}\p{N}_./:-]+/uy;
const sign = /<=|>=|!=|<>|==|[=<>(),]/y;
const space = /\s+/y;

/**
 * Reads a filter: clauses that all must hold.
 * @throws TrackingFailure 400 for a text that is none
 */
export function readFilter(text: string): readonly Clause[] {
  const tokens = tokenize(text, "filter");
  const clauses: Clause[] = [];
  let at = 0;
  while (at < tokens.length) {
    if (clauses.length > 0 && !isWord(tokens[at++], "AND")) throw refuse(text, "clauses are joined by AND");
    const { clause, next } = readClause(tokens, at, text);
    clauses.push(clause);
    at = next;
    if (clauses.length > mostClauses) throw invalid(`the filter has more than ${mostClauses} clauses`);
  }
  return clauses;
}

/**
 * Reads an order: `metrics.loss DESC`.
 * @throws TrackingFailure 400 for a text that is none
 */
export function readOrder(text: string): Order {
  const [name, direction, ...more] = tokenize(text, "order_by clause");
  const named = name && asNamed(name);
  const isAscending = direction === undefined || isWord(direction, "ASC");
  if (named && more.length === 0 && (isAscending || isWord(direction, "DESC"))) {
    return { ...named, ascending: isAscending };
  }
  throw invalid(`Invalid order_by clause '${shorten(text)}'. Could not be parsed.`);
}

function readClause(
  tokens: readonly Token[],
  start: number,
  text: string,
): { readonly clause: Clause; readonly next: number } {
  const [first, second, third, fourth] = tokens.slice(start, start + 4);
  if (first?.kind !== "name") throw refuse(text, `expected a name such as metrics.loss, found ${show(first)}`);
  const { named } = first;
  if (isWord(second, "IS")) {
    if (isWord(third, "NULL")) return { clause: { ...named, comparator: "IS NULL" }, next: start + 3 };
    if (isWord(third, "NOT") && isWord(fourth, "NULL")) {
      return { clause: { ...named, comparator: "IS NOT NULL" }, next: start + 4 };
    }
    throw refuse(text, "IS is followed by NULL or NOT NULL");
  }
  const isNegated = isWord(second, "NOT");
  if (isWord(isNegated ? third : second, "IN")) {
    const { list, next } = readList(tokens, start + (isNegated ? 3 : 2), text);
    return { clause: { ...named, comparator: isNegated ? "NOT IN" : "IN", value: list }, next };
  }
  const comparator = readComparator(second, text);
  if (third?.kind !== "text" && third?.kind !== "number") {
    throw refuse(text, `expected a number or a quoted text after ${comparator}, found ${show(third)}`);
  }
  return { clause: { ...named, comparator, value: third.value }, next: start + 3 };
}

function readComparator(token: Token | undefined, text: string): Comparator {
  const said = token?.text.toUpperCase();
  if (said === "LIKE" || said === "ILIKE") return said;
  if (said === "=" || said === "!=" || said === "<" || said === "<=" || said === ">" || said === ">=") return said;
  throw refuse(text, `expected a comparison, found ${show(token)}`);
}

function readList(
  tokens: readonly Token[],
  start: number,
  text: string,
): { readonly list: readonly string[]; readonly next: number } {
  const list: string[] = [];
  let at = start;
  let expected = "(";
  while (tokens[at]?.text === expected && tokens[at]?.kind === "sign") {
    const value = tokens[at + 1];
    if (value?.kind !== "text") throw refuse(text, `expected a quoted text in a list, found ${show(value)}`);
    list.push(value.value);
    at += 2;
    expected = ",";
  }
  if (list.length === 0 || tokens[at]?.text !== ")") throw refuse(text, "a list is written ('a', 'b')");
  return { list, next: at + 1 };
}

function tokenize(text: string, what: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) at += found.length;
    return found;
  };
  while (at < text.length) {
    if (take(space) !== undefined) continue;
    const start = at;
    const quote = take(quoted);
    if (quote !== undefined) {
      const value = unquote(quote);
      tokens.push(quote.startsWith("`") ? name(quote, { key: value }) : { kind: "text", text: quote, value });
      continue;
    }
    const number = take(numeral);
    if (number !== undefined) {
      tokens.push({ kind: "number", text: number, value: Number(number) });
      continue;
    }
    const entity = take(word);
    if (entity !== undefined) {
      const named = text[at] === "." ? { entity, key: takeKey() } : { key: entity };
      tokens.push(name(text.slice(start, at), named));
      continue;
    }
    const mark = take(sign);
    if (mark === undefined) throw invalid(`Invalid ${what} '${shorten(text)}': cannot read ${shorten(text.slice(at))}`);
    tokens.push({ kind: "sign", text: mark === "==" ? "=" : mark === "<>" ? "!=" : mark });
  }
  return tokens;

  function takeKey(): string {
    at++;
    const key = take(quoted) ?? take(rest);
    if (key === undefined) throw invalid(`Invalid ${what} '${shorten(text)}': nothing is named after the dot`);
    return unquote(key);
  }
}

function name(text: string, named: Named): Token {
  return { kind: "name", text, named };
}

function asNamed(token: Token): Named | undefined {
  if (token.kind === "name") return token.named;
  return token.kind === "text" ? { key: token.value } : undefined;
}

/** A quote that is doubled stands for itself. */
function unquote(text: string): string {
  const [mark = ""] = text;
  return /^[`"']/.test(text) ? text.slice(1, -1).replaceAll(mark + mark, mark) : text;
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "name" && token.text.toUpperCase() === word;
}

function show(token: Token | undefined): string {
  return token === undefined ? "the end" : `'${shorten(token.text)}'`;
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function refuse(text: string, why: string): Error {
  return invalid(`Invalid clause(s) in filter string '${shorten(text)}': ${why}`);
}

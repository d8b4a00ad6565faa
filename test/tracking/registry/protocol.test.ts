import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { useTracking } from "../tracking-stack.ts";
import { protocolCalls } from "./protocol-calls.ts";
import { type RecordedAnswer, recordProtocol } from "./protocol-record.ts";

const given = useTracking();
let ours: Map<string, RecordedAnswer>;
let theirs: Map<string, RecordedAnswer>;

/** Where this server deliberately says something else, and why. */
const otherwise: Readonly<Record<string, string>> = {
  "a version of a run that is none": "its files would be nowhere",
  "a stage that archives nothing": "clients repeat what ends in 500",
};

/** Where only the words differ. */
const inOtherWords: ReadonlySet<string> = new Set([
  "a logged model with a bad name",
  "a version of a file of the server",
  "a version of a path of the server",
  "logged models are searched by what is none",
  "models are ordered by what is none",
  "models are searched by what is none",
  "models are searched by half a filter",
  "models are searched by either of two",
  "models, too many",
  "a model gets the name of another",
]);

beforeAll(async () => {
  const file = join(import.meta.dirname, "protocol-3.17.2.json");
  const recorded = JSON.parse(await readFile(file, "utf8")) as RecordedAnswer[];
  theirs = new Map(recorded.map((answer) => [answer.title, answer]));
  ours = new Map((await recordProtocol(given.url)).map((answer) => [answer.title, answer]));
});

describe("the registry answers as the server of MLflow 3.17.2", () => {
  it.each(protocolCalls.map(({ title }) => title))("%s", (title) => {
    const [own, other] = [ours.get(title), theirs.get(title)];
    if (own === undefined || other === undefined) throw new Error("it was not recorded");
    if (title in otherwise) {
      expect(own).not.toEqual(other);
      expect(own.status).toBeLessThan(500);
      return;
    }
    expect(own.status).toBe(other.status);
    expect(own.body).toMatchObject(withoutEmpty(comparable(other, inOtherWords.has(title))) as object);
  });
});

/** What of an answer matters: of a refusal the code by which clients decide, and the message up to its general advice. */
function comparable({ status, body }: RecordedAnswer, wordsMayDiffer: boolean): unknown {
  if (status < 400) return body;
  const { error_code, message } = body as { readonly error_code: string; readonly message: string };
  if (wordsMayDiffer) return { error_code };
  return {
    error_code,
    message: message.replace(" See the API docs for more information about request parameters.", ""),
  };
}

/** A client takes what is empty for what is not there. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).map(([key, inner]) => [key, withoutEmpty(inner)] as const);
  return Object.fromEntries(kept.filter(([, inner]) => inner !== "" && JSON.stringify(inner) !== "{}"));
}

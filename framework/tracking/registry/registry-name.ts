/**
 * What names, aliases, versions and tags of the registry may be. The messages are those that MLflow's users know. Pure.
 * @module
 */
import { posix } from "node:path";
import { z } from "zod";
import { invalid } from "../tracking-failure.ts";

/** How long the name of a model may be, in characters. */
const longestName = 256;
const longestAlias = 255;
const longestTagKey = 250;
const longestTagValue = 100_000;
const mostVersion = 2 ** 31 - 1;

/** A text that a database keeps as it is. */
export const text = z.string().refine((value) => !value.includes("\u0000") && value.isWellFormed(), "it is no text");

/** A key and a value that are kept as they are; a value that is not sent is empty. */
export const tag = z.object({ key: text, value: text.nullish().transform((value) => value ?? "") });

/** A tag, or a parameter: both are pairs of texts. */
export type Tag = z.output<typeof tag>;

/** @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what is no name of a model. @param parameter which one it is, for the message */
export function readModelName(name: string, parameter: "name" | "new_name" = "name"): string {
  if (name.trim() === "") throw invalid(`Missing value for required parameter '${parameter}'.`);
  if (/[/:]/.test(name)) throw invalid(`Invalid model name '${name}'. Names cannot contain '/' or ':'.`);
  if (isOtherPath(name)) throw invalid(describePath("name", name));
  return limit("name", longestName, name);
}

/** @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what can be no alias */
export function readAlias(alias: string): string {
  if (alias === "") throw invalid("Registered model alias name cannot be empty.");
  if (!/^[\p{L}\p{N}_-]+$/u.test(alias)) {
    const rule = "Names may only contain alphanumerics, underscores (_), and dashes (-).";
    throw invalid(`Invalid alias name: '${alias}'. ${rule}`);
  }
  return limit("Registered model alias name", longestAlias, alias);
}

/** Like `readAlias`, for an alias that somebody gives. @throws TrackingFailure `INVALID_PARAMETER_VALUE` also for those that mean something */
export function readNewAlias(alias: string): string {
  readAlias(alias);
  if (isLatest(alias)) throw invalid("'latest' alias name (case insensitive) is reserved.");
  if (/^[vV]\d+$/.test(alias)) throw invalid(`Version alias name '${alias}' is reserved.`);
  return alias;
}

/** Whether an alias is the one that always means the latest version. */
export function isLatest(alias: string): boolean {
  return alias.toLowerCase() === "latest";
}

/** @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what is no number of a version */
export function readVersion(version: string): number {
  const number = Number(version);
  if (/^\d{1,10}$/.test(version) && number <= mostVersion) return number;
  throw invalid(`Parameter 'version' must be an integer, got '${version}'.`);
}

/** @throws TrackingFailure `INVALID_PARAMETER_VALUE` for a tag whose key or value cannot be kept */
export function readTag({ key, value }: Tag): Tag {
  readTagKey(key);
  return { key, value: limit("value", longestTagValue, value) };
}

/** Tags of which each key is there once, the last of several winning. @throws TrackingFailure like `readTag` */
export function readTags(tags: readonly Tag[]): Tag[] {
  return [...new Map(tags.map((one) => [one.key, readTag(one)])).values()];
}

/** @throws TrackingFailure `INVALID_PARAMETER_VALUE` for what can be no key of a tag */
export function readTagKey(key: string): string {
  if (key === "") throw invalid("Missing value for required parameter 'key'.");
  if (!/^[/\p{L}\p{N}_.\- :]*$/u.test(key)) {
    const rule =
      "Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).";
    throw invalid(`Invalid value ${JSON.stringify(key)} for parameter 'key' supplied: ${rule}`);
  }
  if (isOtherPath(key)) throw invalid(describePath("key", key));
  return limit("key", longestTagKey, key);
}

/** Whether a name, taken for the path of a file, would be another one or lead out of its folder. */
function isOtherPath(name: string): boolean {
  const path = normalize(name);
  return path !== name || path === "." || path.startsWith("..") || path.startsWith("/");
}

function normalize(name: string): string {
  const path = posix.normalize(name);
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}

function describePath(parameter: string, name: string): string {
  const rule =
    "Names may be treated as files in certain cases, and must not resolve to other names when treated as such.";
  const found = `This name would resolve to '${normalize(name)}'`;
  return `Invalid value ${JSON.stringify(name)} for parameter '${parameter}' supplied: ${rule} ${found}`;
}

function limit(what: string, most: number, value: string): string {
  if ([...value].length <= most) return value;
  throw invalid(`'${what}' exceeds the maximum length of ${most} characters`);
}

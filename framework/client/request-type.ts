/**
 * Request types: what a caller of an endpoint's typed route sends and is answered, as far as a program that is built against it
 * can tell. Two of one digest are the same to every caller. Pure.
 * @module
 */
import { z } from "zod";
import { formatOf } from "../definitions/format.ts";
import { columnSpec, taskSpec } from "../definitions/spec.ts";
import { versioned } from "../definitions/versioned.ts";
import type { RequestShape } from "../features/online/request-shape.ts";
import { toCanonicalJson } from "../plan/canonical.ts";
import { type Digest, digestOf } from "../plan/digest.ts";

const typeColumn = columnSpec.omit({ known: true, protected: true, pii: true, description: true });

export const requestTypeSchema = versioned("request-type", {
  /** What is sent of a row, in the schema's order. */
  columns: z.array(typeColumn).min(1),
  /** The column that says when the row happens, and may be left out. */
  eventTime: z.string(),
  /** What is asked of the row, which says what is answered. */
  task: taskSpec,
  /** What a label of several classes may be. @default the label is none of several classes */
  classes: z.array(z.string()).optional(),
});

/** What is sent and what is answered. What is only for people, as a description is, is not in it. */
export type RequestType = z.output<typeof requestTypeSchema>;
export type TypeColumn = RequestType["columns"][number];

/** What decides the answer of a model. */
export interface AnswerShape {
  readonly task: RequestType["task"];
  /** @default the label is none of several classes */
  readonly classes?: readonly string[] | undefined;
}

/** The request type of what is sent and answered. */
export function describeRequestType({ columns, eventTime }: RequestShape, { task, classes }: AnswerShape): RequestType {
  return {
    format: formatOf("request-type"),
    columns: columns.map(
      ({ known: _known, protected: _protected, pii: _pii, description: _description, ...column }) => column,
    ),
    eventTime,
    task,
    ...(classes && { classes: [...classes] }),
  };
}

/** The header by which a client tells the type that it was written for: `sha256:` and the digest. */
export const clientHeader = "steward-client";

/** What the header of a 409 says where a client's type was never released: it is compared once the client says all of it. */
export const unknownClient = "unknown";

const said = /^sha256:([0-9a-f]{64})$/;

/** The digest of a type, which is that of its document in the store. */
export function digestRequestType(type: RequestType): Digest {
  return digestOf(type);
}

/** A type as a client tells all of it: one line, whose digest is the type's. */
export function sayType(type: RequestType): string {
  return toCanonicalJson(type);
}

/** A digest as a client tells it. */
export function sayDigest(digest: Digest): string {
  return `sha256:${digest}`;
}

/** The digest that a client tells. @returns nothing for a text that is none */
export function readDigest(text: string): Digest | undefined {
  return said.exec(text)?.[1];
}

/** The number of what is written: a client or a document made by other rules for the same type gets the next. */
const generation = 1;

/** The version of a client or a document for a type, as semantic versioning has it: `1.0.0+0a1b2c3d4e5f`. */
export function versionOf(type: RequestType): string {
  return `${generation}.0.0+${digestRequestType(type).slice(0, 12)}`;
}

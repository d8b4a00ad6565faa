/**
 * Pulumi's property values on the wire, and as plain values here. Secrets are unwrapped on the way in and remembered as
 * texts, so that nothing that goes out can carry one by accident; unknowns stay unknown.
 * @module
 */
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import { formatOf } from "../definitions/format.ts";

const Struct = structProto.Struct;
type Struct = structProto.Struct;

/** Stands for a value that is known only after something else has been applied. */
export const unknown: unique symbol = Symbol("unknown");

/** A property value; objects and lists may hold unknowns anywhere. */
export type Value = null | boolean | number | string | typeof unknown | readonly Value[] | Properties;

/** The properties of a resource: its inputs or its outputs. */
export interface Properties {
  readonly [name: string]: Value;
}

/** Properties as they came in, with the texts in them that are secret. */
export interface Received {
  readonly properties: Properties;
  readonly secrets: readonly string[];
}

const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Shorter texts hide nothing, and blotting them out would spoil every line. */
const shortestSecret = 4;

/** The engine writes a different text for each type of unknown; which type is of no use here. */
const unknownTexts: ReadonlySet<string> = new Set([
  unknownText,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** Reads properties off the wire. A missing struct is an empty one. */
export function receiveProperties(struct: Struct | undefined): Received {
  const secrets = new Set<string>();
  const properties: { [name: string]: Value } = {};
  for (const [name, value] of Object.entries(struct?.toJavaScript() ?? {})) {
    properties[name] = receiveValue(value, { secret: false, secrets });
  }
  return { properties, secrets: [...secrets] };
}

function receiveValue(value: unknown, context: { readonly secret: boolean; readonly secrets: Set<string> }): Value {
  if (typeof value === "string") {
    if (unknownTexts.has(value)) return unknown;
    if (context.secret && value.length >= shortestSecret) context.secrets.add(value);
    return value;
  }
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item) => receiveValue(item, context));
  if (typeof value !== "object" || value === null) return null;
  const fields = new Map<string, unknown>(Object.entries(value));
  switch (fields.get(signatureKey)) {
    case secretSignature:
      return receiveValue(fields.get("value"), { ...context, secret: true });
    case outputSignature: {
      const secret = context.secret || fields.get("secret") === true;
      return fields.has("value") ? receiveValue(fields.get("value"), { ...context, secret }) : unknown;
    }
    default:
      return Object.fromEntries([...fields].map(([name, item]) => [name, receiveValue(item, context)]));
  }
}

/** Writes properties to the wire; a text that holds one of the secrets goes out as a secret. */
export function sendProperties(properties: Properties, secrets: readonly string[] = []): Struct {
  return Struct.fromJavaScript(
    Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, sendValue(value, secrets)])),
  );
}

function sendValue(value: Value, secrets: readonly string[]): structProto.JavaScriptValue {
  if (value === unknown) return unknownText;
  if (typeof value === "string") {
    return secrets.some((secret) => value.includes(secret)) ? { [signatureKey]: secretSignature, value } : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map((item) => sendValue(item, secrets));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, sendValue(item, secrets)]));
}

/** Writes outputs to the wire, as the state is to keep them: with the format that they have. */
export function sendOutputs(outputs: Properties, secrets: readonly string[] = []): Struct {
  return sendProperties({ ...outputs, format: formatOf("resource") }, secrets);
}

/** Whether a value holds no unknown at any depth. */
export function isKnown(value: Value): boolean {
  if (value === unknown) return false;
  if (typeof value !== "object" || value === null) return true;
  return (isList(value) ? value : Object.values(value)).every(isKnown);
}

/** The text with every secret in it blotted out. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "[secret]"), text);
}

/** Narrows to a list, which `Array.isArray` does not do for a read-only one. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** The properties in a value, none when it is not an object. */
export function propertiesOf(value: Value | undefined): Properties {
  return typeof value === "object" && value !== null && !isList(value) ? value : {};
}

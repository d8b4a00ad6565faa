import fc from "fast-check";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import { describe, expect, it } from "vitest";
import {
  isKnown,
  type Properties,
  receiveProperties,
  redact,
  sendProperties,
  unknown,
  type Value,
} from "../../framework/provider/values.ts";

const signature = "4dabf18193072939515e22adb298388d";
const secretOf = (value: structProto.JavaScriptValue) => ({ [signature]: "1b47061264138c4ac30d75fd1eb44270", value });
const outputOf = (fields: Record<string, structProto.JavaScriptValue>) => ({
  [signature]: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
  ...fields,
});
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function receive(properties: Record<string, structProto.JavaScriptValue>) {
  return receiveProperties(structProto.Struct.fromJavaScript(properties));
}

const { value: anyValue } = fc.letrec<{ value: Value; object: Properties }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.string(),
    fc.constant(unknown),
    fc.array(tie("value"), { maxLength: 4 }),
    tie("object"),
  ),
  object: fc.dictionary(fc.stringMatching(/^[a-z.]{1,8}$/), tie("value"), { maxKeys: 4, noNullPrototype: true }),
}));

describe("properties on the wire", () => {
  it("come back as they were sent, unknowns at any depth included", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), anyValue, { noNullPrototype: true }),
        (properties) => {
          expect(receiveProperties(sendProperties(properties)).properties).toEqual(properties);
        },
      ),
    );
  });

  it("are unwrapped from secrets, which are remembered", () => {
    const received = receive({ plain: "open", deep: [secretOf({ key: "hidden-1", more: ["hidden-2"] })] });
    expect(received.properties).toEqual({ plain: "open", deep: [{ key: "hidden-1", more: ["hidden-2"] }] });
    expect(received.secrets).toEqual(["hidden-1", "hidden-2"]);
  });

  it("are unwrapped from output markers: without a value they are unknown", () => {
    const received = receive({
      known: outputOf({ value: "v", dependencies: ["urn"] }),
      secret: outputOf({ value: "hidden", secret: true }),
      open: outputOf({ dependencies: [] }),
    });
    expect(received).toEqual({ properties: { known: "v", secret: "hidden", open: unknown }, secrets: ["hidden"] });
  });

  it.each([unknownText, "3eeb2bf0-c639-47a8-9e75-3b44932eb421", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"])(
    "are unknown where the engine writes %s",
    (text) => {
      expect(receive({ value: text }).properties).toEqual({ value: unknown });
    },
  );

  it("do not take a text of three characters for a secret worth blotting out", () => {
    expect(receive({ value: secretOf("abc") }).secrets).toEqual([]);
  });

  it("are empty where there is no struct", () => {
    expect(receiveProperties(undefined)).toEqual({ properties: {}, secrets: [] });
  });

  it("leave as a secret where a text holds one", () => {
    const sent = sendProperties({ line: "user:hidden-1@host", other: "open" }, ["hidden-1"]);
    expect(sent.toJavaScript()).toEqual({ line: secretOf("user:hidden-1@host"), other: "open" });
  });
});

describe("isKnown", () => {
  it.each<[string, Value, boolean]>([
    ["a text", "a", true],
    ["null", null, true],
    ["an unknown", unknown, false],
    ["an unknown in a list in an object", { a: [1, { b: unknown }] }, false],
    ["an object of known values", { a: [1, { b: "c" }] }, true],
  ])("of %s", (_title, value, expected) => {
    expect(isKnown(value)).toBe(expected);
  });
});

describe("redact", () => {
  it("takes every secret out of a text, as often as it is there", () => {
    expect(redact("a key1 b key2 key1", ["key1", "key2"])).toBe("a [secret] b [secret] [secret]");
  });
});

import { describe, expect, it } from "vitest";
import { noteOrigin, readOrigin } from "../../../framework/serving/trace/origin.ts";
import { readTraceContext } from "../../../framework/serving/trace/trace-context.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";
const right = `00-${traceId}-${parentId}-01`;

describe("a traceparent", () => {
  it.each([
    ["of version 0", right, true],
    ["that is not sampled", `00-${traceId}-${parentId}-00`, false],
    ["with flags that are not known", `00-${traceId}-${parentId}-fd`, true],
    ["of a later version", `01-${traceId}-${parentId}-01`, true],
    ["of a later version with more", `cc-${traceId}-${parentId}-01-what-the-future-will-be-like`, true],
  ])("%s is read", (_what, header, isSampled) => {
    expect(readTraceContext(header)).toEqual({ traceId, parentId, isSampled });
  });

  it.each([
    ["nothing", ""],
    ["a text", "hello"],
    ["capital letters", right.toUpperCase()],
    ["the version that there is not", `ff-${traceId}-${parentId}-01`],
    ["a version of one digit", `0-${traceId}-${parentId}-01`],
    ["a trace of zeros", `00-${"0".repeat(32)}-${parentId}-01`],
    ["a parent of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
    ["a short trace", `00-${traceId.slice(1)}-${parentId}-01`],
    ["a long parent", `00-${traceId}-${parentId}0-01`],
    ["no flags", `00-${traceId}-${parentId}`],
    ["more than version 0 has", `${right}-more`],
    ["more of a later version without a dash", `cc-${traceId}-${parentId}-01.more`],
    ["other characters", `00-${traceId}-${parentId.slice(1)}g-01`],
    ["two of them", `${right}, ${right}`],
    ["blanks", ` ${right}`],
  ])("that is %s is none", (_what, header) => {
    expect(readTraceContext(header, "a=1")).toBeUndefined();
  });
});

describe("a tracestate", () => {
  const read = (text: string) => readTraceContext(right, text)?.state;

  it.each([
    ["a member", "rojo=00f067aa0ba902b7", "rojo=00f067aa0ba902b7"],
    ["members with blanks between", "a=1 ,\tb=2", "a=1,b=2"],
    ["empty members", "a=1,,b=2,", "a=1,b=2"],
    ["keys of tenants", "fw529a3039@dt=x,0x@y=2", "fw529a3039@dt=x,0x@y=2"],
    ["a value with an equals sign's place taken by others", "a=b c/d:e", "a=b c/d:e"],
    ["32 members", Array.from({ length: 32 }, (_, i) => `k${i}=1`).join(","), expect.stringContaining("k31=1")],
  ])("of %s is passed on", (_what, text, state) => {
    expect(read(text)).toEqual(state);
  });

  it.each([
    ["nothing", ""],
    ["no value", "a"],
    ["an empty value", "a="],
    ["a key in capitals", "A=1"],
    ["a key that begins with a digit", "1=1"],
    ["two members of one key", "a=1,a=2"],
    ["two equals signs", "a=1=2"],
    ["33 members", Array.from({ length: 33 }, (_, i) => `k${i}=1`).join(",")],
    ["more than has to be passed on", `a=${"x".repeat(256)},b=${"x".repeat(256)}`],
    ["a character that is none", "a=é"],
  ])("of %s is left out, and the trace is not", (_what, text) => {
    expect(readTraceContext(right, text)).toEqual({ traceId, parentId, isSampled: true });
  });
});

describe("where a request comes from", () => {
  it("is its id and its trace", () => {
    const origin = readOrigin({ "x-request-id": "a-1", traceparent: right, tracestate: "a=1" });
    expect(origin).toEqual({ requestId: "a-1", trace: { traceId, parentId, isSampled: true, state: "a=1" } });
    expect(noteOrigin(origin)).toEqual({ requestId: "a-1", trace: traceId });
  });

  it("is nothing where nothing is told", () => {
    expect(readOrigin({})).toEqual({});
    expect(noteOrigin()).toEqual({});
  });

  it.each([
    ["", false],
    ["x".repeat(128), true],
    ["x".repeat(129), false],
    ['a"b', false],
    ["a b", false],
    ["a\\b", false],
    ["ä", false],
    ["0198-abc_DEF.1:2/3+4=@5", true],
  ])("has the id %j: %s", (id, isTaken) => {
    expect(readOrigin({ "x-request-id": id })).toEqual(isTaken ? { requestId: id } : {});
  });
});

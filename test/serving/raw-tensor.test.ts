import { describe, expect, it } from "vitest";
import { readRaw, writeRaw } from "../../framework/serving/raw-tensor.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

function text(value: string | Uint8Array): Uint8Array {
  const own = Buffer.from(value as string);
  return Buffer.concat([bytes(own.length, 0, 0, 0), own]);
}

describe("the values of a tensor in bytes", () => {
  it.each([
    ["BOOL", bytes(0, 1), [false, true]],
    ["UINT8", bytes(0, 255), [0, 255]],
    ["INT8", bytes(0x7f, 0x80), [127, -128]],
    ["UINT16", bytes(0x34, 0x12), [0x1234]],
    ["INT16", bytes(0xff, 0xff), [-1]],
    ["UINT32", bytes(0xff, 0xff, 0xff, 0xff), [4294967295]],
    ["INT32", bytes(0xfe, 0xff, 0xff, 0xff), [-2]],
    ["UINT64", new Uint8Array(8).fill(255), [2n ** 64n - 1n]],
    ["INT64", new Uint8Array(8).fill(255), [-1n]],
    ["INT64", bytes(1, 0, 0, 0, 0, 0, 0x20, 0), [9007199254740993n]],
    // 1, the smallest above 0, the largest, -0, infinity, and what is no number.
    ["FP16", bytes(0, 0x3c, 1, 0, 0xff, 0x7b, 0, 0x80, 0, 0x7c, 1, 0x7e), [1, 2 ** -24, 65504, -0, Infinity, NaN]],
    ["BF16", bytes(0x80, 0x3f, 0x49, 0x40), [1, 3.140625]],
    ["FP32", new Uint8Array(Float32Array.of(0.1, NaN).buffer), [Math.fround(0.1), NaN]],
    ["FP64", new Uint8Array(Float64Array.of(0.1, -Infinity).buffer), [0.1, -Infinity]],
    ["BYTES", Buffer.concat([text("ÅÄÖ"), text("")]), ["ÅÄÖ", ""]],
  ])("are read as %s", (datatype, raw, values) => {
    expect(readRaw(raw, datatype, values.length)).toEqual({ values });
  });

  it("are read wherever they begin", () => {
    const whole = new Uint8Array(Float64Array.of(7, 0.25).buffer);
    const shifted = new Uint8Array(whole.length + 3);
    shifted.set(whole, 3);
    expect(readRaw(shifted.subarray(3), "FP64", 2)).toEqual({ values: [7, 0.25] });
  });

  it.each([
    ["too few bytes", "FP32", new Uint8Array(7), 2, "7 bytes, and its shape and datatype say 8"],
    ["too many bytes", "INT8", new Uint8Array(3), 2, "3 bytes, and its shape and datatype say 2"],
    ["a shape that no memory holds", "FP64", new Uint8Array(8), 2 ** 40, "8 bytes"],
    ["a datatype that is none", "double", new Uint8Array(8), 1, 'no datatype "double" is known'],
    ["a text that breaks off", "BYTES", bytes(5, 0, 0, 0, 65), 1, "a value 0 that is longer than what there is"],
    ["a length that breaks off", "BYTES", bytes(5, 0), 1, "a length that breaks off"],
    ["a truth that is neither", "BOOL", bytes(0, 2), 2, "a byte that is neither 0 nor 1"],
    ["a length of all ones", "BYTES", new Uint8Array(8).fill(255), 1, "longer than what there is"],
    ["more texts than the shape says", "BYTES", Buffer.concat([text("a"), text("b")]), 1, "more than the 1 values"],
    ["fewer texts than the shape says", "BYTES", text("a"), 2, "1 values, and its shape says 2"],
    ["a text that is not UTF-8", "BYTES", bytes(1, 0, 0, 0, 0xff), 1, "a value 0 that is not UTF-8"],
  ])("are refused: %s", (_title, datatype, raw, count, problem) => {
    expect(readRaw(raw, datatype, count)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it.each([
    ["BOOL", [true, false]],
    ["FP64", [0.1, -1e300]],
    ["FP32", [0.5, -2]],
    ["BYTES", ["late", "ÅÄÖ", ""]],
  ])("of an output are read as they were written, %s", (datatype, values) => {
    expect(readRaw(writeRaw(values, datatype), datatype, values.length)).toEqual({ values });
  });
});

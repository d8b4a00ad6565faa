import { describe, expect, it } from "vitest";
import { formatLength, formatTime, parseTime, toMicroseconds } from "../../framework/features/microseconds.ts";

describe("toMicroseconds", () => {
  it.each([
    ["0 seconds", 0n],
    ["1 second", 1_000_000n],
    ["0.000001 seconds", 1n],
    ["1.5 hours", 5_400_000_000n],
    ["7 days", 604_800_000_000n],
  ])("%s is %s µs", (duration, microseconds) => {
    expect(toMicroseconds(duration)).toBe(microseconds);
  });
});

describe("parseTime", () => {
  it.each([
    ["1970-01-01T00:00:00Z", 0n],
    ["1970-01-01T00:00:00.5Z", 500_000n],
    ["1969-12-31T23:59:59.999999Z", -1n],
    ["2001-01-01T00:01:00.123456Z", 978_307_260_123_456n],
  ])("%s is %s µs", (text, microseconds) => {
    expect(parseTime(text)).toBe(microseconds);
  });
});

describe("formatTime", () => {
  it.each([
    [0n, "1970-01-01T00:00:00.000Z"],
    [1_000n, "1970-01-01T00:00:00.001Z"],
    [1n, "1970-01-01T00:00:00.000001Z"],
    [-1n, "1969-12-31T23:59:59.999999Z"],
    [978_307_260_123_456n, "2001-01-01T00:01:00.123456Z"],
  ])("%s µs is %s", (microseconds, text) => {
    expect(formatTime(microseconds)).toBe(text);
  });
});

describe("formatLength", () => {
  it.each([
    [0n, "0 seconds"],
    [59_000_000n, "59 seconds"],
    [60_000_000n, "1 minutes"],
    [5_400_000_000n, "1.5 hours"],
    [2_289_600_000_000n, "26.5 days"],
  ])("%s µs is %s", (microseconds, text) => {
    expect(formatLength(microseconds)).toBe(text);
  });
});

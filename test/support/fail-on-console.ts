/**
 * Fails a test that prints: output nobody asked for hides the output that somebody needs.
 * @module
 */
import { afterEach, expect } from "vitest";

const printed: string[] = [];

// Replaced once for the whole file, not per test: tests of one file may run at the same time.
for (const method of ["log", "info", "warn", "error", "debug"] as const) {
  console[method] = (...words: readonly unknown[]) => {
    printed.push(`console.${method}(${words.join(" ")})`);
  };
}

afterEach(() => {
  expect(printed.splice(0)).toEqual([]);
});

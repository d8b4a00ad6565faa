import { describe, expect, it } from "vitest";
import { judgeRedirect } from "../../../../framework/data/sources/http/redirect.ts";

describe("a redirect", () => {
  it.each([
    ["http://a.example/x/y.csv", "/z.csv", "http://a.example/z.csv"],
    ["http://a.example/x/y.csv", "z.csv?a=b", "http://a.example/x/z.csv?a=b"],
    ["http://a.example/x", "//b.example/x", "http://b.example/x"],
    ["http://a.example/x", "https://a.example/x", "https://a.example/x"],
    ["https://a.example/x", "https://me:secret@b.example/x", "https://b.example/x"],
  ])("of %s to %s leads to %s", (from, location, to) => {
    const redirect = judgeRedirect(new URL(from), location);
    expect("url" in redirect && redirect.url.href).toBe(to);
  });

  it.each([
    ["https://a.example/x", "http://a.example/x", "from https to http"],
    ["http://a.example/x", "file:///etc/passwd", "an address of another kind"],
    ["http://a.example/x", "http://[", "an address of another kind"],
  ])("of %s to %s is not followed: %s", (from, location, why) => {
    expect(judgeRedirect(new URL(from), location)).toEqual({ why });
  });
});

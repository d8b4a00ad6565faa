/**
 * The page of a profile.
 * @module
 */
import { describe, expect, test } from "vitest";
import { formatProfilePage } from "../../../framework/cli/profile/page.ts";
import { hostile, testPage } from "./pages.ts";

describe("a page", () => {
  const page = formatProfilePage(testPage());

  test("is made of its own tags alone, whatever columns and values are called", () => {
    expect(page).not.toContain(hostile);
    expect(page).not.toMatch(/<script/i);
    expect(page).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;");
    const tags = new Set([...page.matchAll(/<\/?([a-z0-9!]+)/gi)].map(([, tag]) => tag));
    const own =
      "!doctype html head meta title style body header h1 h2 p code dl dt dd div main article span svg rect line text b i section table tr td footer";
    expect([...tags].filter((tag) => !own.split(" ").includes(tag ?? ""))).toEqual([]);
  });

  test("asks nothing of the network", () => {
    expect(page).not.toMatch(/\s(src|href)=|url\(|@import|https?:/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  test("shows characters that would not be seen", () => {
    expect(page).toContain("\\u{001B}[31mred\\u{202E}");
    expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test("has no number that is none", () => {
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("says what a picture leaves out, and has one per column with values", () => {
    expect(page).toContain("logarithmic scale");
    expect(page).toMatch(/without the zeros \(70(\.\d)? %\)/);
    expect(page.match(/<article>/g)).toHaveLength(10);
    expect(page.match(/<svg /g)).toHaveLength(6);
    expect(page.match(/no values/g)).toHaveLength(2);
    expect(page).toContain("<i>empty</i>");
  });

  test("tells what was set apart", () => {
    expect(page).toContain("7 rows in quarantine (&lt;0.1 % of what came)");
  });
});

import { describe, expect, it } from "vitest";
import {
  askUnless,
  isRemembered,
  readRetryAfter,
  readStamp,
  readValidators,
  writeStamp,
} from "../../../../framework/data/sources/http/validators.ts";

const address = "0".repeat(64);
const date = "Wed, 01 May 2024 12:00:00 GMT";
const longAgo = "Wed, 01 May 2024 11:59:00 GMT";
const justNow = "Wed, 01 May 2024 11:59:01 GMT";

describe("what tells bytes apart", () => {
  it.each([
    ["a strong etag", { etag: '"a"' }, false, { etag: '"a"' }],
    ["a strong etag, before a time", { etag: '"a"', "last-modified": longAgo, date }, false, { etag: '"a"' }],
    ["a strong etag, whoever asks", { etag: '"a"' }, true, { etag: '"a"' }],
    ["no weak etag", { etag: 'W/"a"' }, false, undefined],
    ["no etag without quotes", { etag: "a" }, false, undefined],
    ["a time long before", { "last-modified": longAgo, date }, false, { modified: longAgo }],
    [
      "a time long before, beside a weak etag",
      { etag: 'W/"a"', "last-modified": longAgo, date },
      false,
      { modified: longAgo },
    ],
    ["no time just before", { "last-modified": justNow, date }, false, undefined],
    ["no time where nobody says what it is now", { "last-modified": longAgo }, false, undefined],
    ["no time that is none", { "last-modified": "yesterday", date }, false, undefined],
    ["no time where it may matter who asks", { "last-modified": longAgo, date }, true, undefined],
    ["nothing where nothing is said", {}, false, undefined],
  ])("is %s", (_, headers, hasHeaders, told) => {
    expect(readValidators(headers, { address, size: 3, hasHeaders })).toEqual(told && { ...told, address, size: 3 });
  });

  it("is what is asked with", () => {
    expect(askUnless({ etag: '"a"' })).toEqual({ "if-none-match": '"a"' });
    expect(askUnless({})).toEqual({});
  });

  const time = { "last-modified": longAgo };
  it.each([
    ["the same etag", { etag: '"a"' }, { etag: '"a"', "content-length": "3" }, true],
    ["another etag", { etag: '"a"' }, { etag: '"b"', "content-length": "3" }, false],
    ["no etag any more", { etag: '"a"' }, { "content-length": "3" }, false],
    ["the same time and size", { modified: longAgo }, { ...time, "content-length": "3" }, true],
    ["the same time", { modified: longAgo }, time, true],
    ["the same time and another size", { modified: longAgo }, { ...time, "content-length": "4" }, false],
    ["an earlier time", { modified: longAgo }, { "last-modified": "Tue, 30 Apr 2024 11:59:00 GMT" }, false],
    ["no time any more", { modified: longAgo }, {}, false],
  ])("is held against %s, of one address alone", (_, told, headers, isSame) => {
    const known = { ...told, address, size: 3 };
    expect(isRemembered(known, { address, headers })).toBe(isSame);
    expect(isRemembered(known, { address: "1".repeat(64), headers })).toBe(false);
  });

  it("is remembered as a line, and a line of another kind is nothing", () => {
    const told = { address, etag: '"a"', size: 3 };
    expect(readStamp(writeStamp(told))).toEqual(told);
    expect(readStamp('{"etag":"\\"a\\"","size":3}')).toBeUndefined();
    expect(readStamp("2049:12:3:4:5")).toBeUndefined();
    expect(readStamp('{"etag":1}')).toBeUndefined();
  });
});

describe("how long a server asks to wait", () => {
  it.each([
    ["0", 0],
    ["120", 120_000],
    ["Wed, 01 May 2024 12:00:30 GMT", 30_000],
    ["Wed, 01 May 2024 11:00:00 GMT", 0],
    ["soon", undefined],
    [undefined, undefined],
  ])("is of %s %s ms", (header, wait) => {
    expect(readRetryAfter(header, Date.parse(date))).toBe(wait);
  });
});

import { describe, expect, it } from "vitest";
import { unpackLz4Frame } from "../../../../framework/data/reader/arrow/lz4-frame.ts";

/** A frame of blocks, compressed but for those that are said not to be. */
function frame(
  blocks: readonly { readonly bytes: readonly number[]; readonly isRaw?: boolean }[],
  flags = 0x60,
): Buffer {
  const parts = blocks.map(({ bytes, isRaw = false }) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE((bytes.length | (isRaw ? 0x80000000 : 0)) >>> 0);
    return Buffer.concat([head, Buffer.from(bytes)]);
  });
  const size = flags & 8 ? Buffer.alloc(8) : Buffer.alloc(0);
  return Buffer.concat([
    Buffer.from([4, 0x22, 0x4d, 0x18, flags, 0x40]),
    size,
    Buffer.from([0]),
    ...parts,
    Buffer.alloc(4),
  ]);
}

const ascii = (text: string) => [...Buffer.from(text)];

describe("an LZ4 frame", () => {
  it.each<[string, Buffer, string]>([
    ["literals alone", frame([{ bytes: [0x30, ...ascii("abc")] }]), "abc"],
    ["a block that is not compressed", frame([{ bytes: ascii("abc"), isRaw: true }]), "abc"],
    ["what is copied from what it has just copied", frame([{ bytes: [0x14, ...ascii("a"), 1, 0] }]), "a".repeat(9)],
    [
      "what is copied from farther away",
      frame([{ bytes: [0x40, ...ascii("abcd"), 4, 0, 0x10, ...ascii("e")] }]),
      "abcdabcde",
    ],
    [
      "lengths that go on in bytes of their own",
      frame([{ bytes: [0x1f, ...ascii("a"), 1, 0, 255, 3] }]),
      "a".repeat(1 + 15 + 258 + 4),
    ],
    [
      "what is copied from the block before",
      frame([{ bytes: [0x40, ...ascii("abcd")] }, { bytes: [0x00, 4, 0] }]),
      "abcdabcd",
    ],
    ["a size before its blocks", frame([{ bytes: [0x30, ...ascii("abc")] }], 0x68), "abc"],
    ["nothing", frame([]), ""],
  ])("of %s becomes what it was", (_, packed, text) => {
    expect(unpackLz4Frame(packed, text.length).toString()).toBe(text);
  });

  it.each<[string, Buffer, number, string]>([
    ["that becomes more than it says", frame([{ bytes: [0x30, ...ascii("abc")] }]), 2, "more"],
    ["that becomes less than it says", frame([{ bytes: [0x30, ...ascii("abc")] }]), 4, "3 bytes instead of 4"],
    ["that copies from nowhere", frame([{ bytes: [0x10, ...ascii("a"), 2, 0] }]), 9, "before its begin"],
    ["that copies from where it is", frame([{ bytes: [0x10, ...ascii("a"), 0, 0] }]), 9, "before its begin"],
    ["whose literals are not there", frame([{ bytes: [0xf0, 255] }]), 600, "in the middle"],
    ["that is cut", frame([{ bytes: [0x30, ...ascii("abc")] }]).subarray(0, 12), 3, "in the middle"],
    ["with a dictionary of its own", frame([], 0x61), 0, "of another kind"],
    ["of another version", frame([], 0xa0), 0, "of another kind"],
    ["of other bytes", Buffer.from("no frame"), 0, "no LZ4 frame"],
  ])("%s is refused", (_, packed, size, says) => {
    expect(() => unpackLz4Frame(packed, size)).toThrow(says);
  });
});

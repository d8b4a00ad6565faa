/**
 * LZ4 frames, unpacked. Pure. Checksums are passed over: what a frame becomes is checked by who reads it.
 * @module
 */
import { ArrowFault } from "./fault.ts";

const magic = 0x184d2204;
const headerBytes = 7;
/** The least that one copies of what came before. */
const shortestMatch = 4;

/** Unpacks one frame that becomes exactly as many bytes as are said. @throws ArrowFault when it does not */
export function unpackLz4Frame(packed: Buffer, size: number): Buffer {
  if (packed.length < headerBytes || packed.readUInt32LE(0) !== magic) throw damaged("it is no LZ4 frame");
  const flags = packed[4] ?? 0;
  const [hasBlockChecksum, hasSize, hasDictionary] = [(flags & 16) !== 0, (flags & 8) !== 0, (flags & 1) !== 0];
  if (flags >> 6 !== 1 || hasDictionary) throw damaged("it is an LZ4 frame of another kind");
  const out = Buffer.allocUnsafe(size);
  let at = headerBytes + (hasSize ? 8 : 0);
  let done = 0;
  for (;;) {
    if (at + 4 > packed.length) throw damaged("it ends in the middle");
    const head = packed.readUInt32LE(at);
    at += 4;
    if (head === 0) break;
    const [length, isRaw] = [head & 0x7fffffff, head >>> 31 === 1];
    if (at + length > packed.length) throw damaged("it ends in the middle");
    const block = packed.subarray(at, at + length);
    done = isRaw ? copyRaw(block, out, done) : unpackBlock(block, out, done);
    at += length + (hasBlockChecksum ? 4 : 0);
  }
  if (done !== size) throw damaged(`it becomes ${done} bytes instead of ${size}`);
  return out;
}

function copyRaw(block: Buffer, out: Buffer, at: number): number {
  if (at + block.length > out.length) throw damaged("it becomes more bytes than it says");
  block.copy(out, at);
  return at + block.length;
}

/** Unpacks a block behind what was unpacked before, from which it may copy. @returns where it ends */
function unpackBlock(block: Buffer, out: Buffer, start: number): number {
  let from = 0;
  let to = start;
  /** A length whose four bits in the token are full goes on in the bytes after it. */
  const extend = (bits: number): number => {
    let length = bits;
    if (bits !== 15) return length;
    for (;;) {
      if (from >= block.length) throw damaged("it ends in the middle");
      const more = block[from++] ?? 0;
      length += more;
      if (more !== 255) return length;
    }
  };
  while (from < block.length) {
    const token = block[from++] ?? 0;
    const literals = extend(token >> 4);
    if (from + literals > block.length || to + literals > out.length) throw damaged("it becomes more than it has");
    block.copy(out, to, from, from + literals);
    from += literals;
    to += literals;
    if (from === block.length) break;
    if (from + 2 > block.length) throw damaged("it ends in the middle");
    const distance = (block[from] ?? 0) | ((block[from + 1] ?? 0) << 8);
    from += 2;
    const length = extend(token & 15) + shortestMatch;
    if (distance === 0 || distance > to) throw damaged("it copies from before its begin");
    if (to + length > out.length) throw damaged("it becomes more bytes than it says");
    if (distance >= length) out.copyWithin(to, to - distance, to - distance + length);
    // Each byte anew, as what is copied may be what was just written.
    else for (let end = to + length, at = to; at < end; at++) out[at] = out[at - distance] as number;
    to += length;
  }
  return to;
}

function damaged(what: string): ArrowFault {
  return new ArrowFault(`its compressed content is damaged: ${what}`);
}

/**
 * What the first bytes of a file give away: files that are anything but ONNX are refused by what they hold, whatever their
 * name is. Pure.
 * @module
 */

/** How many bytes are looked at. */
export const sniffedBytes = 4096;

const signatures: readonly (readonly [RegExp, string])[] = [
  [/^$/, "it is empty"],
  [/^80(0[2-5])/, "it is a Python pickle, which can run any code when it is opened"],
  [/^377abcaf271c/, "it is a 7z archive"],
  [/^1f8b/, "it is a gzip archive"],
  [/^425a68/, "it is a bzip2 archive"],
  [/^fd377a585a00/, "it is an xz archive"],
  [/^28b52ffd/, "it is a Zstandard archive"],
  [/^(.{514})7573746172/, "it is a tar archive"],
  [/^894844460d0a1a0a/, "it is HDF5, as models of Keras are"],
  [/^934e554d5059/, "it is an array of NumPy, which may hold a Python pickle"],
  [/^7f454c46|^4d5a|^cffaedfe/, "it is a program"],
  [/^47475546/, "it is GGUF"],
  [/^2321/, "it is a script"],
];

/** A pickle of the protocols 0 and 1 begins with no signature: it imports what it runs by a line of text. */
const textPickle = /^(c[\w.]+\n[\w.]+\n|\(?[dl]?p0\n|\(i[\w.]+\n)/;
const pickleInArchive = /(?:^|\/)(?:data|[\w-]+)\.pkl/;

/** Why the bytes are those of no ONNX file, or nothing when they could be. */
export function sniff(start: Uint8Array): string | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, Math.min(start.length, sniffedBytes));
  const text = bytes.toString("latin1");
  const hex = bytes.subarray(0, 300).toString("hex");
  if (/^504b0[357]0[468]/.test(hex)) return describeZip(text);
  const known = signatures.find(([pattern]) => pattern.test(hex))?.[1];
  if (known) return known;
  if (textPickle.test(text))
    return "it is a Python pickle of an old protocol, which can run any code when it is opened";
  if (isSafetensors(bytes)) return "it is safetensors: weights without the model that they belong to";
  return undefined;
}

function describeZip(text: string): string {
  if (pickleInArchive.test(text)) return "it is a ZIP archive with a Python pickle in it, as models of PyTorch are";
  return "it is a ZIP archive, as pickles of PyTorch and models of Keras are";
}

/** A header of JSON behind its length in eight bytes. */
function isSafetensors(bytes: Buffer): boolean {
  if (bytes.length < 10) return false;
  const header = bytes.readBigUInt64LE(0);
  return header > 0n && header < 2n ** 40n && /^\{\s*["}]/.test(bytes.toString("latin1", 8, 32));
}

import { describe, expect, it } from "vitest";
import { sniff } from "../../framework/models/content-sniff.ts";
import { linearModel } from "./onnx-bytes.ts";

const latin = (text: string) => Buffer.from(text, "latin1");
const pickle = "it is a Python pickle, which can run any code when it is opened";

describe("sniff", () => {
  it.each<[string, Uint8Array, string | undefined]>([
    ["ONNX", linearModel([1, 2]), undefined],
    ["nothing", new Uint8Array(), "it is empty"],
    ["a pickle of protocol 2", latin("\x80\x02"), pickle],
    ["a pickle of protocol 3", latin("\x80\x03"), pickle],
    ["a pickle of protocol 4", latin("\x80\x04"), pickle],
    ["a pickle of protocol 5", latin("\x80\x05\x95"), pickle],
    [
      "a pickle of protocol 0",
      latin("cposix\nsystem\n"),
      "it is a Python pickle of an old protocol, which can run any code when it is opened",
    ],
    [
      "an archive with a pickle",
      latin("PK\x03\x04......archive/data.pkl"),
      "it is a ZIP archive with a Python pickle in it, as models of PyTorch are",
    ],
    ["an archive", latin("PK\x03\x04"), "it is a ZIP archive, as pickles of PyTorch and models of Keras are"],
    ["7z", latin("7z\xbc\xaf\x27\x1c"), "it is a 7z archive"],
    ["gzip", latin("\x1f\x8b\x08"), "it is a gzip archive"],
    ["bzip2", latin("BZh9"), "it is a bzip2 archive"],
    ["xz", latin("\xfd7zXZ\0"), "it is an xz archive"],
    ["Zstandard", latin("\x28\xb5\x2f\xfd"), "it is a Zstandard archive"],
    ["tar", Buffer.concat([Buffer.alloc(257), latin("ustar\0")]), "it is a tar archive"],
    ["HDF5", latin("\x89HDF\r\n\x1a\n"), "it is HDF5, as models of Keras are"],
    ["NumPy", latin("\x93NUMPY"), "it is an array of NumPy, which may hold a Python pickle"],
    ["a program", latin("\x7fELF"), "it is a program"],
    ["GGUF", latin("GGUF"), "it is GGUF"],
    ["a script", latin("#!/bin/sh"), "it is a script"],
    [
      "safetensors",
      Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), latin("{}")]),
      "it is safetensors: weights without the model that they belong to",
    ],
  ])("judges %s by its first bytes", (_, start, expected) => {
    expect(sniff(start)).toBe(expected);
  });
});

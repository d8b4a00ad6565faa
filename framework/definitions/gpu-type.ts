/**
 * Types of GPUs: words that the name of a device has.
 * @module
 */

/**
 * Whether a device is of a type: each word of the type is one of its name, in any case. `"h100"` fits
 * `"NVIDIA H100 80GB HBM3"`, `"nvidia-h100"` as well, and `"a10"` does not fit `"NVIDIA A100-SXM4-40GB"`.
 *
 * @param type nothing where any device will do
 */
export function fitsGpuType(name: string, type: string | undefined): boolean {
  const words = new Set(listWords(name));
  return listWords(type ?? "").every((word) => words.has(word));
}

/** The words of a text in lower case: what stands between signs that are neither letters nor digits. */
export function listWords(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

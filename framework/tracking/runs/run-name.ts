/**
 * Names of runs that nobody named. Pure but for chance.
 * @module
 */
import { randomInt } from "node:crypto";

const qualities =
  "amber brisk calm candid clear deft eager fair fleet fond glad grand hale keen kind lucid merry mild neat noble plain proud quick quiet rapid sage sleek smart spry stout sunny swift tidy vivid warm wise".split(
    " ",
  );
const birds =
  "auk bittern crane curlew dipper dove dunlin egret finch gannet godwit goose grebe gull heron hoopoe ibis jackdaw kestrel kite lapwing lark linnet magpie merlin osprey owl petrel pipit plover quail raven robin rook snipe swan swift tern thrush wren".split(
    " ",
  );

/** A name that is easy to say: `keen-plover-417`. */
export function inventName(): string {
  return `${pick(qualities)}-${pick(birds)}-${randomInt(1000)}`;
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? "";
}

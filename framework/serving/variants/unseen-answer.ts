/**
 * Answers that nobody sees: which rows a variant is asked for unseen, by what name its answer is kept, and on how many rows it disagrees
 * with the answer that was given. Pure.
 * @module
 */
import { hash } from "node:crypto";
import type { ModelPackage } from "../../models/model-package.ts";
import { placeUnit } from "./assignment.ts";
import { allPoints } from "./routing.ts";

/** What the choice reads of a variant. */
interface Mirrored {
  readonly name: string;
  readonly salt: string;
  readonly mirror: number;
}

/** Whether a variant is asked unseen for what was answered under an id. */
export function isMirrored({ name, salt, mirror }: Mirrored, id: string): boolean {
  return mirror >= allPoints || placeUnit(`${salt}\nunseen\n${name}`, id) < mirror;
}

/** The id of the record of an unseen answer: one for each answer and variant, in the form of a UUID of version 8. */
export function deriveUnseenId(id: string, variant: string): string {
  const digest = hash("sha256", `unseen\n${variant}\n${id}`, "hex");
  const tail = `8${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${tail}`;
}

/** By so much of the larger of two numbers they may differ and still agree. */
const tolerance = 0.001;

/**
 * On how many rows two answers disagree: they say another label, or a number that differs by more than a thousandth of the larger.
 * @param pair the numbers of each, of several classes one for each class, row by row
 */
export function countDisagreements(
  { task, classes }: Pick<ModelPackage, "task" | "classes">,
  [own, other]: readonly [readonly number[], readonly number[]],
): number {
  const width = classes?.length ?? 1;
  let count = 0;
  for (let start = 0; start < own.length; start += width) {
    const [a, b] = [own[start] as number, other[start] as number];
    if (task === "multiclass") count += Number(findLargest(own, start, width) !== findLargest(other, start, width));
    else if (task === "binary") count += Number(a >= 0.5 !== b >= 0.5);
    else count += Number(Math.abs(a - b) > tolerance * Math.max(Math.abs(a), Math.abs(b)));
  }
  return count;
}

/** The place of the largest of some numbers; of equal ones the first. */
function findLargest(numbers: readonly number[], start: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if ((numbers[start + i] as number) > (numbers[start + best] as number)) best = i;
  return best;
}

/**
 * The judge: what a message lacks.
 * @module
 */
import { dirname } from "node:path";
import { formatProblems } from "../../../framework/definitions/problem.ts";
import { type ProblemCode, problemCatalogue } from "../../../framework/definitions/problem-catalogue.ts";
import type { Malformed } from "./malformed.ts";
import type { Outcome } from "./stage.ts";

/** Of the checkout that the campaign itself is in. */
const testFolder = dirname(import.meta.dirname);

/** What may be wrong with a file as a whole: it exports nothing, takes all memory, changed what all objects have. */
const ofWholeFile: readonly ProblemCode[] = ["project-evaluation-failed", "project-file-invalid", "prototype-changed"];

/** Problems that say in their sentence what was got and expected. */
const saidInOne: readonly ProblemCode[] = ["project-not-data", "project-type-error"];

/** Lists how the outcome of a malformed project falls short of what must be said of it; nothing when it does not. */
export function findShortcomings(
  wrong: Malformed,
  source: string,
  { problems, printed, spec, written }: Outcome,
): string[] {
  const lines = source.split("\n");
  const codes = [...new Set(problems.map(({ code }) => code))].sort();
  const lacks: (readonly [string, boolean])[] = [
    ["is taken for right", spec !== undefined],
    [`has the codes ${codes.join(", ")}`, codes.join() !== [...wrong.codes].sort().join()],
    [`writes ${written.join(", ")}`, written.length > 0],
    [`is not at ${wrong.at}`, wrong.at !== undefined && !problems.some(({ at }) => at === wrong.at)],
    [
      `is not at the line "${wrong.line}"`,
      wrong.line !== undefined &&
        !problems.some(({ line = 0 }) => lines[line - 1]?.trimStart().startsWith(wrong.line ?? "")),
    ],
    ...wrong.says.map((part) => [`does not say ${part}`, !printed.includes(part)] as const),
    ["shows what it must hide", wrong.hides !== undefined && printed.includes(wrong.hides)],
    ["shows a stack", /\n\s+at .+:\d+:\d+/.test(printed)],
    ["shows what only a program knows", /\bundefined\b|\[object |NaNundefined/.test(printed)],
    ["shows a hidden character", /[\p{Cf}\p{Cs}]|(?![\n\t])\p{Cc}/u.test(printed)],
    ["shows a path of this machine", printed.includes(testFolder) || printed.includes("steward-messages-")],
    ...problems.flatMap((problem) => [
      [`${problem.code} names no file`, problem.file === undefined] as const,
      [
        `${problem.code} has no place in the file`,
        problem.line === undefined && problem.at === "" && !ofWholeFile.includes(problem.code),
      ] as const,
      [
        `${problem.code} tells neither what was got nor what was expected nor what to do`,
        (problem.got ?? problem.expected ?? problem.fix) === undefined && !saidInOne.includes(problem.code),
      ] as const,
      [
        `${problem.code} gives no advice`,
        !formatProblems([problem]).includes(` — ${problem.fix ?? problemCatalogue[problem.code].fix}`),
      ] as const,
    ]),
  ];
  return lacks.flatMap(([lack, isSo]) => (isSo ? [lack] : []));
}

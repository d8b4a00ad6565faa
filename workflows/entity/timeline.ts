/**
 * Lines in a workflow's timeline: what was decided, where an operator follows what happened. The engine shows activities,
 * children, messages and timers; a decision is none of these, so it stands there as a timer of a moment with its words.
 * @module
 */
import { sleep } from "@temporalio/workflow";

/** The engine takes 400 bytes of summary; a character of UTF-8 has at most four. */
const longest = 100;

/** Writes a line into the timeline. */
export async function writeTimeline(line: string): Promise<void> {
  const [first = ""] = line.split("\n");
  const summary = first.length <= longest ? first : `${first.slice(0, longest - 1)}…`;
  await sleep(1, { summary });
}

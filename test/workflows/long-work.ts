/**
 * Long work of activities, done without an engine: nobody hears what it shows, and nothing cancels it.
 * @module
 */
import type { ActivityTools, LongWork } from "../../workflows/activity-tools.ts";

/** Does long work as its first attempt, in no folder. @param change what is otherwise */
export function performAlone(change: Partial<LongWork> = {}): ActivityTools["performLong"] {
  const { signal } = new AbortController();
  const nobody = () => undefined;
  return (_step, work) => work({ attempt: 1, signal, workFolder: "", show: nobody, showProgress: nobody, ...change });
}

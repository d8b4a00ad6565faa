/**
 * A step that somebody has terminated: it could not end what it had begun outside of the engine, so whoever waits for it does.
 * @module
 */
import { CancellationScope, ChildWorkflowFailure, patched, TerminatedFailure } from "@temporalio/workflow";

/** Runs a step. @param leave what is done where it was terminated; that it fails changes nothing */
export async function unlessTerminated(run: () => Promise<unknown>, leave: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const isTerminated = error instanceof ChildWorkflowFailure && error.cause instanceof TerminatedFailure;
    if (isTerminated && patched("terminated-left"))
      await CancellationScope.nonCancellable(() => leave().catch(() => undefined));
    throw error;
  }
}

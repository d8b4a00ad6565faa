/**
 * How activities are retried and timed, in the few kinds there are.
 * @module
 */
import { ActivityCancellationType, type ActivityOptions } from "@temporalio/workflow";

/** A look at the store or a small conditional write. */
export const quickWork: ActivityOptions = {
  startToCloseTimeout: "30 seconds",
  retry: { initialInterval: "500 milliseconds", maximumInterval: "10 seconds" },
};

/**
 * Work that takes minutes or hours: it heartbeats, so a lost worker is noticed within the heartbeat timeout, and another
 * attempt goes on. What a person must mend is not retryable and fails at once.
 */
export const longWork: ActivityOptions = {
  startToCloseTimeout: "24 hours",
  heartbeatTimeout: "20 seconds",
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: "1 second", maximumInterval: "30 seconds" },
};

/**
 * What histories say in words.
 * @module
 */
import type { Client } from "@temporalio/client";

/** The lines that an entity wrote into its history, in order. */
export async function readTimeline(client: Client, workflowId: string): Promise<readonly string[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer, userMetadata }) => {
    const data = timer && userMetadata?.summary?.data;
    return data ? [JSON.parse(Buffer.from(data).toString()) as string] : [];
  });
}

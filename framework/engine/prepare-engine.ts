/**
 * Prepares an engine: its namespace and its search attributes, so that everything after can count on them. Repeated, it
 * changes nothing.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { Connection } from "@temporalio/client";
import type { EngineConnection } from "../connection/connection.ts";
import { searchAttributes } from "./search-attributes.ts";

/** How long closed histories stay in Temporal: the sweeper exports them within seconds, so this is for people to look at. */
const retentionSeconds = 30 * 86_400;

const alreadyExists = 6;
const keyword = 2;

export async function prepareEngine({ address, namespace }: EngineConnection): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod: { seconds: retentionSeconds } as never })
      .catch(unlessExisting);
    const names = Object.values(searchAttributes).map(({ name }) => name);
    // A new namespace is known to all parts of the server a moment after it is registered.
    await retry(async () => {
      const known = await connection.operatorService.listSearchAttributes({ namespace });
      const missing = names.filter((name) => !(name in (known.customAttributes ?? {})));
      if (missing.length === 0) {
        // Only what its queries know may be used when a workflow starts.
        const query = names.map((name) => `${name} = "none"`).join(" OR ");
        await connection.workflowService.countWorkflowExecutions({ namespace, query });
        return;
      }
      const wanted = Object.fromEntries(missing.map((name) => [name, keyword]));
      await connection.operatorService
        .addSearchAttributes({ namespace, searchAttributes: wanted })
        .catch(unlessExisting);
      throw new Error("search attributes were just added");
    });
  } finally {
    await connection.close();
  }
}

function unlessExisting(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === alreadyExists)) throw error;
}

async function retry(work: () => Promise<void>): Promise<void> {
  for (let left = 60; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0) throw error;
      await delay(500);
    }
  }
}

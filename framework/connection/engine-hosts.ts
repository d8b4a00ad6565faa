/**
 * What an engine remembers of the hosts that it ran on.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { historiesFile } from "./temporal-config.ts";

/**
 * Makes an engine that is down forget the hosts that its data name. A server joins those that were alive in the last twenty
 * seconds: one that starts on a copy of data would join the server of their origin, and leave its work to it.
 *
 * @param folder the engine's
 */
export function forgetEngineHosts(folder: string): void {
  const path = join(folder, historiesFile);
  if (!existsSync(path)) return;
  const histories = new DatabaseSync(path, { timeout: 10_000 });
  try {
    const made = histories.prepare("SELECT 1 FROM sqlite_master WHERE name = 'cluster_membership'").get();
    if (made) histories.exec("DELETE FROM cluster_membership");
  } finally {
    histories.close();
  }
}

/**
 * The address of a stack's own database.
 * @module
 */
import { databaseOwner } from "./cluster.ts";

/** Where it is, with the owner's name and password. Secret. */
export function locateDatabase({ port, password }: { readonly port: number; readonly password: string }): string {
  return `postgres://${databaseOwner}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

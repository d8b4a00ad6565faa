/**
 * The connection of a stack as resources and services take it: with its secret marked.
 * @module
 */
import { type Input, type Output, output, secret } from "@pulumi/pulumi";
import type { Connection, StoreConnection } from "../framework/connection/connection.ts";

/** A connection whose secret is an output. */
export interface ConnectionArgs extends Omit<Connection, "store"> {
  readonly store: Omit<StoreConnection, "secretKey"> & { readonly secretKey: Input<string> };
}

/** Marks the secret of a connection; the rest stays readable in previews. */
export function protectConnection(connection: Connection): ConnectionArgs {
  return { ...connection, store: { ...connection.store, secretKey: secret(connection.store.secretKey) } };
}

/** The connection as the text that programs read from `STEWARD_CONNECTION`, secret as a whole. */
export function printConnection(connection: ConnectionArgs): Output<string> {
  return output(connection).apply((plain) => JSON.stringify(plain));
}

/**
 * Where the online store of a stack is, as services are told.
 * @module
 */
import { type Output, secret } from "@pulumi/pulumi";

/** The online store of a stack. */
export interface OnlineArgs {
  /** Its folder, absolute. */
  readonly folder: string;
  /** The Redis or Valkey server that is used in its place, `redis://user:password@host:port/database`. @default the folder is used */
  readonly url?: string;
}

/** The variables that tell of it and are not secret. */
export function onlineEnvironment({ folder }: OnlineArgs): Readonly<Record<string, string>> {
  return { STEWARD_ONLINE_FOLDER: folder };
}

/** The variables that tell of it and are secret. */
export function onlineSecrets({ url }: OnlineArgs): Readonly<Record<string, Output<string>>> {
  return url === undefined ? {} : { STEWARD_ONLINE_URL: secret(url) };
}

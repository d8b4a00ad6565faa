/**
 * The online store of a stack, wherever it is.
 * @module
 */
import { openLmdbStore } from "./lmdb-store.ts";
import type { OnlineStore } from "./online-store.ts";
import { openRedisStore } from "./redis-store.ts";

/** Where the online store of a stack is. */
export interface OnlineLocation {
  /** The folder of the store on this disk. */
  readonly folder: string;
  /** The server that is used in its place, `redis://…`; it holds a secret. @default the folder is used */
  readonly url?: string;
  /** What the keys on a server begin with: the stack. */
  readonly prefix: string;
}

/** Opens the online store. @throws StewardError `online-store-unreachable`, `online-store-refused` */
export async function openOnlineStore(
  { folder, url, prefix }: OnlineLocation,
  { readOnly }: { readonly readOnly: boolean },
): Promise<OnlineStore> {
  return url === undefined ? openLmdbStore({ folder, readOnly }) : openRedisStore({ url, prefix: `${prefix}:` });
}

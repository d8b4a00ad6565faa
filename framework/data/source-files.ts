/**
 * The files of a source as they are now: on this machine, or to be fetched from where they are.
 * @module
 */
import type { Digest } from "../plan/digest.ts";
import type { FittedValue } from "./derivation/fitted-value.ts";
import type { OnProgress } from "./progress.ts";

/** A file of a source as it is now. */
export type SourceFile = LocalFile | RemoteFile;

interface ListedFile {
  /** What a version calls it: its path below the folder where the source begins; "" where the source is one file. */
  readonly name: string;
  /** What tells whether it is still the same: of a file on this machine the digest of its bytes. */
  readonly fingerprint: Digest;
  /** In bytes; 0 where nobody knows yet. */
  readonly size: number;
}

/** A file on this machine. */
export interface LocalFile extends ListedFile {
  /** Where it lies, absolute. */
  readonly path: string;
}

/** A file elsewhere. */
export interface RemoteFile extends ListedFile {
  /**
   * Brings it to this machine as it was listed. Whoever asks removes it.
   * @param folder an existing folder, for this file alone
   * @returns its absolute path; the name ends as the format asks, `.gz` too
   * @throws StewardError `source-changed` when it is no longer as it was listed
   */
  readonly fetch: (folder: string, options: FetchOptions) => Promise<string>;
  /** What steps of a derivation found in their rows while it was fetched, for the version. @default it is not derived */
  readonly fitted?: () => readonly FittedValue[];
}

export interface FetchOptions {
  /** @default nothing aborts */
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phase `fetching`, in bytes, and of what is derived of `deriving`, in percent. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
}

/** A source as it is now. */
export interface SourceListing {
  /** What tells whether it is still the same: of the names and fingerprints of its files. */
  readonly fingerprint: Digest;
  /** In the order of their names. */
  readonly files: readonly SourceFile[];
}

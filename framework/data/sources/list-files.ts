/**
 * Listing: which files a source has now, wherever it is.
 * @module
 */
import type { DatasetSpec } from "../../definitions/spec.ts";
import type { Store } from "../../store/store.ts";
import type { VersionFile } from "../dataset-version.ts";
import type { DerivationProgram } from "../derivation/program.ts";
import { listSource } from "../fingerprint.ts";
import type { SourceListing } from "../source-files.ts";
import { listDerived } from "./derived.ts";
import { listAnswer } from "./http.ts";
import { listRows } from "./postgres.ts";
import { listPushed } from "./push.ts";
import { listObjects } from "./s3.ts";

/** What reaching a source takes. */
export interface SourceAccess {
  readonly spec: DatasetSpec;
  /** The absolute path of a file on this machine, or a pattern; of a source elsewhere, what people are told of it. */
  readonly location: string;
  /** What the stack supplies, by name; secrets among them. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly store: Store;
  /** The files of the version that is built on: a source that only grows is asked for what came after. Empty at first. */
  readonly base: readonly VersionFile[];
  /** What is read again, whether it looks changed or not. @default nothing */
  readonly again?: ReadAgain | undefined;
  /** The root of the version of each dataset that a derived one is made from, by name. @default {} */
  readonly upstream?: Readonly<Record<string, string>> | undefined;
  /** The programs of a derived dataset's steps, in their order. @default it has none */
  readonly programs?: readonly DerivationProgram[] | undefined;
  /** An existing folder for what does not fit in memory. Left as it was found. */
  readonly workFolder: string;
  /** @default nothing aborts */
  readonly signal?: AbortSignal | undefined;
}

/** A range of what a source orders its rows by, read again: from the first value on, up to and without the second. */
export interface ReadAgain {
  /** @default from the beginning */
  readonly from?: string;
  /** @default to the end */
  readonly to?: string;
}

/** Lists the files of a source. @throws StewardError when it cannot be reached, or has no file */
export async function listFiles(access: SourceAccess): Promise<SourceListing> {
  const { source } = access.spec;
  switch (source.kind) {
    case "file":
      return listSource(access.location);
    case "s3":
      return listObjects(source, access);
    case "http":
      return listAnswer(source, access);
    case "postgres":
      return listRows(source, access);
    case "push":
      return listPushed(access);
    case "derived":
      return listDerived(source, access);
  }
}

/**
 * What the makers of tools, the Go build and the wheel installation, are given.
 * @module
 */
import type { CommandOptions } from "./command.ts";

export interface MakeOptions extends Omit<CommandOptions, "folder"> {
  readonly folders: {
    /** Empty; what is in it afterwards becomes the cache entry. */
    readonly result: string;
    /** For what the maker writes on its way. */
    readonly temporary: string;
  };
}

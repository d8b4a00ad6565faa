/**
 * What passes between an endpoint's entity and whoever fills the online store for it.
 * @module
 */
import type { DesiredModel } from "../../framework/engine/desired.ts";

/** Asks what a server of a package looks up. */
export interface OnlineLookUp {
  /** The package's digest. */
  readonly package: string;
  /** What it was made from. @default an entity of an older Steward told of it */
  readonly desired?: DesiredModel;
}

/** What a server of a package looks up. */
export interface OnlineNeeds {
  /** The datasets whose rows are looked up, by name. */
  readonly datasets: readonly string[];
}

export interface MaterialiseOnlineInput {
  /** The package's digest. */
  readonly package: string;
  /** The root of the version of each dataset, by name, where the dataset's log has none. */
  readonly roots: { readonly [dataset: string]: string };
  /** The moment as of which the tables are filled. @default that at which they are */
  readonly asOf?: "latest-event";
}

/**
 * Which variants a request is for: those that its unit may be assigned to, or the one that it names.
 * @module
 */
import { readHeaderText } from "../header-text.ts";
import type { LiveVariant, LiveVariants } from "./live-variants.ts";
import type { VariantCounts } from "./variant-counts.ts";

/** The header that names the unit, and the key of gRPC's metadata. */
export const unitHeader = "steward-unit";
/** The header that says which variant answered, where there are several. */
export const variantHeader = "steward-variant";

/** What a request is addressed to. */
export interface Addressed {
  readonly set: LiveVariants;
  /** The variant whose model or version the request names. @default one is assigned */
  readonly named: LiveVariant | undefined;
  /** What assignment goes by: the caller's customer, session, device. @default the id of the answer */
  readonly unit: string | undefined;
}

/** What a record says of how its variant was chosen. */
export interface ChoiceNote {
  /** @default the caller gave none, and assignment went by the id */
  readonly unit?: string;
  /** @default the variant was assigned */
  readonly named?: true;
  /** The variant that the unit has, which could not answer a request of the champion's features. @default the one that answered */
  readonly assigned?: string;
}

/** A variant, and how it came about. */
export interface ChosenVariant {
  readonly variant: LiveVariant;
  readonly note: ChoiceNote;
}

/** Reads the unit that a request names, as `readHeaderText` does. */
export function readUnit(given: string | readonly string[] | undefined): string | undefined {
  return readHeaderText(unitHeader, given);
}

/** What assignment goes by. */
export interface Chooser {
  /** @default the caller names none */
  readonly unit: string | undefined;
  /** Of the answer. */
  readonly id: string;
}

/** What a record says of the unit. */
export function noteUnit(unit: string | undefined): ChoiceNote {
  return unit === undefined ? {} : { unit };
}

/** Chooses the variant that answers a request by features. @param id of the answer */
export function chooseVariant({ set, named, unit }: Addressed, id: string): ChosenVariant {
  const own = noteUnit(unit);
  if (named) return { variant: named, note: { ...own, named: true } };
  const assigned = set.assign(unit ?? id);
  // Its caller brought the champion's features, and would be dropped else.
  if (assigned.order === "none") return { variant: set.champion, note: { ...own, assigned: assigned.name } };
  return { variant: assigned, note: own };
}

/**
 * Where it is counted what comes of a request. One whose caller chose the version is no evidence of the variant: who wants it to look
 * bad, or good, could ask it alone.
 */
export function findCounts({ variant, note }: ChosenVariant): VariantCounts | undefined {
  return note.named ? undefined : variant.counts;
}

/** The variant by whose inputs and outputs a request is read. */
export function findReader({ set, named }: Addressed): LiveVariant {
  return named ?? set.champion;
}

/**
 * The fixed list of search attributes. SQLite visibility has room for ten keywords and three times, so the list is short
 * and closed.
 * @module
 */
import { defineSearchAttributeKey, SearchAttributeType } from "@temporalio/common";

export const searchAttributes = {
  /** The project a workflow belongs to. */
  project: defineSearchAttributeKey("StewardProject", SearchAttributeType.KEYWORD),
  /** The definition it is about: `model/late-arrival`. */
  definition: defineSearchAttributeKey("StewardDefinition", SearchAttributeType.KEYWORD),
  /** An entity's state, or a step's name. */
  state: defineSearchAttributeKey("StewardState", SearchAttributeType.KEYWORD),
} as const;

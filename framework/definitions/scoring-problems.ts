/**
 * The codes of what goes wrong where the rows of a dataset are scored. Sorted by code.
 * @module
 */
import type { CatalogueEntry } from "./problem-catalogue.ts";

export const scoringProblems = {
  "scoring-column": {
    means: "A column that is to be kept beside the answers is not in the dataset, or has a name that is taken.",
    fix: "name columns of the dataset with --columns; npx steward data show <dataset> lists them",
  },
  "scoring-impossible": {
    means:
      "A dataset has not what a model's features are computed from, or it cannot be told whether its columns are that or the features.",
    fix: "score the dataset that the model was trained on, or one with the same columns",
  },
  "scoring-out-of-memory": {
    means: "The process that scores rows used more memory than it may, and was ended.",
    fix: "keep fewer columns with --columns, or score by a smaller model; what was scored already stays",
  },
} as const satisfies Record<string, CatalogueEntry>;

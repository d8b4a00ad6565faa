/**
 * The codes of what goes wrong where experiments are looked at, and where what was tracked is restored. Sorted by code.
 * @module
 */
import type { CatalogueEntry } from "./problem-catalogue.ts";

export const trackingProblems = {
  "database-not-empty": {
    means: "What was sealed is to be restored into a database that has runs or models of its own.",
    fix: "name an empty database; --add restores beside what is there, where that has no other experiments",
  },
  "database-unnamed": {
    means: "A stack tracks experiments in a database that it keeps no password of.",
    fix: "name the database in the variable STEWARD_TRACKING_DATABASE",
  },
  "database-unreachable": {
    means: "A database that was named does not answer, or lets nobody in with what it was shown.",
    fix: "see that the PostgreSQL server runs, and that the address has its user, password and database",
  },
  "experiment-unknown": {
    means: "There is no experiment of a name.",
    fix: "list them with npx steward experiments",
  },
  "run-unknown": {
    means:
      "What was named is no run, no version of a model and no experiment, or a version that was trained while nothing was tracked.",
    fix: "list runs with npx steward runs <experiment>",
  },
  "tracking-off": {
    means: "A stack does not track experiments.",
    fix: "npx pulumi config set steward:tracking local, then npx pulumi up",
  },
  "tracking-refused": {
    means: "A tracking server refused what it was asked, such as a filter that is none.",
    fix: "mend the filter or the order by what the server says; a token is taken from MLFLOW_TRACKING_TOKEN",
  },
  "tracking-unreachable": {
    means: "A tracking server does not answer.",
    fix: "see that it runs, and that its address is right; a stack's own comes back with npx pulumi up",
  },
} as const satisfies Record<string, CatalogueEntry>;

/**
 * The table of artifacts: which bytes are under which path. The bytes are objects of the store, named by their digest.
 * @module
 */
import type { MigrationArea } from "../database.ts";

/** Paths are compared byte by byte, so that what lies in a folder is one range of the index. */
export const artifactTables: MigrationArea = {
  area: "artifacts",
  migrations: [
    {
      number: 1,
      statements: `
        CREATE TABLE artifacts (
          path text COLLATE "C" PRIMARY KEY,
          sha256 text NOT NULL,
          size bigint NOT NULL,
          updated bigint NOT NULL,
          actor text NOT NULL
        );`,
    },
  ],
};

/**
 * The tables of the registry: registered models, their versions, tags and aliases.
 * @module
 */
import type { MigrationArea } from "../database.ts";

export const registryTables: MigrationArea = {
  area: "registry",
  migrations: [
    {
      number: 1,
      statements: `
        CREATE TABLE registered_models (
          id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          name text COLLATE "C" NOT NULL UNIQUE,
          description text,
          created bigint NOT NULL,
          updated bigint NOT NULL,
          actor text NOT NULL,
          -- The number of the latest version, also of one that was deleted since: numbers are not given twice.
          numbered int NOT NULL DEFAULT 0
        );
        CREATE TABLE registered_model_tags (
          model bigint NOT NULL REFERENCES registered_models ON DELETE CASCADE,
          key text NOT NULL,
          value text NOT NULL,
          PRIMARY KEY (model, key)
        );
        CREATE TABLE model_versions (
          model bigint NOT NULL REFERENCES registered_models ON DELETE CASCADE,
          version int NOT NULL,
          created bigint NOT NULL,
          updated bigint NOT NULL,
          actor text NOT NULL,
          stage text NOT NULL DEFAULT 'None',
          description text,
          source text NOT NULL,
          -- What the source was resolved to when the version was made: an address of artifacts, or the source itself.
          location text NOT NULL,
          run_id text,
          run_link text,
          logged_model text,
          PRIMARY KEY (model, version)
        );
        CREATE INDEX model_versions_by_run ON model_versions (run_id);
        CREATE INDEX model_versions_by_logged_model ON model_versions (logged_model);
        CREATE TABLE model_version_tags (
          model bigint NOT NULL,
          version int NOT NULL,
          key text NOT NULL,
          value text NOT NULL,
          PRIMARY KEY (model, version, key),
          FOREIGN KEY (model, version) REFERENCES model_versions ON DELETE CASCADE
        );
        CREATE TABLE registered_model_aliases (
          model bigint NOT NULL REFERENCES registered_models ON DELETE CASCADE,
          alias text NOT NULL,
          version int NOT NULL,
          PRIMARY KEY (model, alias),
          FOREIGN KEY (model, version) REFERENCES model_versions ON DELETE CASCADE
        );`,
    },
  ],
};

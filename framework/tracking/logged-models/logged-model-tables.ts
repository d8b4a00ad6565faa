/**
 * The tables of logged models: models that runs made, before and beside their registration. Their metrics are in the tables of runs.
 * @module
 */
import type { MigrationArea } from "../database.ts";

export const loggedModelTables: MigrationArea = {
  area: "logged-models",
  migrations: [
    {
      number: 1,
      statements: `
        CREATE TABLE logged_models (
          model_id text COLLATE "C" PRIMARY KEY,
          experiment_id bigint NOT NULL REFERENCES experiments,
          name text COLLATE "C" NOT NULL,
          artifact_uri text NOT NULL,
          created bigint NOT NULL,
          updated bigint NOT NULL,
          status text NOT NULL DEFAULT 'PENDING',
          model_type text,
          source_run_id text COLLATE "C",
          lifecycle_stage text NOT NULL DEFAULT 'active',
          actor text NOT NULL
        );
        CREATE INDEX logged_models_by_time ON logged_models (experiment_id, created DESC, model_id);
        CREATE INDEX logged_models_by_run ON logged_models (source_run_id);
        CREATE TABLE logged_model_params (
          model_id text COLLATE "C" NOT NULL REFERENCES logged_models,
          key text COLLATE "C" NOT NULL,
          value text NOT NULL,
          PRIMARY KEY (model_id, key)
        );
        CREATE TABLE logged_model_tags (
          model_id text COLLATE "C" NOT NULL REFERENCES logged_models,
          key text COLLATE "C" NOT NULL,
          value text NOT NULL,
          PRIMARY KEY (model_id, key)
        );`,
    },
  ],
};

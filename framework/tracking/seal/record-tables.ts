/**
 * The tables of records to seal: what is no run's own, such as experiments, logged models, registered models and their versions. A change of any is
 * noted by the database itself, in the transaction that makes it, so that none is overlooked.
 *
 * - `record_changes` says which records were changed since they were sealed; a change is removed when its record is sealed.
 * - `record_seals` says which documents of each record the store has.
 * @module
 */
import type { MigrationArea } from "../database.ts";

/** The setting under which changes are not noted, for the time of a transaction: what is restored is sealed already. */
export const restoringSetting = "steward.restoring";

/** Of each table whose rows are of a record: its kind, and the columns that name it. */
const tables = [
  ["experiments", "experiment", "experiment_id"],
  ["experiment_tags", "experiment", "experiment_id"],
  ["registered_models", "registered-model", "id"],
  ["registered_model_tags", "registered-model", "model"],
  ["registered_model_aliases", "registered-model", "model"],
  ["model_versions", "model-version", "model", "version"],
  ["model_version_tags", "model-version", "model", "version"],
  ["logged_models", "logged-model", "model_id"],
  ["logged_model_params", "logged-model", "model_id"],
  ["logged_model_tags", "logged-model", "model_id"],
  ["logged_model_metrics", "logged-model", "model_id"],
] as const;

const triggers = tables.map(([table, kind, ...columns]) => {
  const words = [kind, ...columns].map((word) => `'${word}'`).join(", ");
  return `CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION note_change(${words});`;
});

// What was there before this version kept seals of it is to be sealed as well.
const present = `
  INSERT INTO record_changes (kind, id) SELECT 'experiment', experiment_id::text FROM experiments;
  INSERT INTO record_changes (kind, id) SELECT 'registered-model', id::text FROM registered_models;
  INSERT INTO record_changes (kind, id) SELECT 'model-version', model || '.' || version FROM model_versions;
  INSERT INTO record_changes (kind, id) SELECT 'logged-model', model_id FROM logged_models;`;

export const recordTables: MigrationArea = {
  area: "records",
  migrations: [
    {
      number: 1,
      statements: `
        CREATE TABLE record_changes (
          number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          kind text NOT NULL,
          id text COLLATE "C" NOT NULL
        );
        CREATE TABLE record_seals (
          kind text NOT NULL,
          id text COLLATE "C" NOT NULL,
          number int NOT NULL,
          sha256 text NOT NULL,
          size bigint NOT NULL,
          at bigint NOT NULL,
          PRIMARY KEY (kind, id, number)
        );
        CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
        DECLARE changed jsonb;
        BEGIN
          IF current_setting('${restoringSetting}', true) = 'on' THEN RETURN NULL; END IF;
          IF TG_OP = 'DELETE' THEN changed := to_jsonb(OLD); ELSE changed := to_jsonb(NEW); END IF;
          INSERT INTO record_changes (kind, id)
            SELECT TG_ARGV[0], string_agg(changed ->> name, '.' ORDER BY place)
            FROM unnest(TG_ARGV[1:]) WITH ORDINALITY AS names (name, place);
          RETURN NULL;
        END $$;
        CREATE FUNCTION note_artifact() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
        DECLARE changed text;
        BEGIN
          IF current_setting('${restoringSetting}', true) = 'on' THEN RETURN NULL; END IF;
          IF TG_OP = 'DELETE' THEN changed := OLD.path; ELSE changed := NEW.path; END IF;
          INSERT INTO record_changes (kind, id)
            SELECT 'logged-model', model_id FROM logged_models WHERE model_id = substring(changed from '/models/([^/]+)/artifacts/');
          RETURN NULL;
        END $$;
        CREATE TRIGGER note_artifact AFTER INSERT OR UPDATE OR DELETE ON artifacts FOR EACH ROW EXECUTE FUNCTION note_artifact();
        ${triggers.join("\n        ")}
        ${present}`,
    },
  ],
};

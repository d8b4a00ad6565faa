/**
 * The bitemporal join: answers of an endpoint's log, and what was known of their labels at a moment.
 *
 * A label has two times: when it became true, and when it was recorded. Asked as of a moment, the join sees what had been recorded by
 * then, and so says forever after what it would have said then. Of what it sees of one row of one answer:
 *
 * 1. what says the same as an earlier record, is none: it was sent again. A correction is none only where it says the same as the
 *    correction before it, for it may go back to what an earlier one said;
 * 2. a correction takes back whatever was recorded before it;
 * 3. of the rest, the label that became true last counts; of several at one time, the one that was recorded last.
 *
 * A label that is sealed, as `revealLabels` leaves it, takes its place among the others: where it is the one that counts, none is known, and
 * not what was said before it. It says the same as a record of the same text alone.
 *
 * What a dataset says of a row counts where nobody sent anything of it. A label of an id that several answers have counts for none of
 * them: nobody knows which is meant.
 * @module
 */
import type { DuckDb } from "../data/duckdb.ts";
import { quoteText } from "../data/sql.ts";
import { streamChunks } from "../data/stream-chunks.ts";
import type { LabelSpec } from "../definitions/feedback-spec.ts";
import type { Task } from "../definitions/metric.ts";

/** What is joined, as SQL of relations. */
export interface JoinSources {
  /** The records of answers, with the columns of `record-columns.ts`. */
  readonly answers: string;
  /** The records of labels that were sent, with the same columns. */
  readonly labels: string;
  /** Labels of a dataset, as it was live at the moment: `id`, `row`, `label`, `time`. @default there is none */
  readonly dataset?: string;
}

export interface JoinTerms {
  readonly task: Task;
  readonly label: LabelSpec;
  /** As of when it is asked, in milliseconds since 1970. */
  readonly asOf: number;
}

/** A row that was answered, with what is known of its label. */
export interface LabelledRow {
  /** The id of the answer that a caller got, and which of its rows it is, from 0. */
  readonly id: string;
  readonly row: number;
  /** When it was answered, in milliseconds since 1970. */
  readonly time: number;
  /** @default the model stood alone */
  readonly variant?: string;
  readonly version: string;
  /** The digest of the package that answered. */
  readonly package: string;
  /** Whom the answer was for. @default nobody said */
  readonly unit?: string;
  /** Whether nobody saw the answer: it was made beside the one that was given. */
  readonly isShadow: boolean;
  /** Its numbers: of several classes one for each. */
  readonly predictions: readonly number[];
  /** What the answer that was given says, by which it was decided. @default it is a number, or was not logged */
  readonly given?: string;
  /** The first number of the answer that was given. */
  readonly givenValue: number;
  /** @default none is known */
  readonly label?: boolean | number | string;
  /** Whether whoever sent the label says that it is there only because of the answer. @default nobody says */
  readonly selected?: boolean;
  /** When the label became true, in milliseconds since 1970. @default no label is known */
  readonly labelTime?: number;
}

const outputs: Readonly<Record<Task, string>> = {
  binary: "probability",
  multiclass: "probabilities",
  regression: "value",
};

const labelTypes: Readonly<Record<LabelSpec["type"], string>> = {
  boolean: "BOOLEAN",
  string: "VARCHAR",
  integer: "DOUBLE",
  number: "DOUBLE",
};

/** Makes the tables of the join: `answered`, the rows of answers; `told`, what was told by then; `known`, the label of each row. */
export async function joinLabels(db: DuckDb, sources: JoinSources, terms: JoinTerms): Promise<void> {
  const { task, label, asOf } = terms;
  const more = (field: string) => `json_extract_string(more, ${quoteText(`$.${field}`)})`;
  const output = (name: string, type: string) => `CAST(json_extract(outputs, ${quoteText(`$.${name}`)}) AS ${type}[])`;
  // A record may be there twice: in a segment and in the part that was made of it. Callers may give one id to several requests: each
  // of their answers is one.
  await db.run(`CREATE TEMP TABLE answered AS
    WITH read AS (
      SELECT id AS own, coalesce(${more("of")}, id) AS id, coalesce(${more("shadow")} = 'true', FALSE) AS shadow,
        epoch_ms(time) AS time, variant, version, package, unit, replica, sequence,
        ${output(outputs[task], "DOUBLE")} AS numbers,
        ${task === "regression" ? "CAST(NULL AS VARCHAR[])" : output("label", "VARCHAR")} AS labels
      FROM (${sources.answers}) WHERE epoch_ms(time) <= ${asOf}
    ), once AS (
      SELECT * FROM read WHERE own IS NOT NULL AND len(numbers) > 0
      QUALIFY row_number() OVER (PARTITION BY own, replica, sequence ORDER BY time) = 1
    ), shared AS (SELECT id FROM once GROUP BY own, id HAVING count(*) > 1),
    counted AS (SELECT *, coalesce(len(labels), len(numbers)) AS rows FROM once),
    placed AS (SELECT *, unnest(range(rows)) AS row, len(numbers) // rows AS width FROM counted WHERE rows > 0)
    SELECT id, row::DOUBLE AS row, shadow, id IN (FROM shared) AS shared, time, variant, version, package, unit, replica, sequence,
      numbers[row * width + 1 : (row + 1) * width] AS numbers, labels[row + 1] AS said
    FROM placed`);
  // What was sent while the endpoint's labels were of another type is none of this one.
  await db.run(`CREATE TEMP TABLE told AS
    WITH read AS (
      SELECT DISTINCT id, CAST(coalesce(${more("row")}, '0') AS BIGINT) AS row,
        TRY_CAST(${more("label")} AS ${labelTypes[label.type]}) AS label, ${more("sealed")} AS sealed, epoch_ms(time) AS time,
        epoch_ms(CAST(${more("recorded")} AS TIMESTAMPTZ)) AS recorded,
        coalesce(${more("correction")} = 'true', FALSE) AS correction,
        CAST(${more("selected")} AS BOOLEAN) AS selected, replica, sequence
      FROM (${sources.labels})
    )
    SELECT *, CASE
        WHEN correction THEN lag(row(label, sealed, time, selected)) OVER (
          PARTITION BY id, row, correction ORDER BY recorded, replica, sequence) IS NOT DISTINCT FROM row(label, sealed, time, selected)
        ELSE row_number() OVER (
          PARTITION BY id, row, label, sealed, time, correction, selected ORDER BY recorded, replica, sequence) > 1
      END AS repeated
    FROM read WHERE recorded <= ${asOf} AND time <= ${asOf} AND (label IS NOT NULL OR sealed IS NOT NULL)
      AND id IS NOT NULL`);
  await db.run(`CREATE TEMP TABLE known AS
    WITH placed AS (
      SELECT *, row_number() OVER (PARTITION BY id, row ORDER BY recorded, replica, sequence) AS place FROM told WHERE NOT repeated
    ), standing AS (
      SELECT *, coalesce(max(CASE WHEN correction THEN place END) OVER (PARTITION BY id, row), 1) AS since FROM placed
    )
    SELECT id, row::DOUBLE AS row, label, time, selected FROM standing WHERE place >= since
    QUALIFY row_number() OVER (PARTITION BY id, row ORDER BY time DESC, place DESC) = 1`);
  if (sources.dataset === undefined) return;
  // A label that names no row is of the only one. A row that is none, as half of one, stays what it is, and is found in no answer.
  await db.run(`INSERT INTO known
    WITH said AS (
      SELECT id, coalesce(CAST(row AS DOUBLE), CASE WHEN id NOT IN (SELECT id FROM answered WHERE row > 0) THEN 0 END) AS row,
        CAST(label AS ${labelTypes[label.type]}) AS label, epoch_ms(time) AS time
      FROM (${sources.dataset})
    )
    SELECT said.id, said.row, said.label, said.time, CAST(NULL AS BOOLEAN)
    FROM said ANTI JOIN known sent ON sent.id = said.id AND sent.row = said.row
    WHERE said.id IS NOT NULL AND said.label IS NOT NULL AND said.time <= ${asOf}
    QUALIFY row_number() OVER (PARTITION BY said.id, said.row ORDER BY said.time DESC, said.label DESC) = 1`);
}

/** The rows of a join, as SQL of its tables. */
export const labelledQuery = `
    SELECT own.id, own.row, own.time::DOUBLE, own.variant, own.version, own.package, own.unit, own.shadow, own.numbers,
      CASE WHEN own.shadow THEN given.said ELSE own.said END, coalesce(given.numbers[1], own.numbers[1]),
      known.label, CASE WHEN known.label IS NOT NULL THEN known.selected END,
      CASE WHEN known.label IS NOT NULL THEN known.time::DOUBLE END
    FROM answered own
    LEFT JOIN (FROM answered WHERE NOT shadow AND NOT shared) given
      ON given.id = CASE WHEN own.shadow THEN own.id END AND given.row = own.row
    LEFT JOIN known ON known.id = CASE WHEN NOT own.shared THEN own.id END AND known.row = own.row
    ORDER BY own.time, own.id, own.row, own.variant, own.replica, own.sequence`;

/** The rows of a join, by time: in one order, so that what is drawn from them by chance is the same each time. @param signal ends it early with its reason. @default it runs to its end */
export async function* streamLabelled(db: DuckDb, signal?: AbortSignal): AsyncGenerator<LabelledRow> {
  for await (const chunk of streamChunks(db, labelledQuery, signal))
    for (const values of chunk.getRows()) yield readRow(values);
}

function readRow(values: readonly unknown[]): LabelledRow {
  const [id, row, time, variant, version, digest, unit, isShadow, numbers, given, givenValue, label, selected, since] =
    values;
  return {
    id: id as string,
    row: row as number,
    time: time as number,
    ...(typeof variant === "string" && { variant }),
    version: String(version ?? ""),
    package: String(digest ?? ""),
    ...(typeof unit === "string" && { unit }),
    isShadow: isShadow === true,
    predictions: (numbers as { readonly items: readonly number[] }).items,
    ...(typeof given === "string" && { given }),
    givenValue: givenValue as number,
    ...(label !== null && { label: label as boolean | number | string }),
    ...(typeof selected === "boolean" && { selected }),
    ...(typeof since === "number" && { labelTime: since }),
  };
}

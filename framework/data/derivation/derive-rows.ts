/**
 * Derivation: from the rows of dataset versions to one Parquet file of the rows that steps make of them. Same versions, steps
 * and programs, same bytes. What does not fit in memory goes to disk.
 * @module
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { DerivationStep, StepOf } from "../../definitions/derivation-step.ts";
import { StewardError } from "../../definitions/problem.ts";
import type { DatasetSpec } from "../../definitions/spec.ts";
import { convertColumn } from "../conversion.ts";
import { copyOptionsOf, copyToParquet, type DuckDb, withDuckDb } from "../duckdb.ts";
import type { OnProgress } from "../progress.ts";
import { quoteName, quotePath } from "../sql.ts";
import { compileStep, isChance, listJoinReads, listStepReads } from "./compile-step.ts";
import { fitValues, listFits } from "./fit-values.ts";
import type { FittedValue } from "./fitted-value.ts";
import { type Flow, type FlowColumn, listNames, selectUpstream, sortColumns, type UpstreamRows } from "./flow.ts";
import type { DerivationProgram } from "./program.ts";

export interface DerivationWork {
  readonly spec: DatasetSpec;
  readonly from: readonly string[];
  readonly steps: readonly DerivationStep[];
  /** The rows of each dataset of `from`, by its name. */
  readonly upstream: Readonly<Record<string, UpstreamRows>>;
  /** The programs of the steps that have one, in their order. @default there are none */
  readonly programs?: readonly DerivationProgram[] | undefined;
  /** The path of the Parquet file that is written. */
  readonly output: string;
  /** An existing folder for what does not fit in memory. Left as it was found, but for the output. */
  readonly workFolder: string;
  /** What may be held in memory, as DuckDB writes sizes. @default "1500MB" */
  readonly memory?: string;
  readonly signal?: AbortSignal | undefined;
  /** Hears of the phase `deriving`, in percent. @default nobody does */
  readonly onProgress?: OnProgress | undefined;
}

/** How often progress is told, in milliseconds. */
const progressInterval = 500;

/**
 * Makes the rows.
 * @returns what was fitted
 * @throws StewardError when a dataset lacks a column that a step reads, or a step finds nothing to fit; what a program throws
 */
export async function deriveRows(work: DerivationWork): Promise<FittedValue[]> {
  const { workFolder, signal, memory = "1500MB", onProgress } = work;
  return withDuckDb(
    workFolder,
    async (db) => {
      const tell = (done: number) => onProgress?.({ phase: "deriving", done, total: 100, unit: "percent" });
      const telling = setInterval(() => tell(Math.min(99, Math.floor(db.progress()))), progressInterval);
      try {
        const fitted = await new Derivation(db, work).run();
        tell(100);
        return fitted;
      } finally {
        clearInterval(telling);
      }
    },
    { memory, ...(signal && { signal }) },
  );
}

/** A derivation under way: steps become views, one over the other, until one has to be there before the next is known. */
class Derivation {
  readonly #db: DuckDb;
  readonly #work: DerivationWork;
  readonly #fitted: FittedValue[] = [];
  readonly #programs: DerivationProgram[];
  #relations = 0;
  #turn = 0;

  constructor(db: DuckDb, work: DerivationWork) {
    this.#db = db;
    this.#work = work;
    this.#programs = [...(work.programs ?? [])];
  }

  async run(): Promise<FittedValue[]> {
    const { from, steps, spec, output } = this.#work;
    const [first = ""] = from;
    const { columns, eventTime } = this.#upstream(first);
    let flow: Flow = { relation: this.#relationOf(first), columns, eventTime };
    for (const name of from)
      await this.#db.run(`CREATE VIEW ${this.#relationOf(name)} AS ${selectUpstream(this.#upstream(name))}`);
    for (const [i, step] of steps.entries()) flow = await this.#do(step, i, flow);
    this.#require(
      flow,
      spec.columns.map(({ name }) => name),
      "schema",
    );
    const wanted = spec.columns.map(({ name }) => ({
      name,
      type: flow.columns.find((one) => one.name === name)?.type ?? "string",
    }));
    const sorted = selectSorted({ ...flow, columns: wanted, eventTime: spec.eventTime });
    await this.#db.run(copyToParquet(sorted, output, copyOptionsOf(spec.columns)));
    return this.#fitted;
  }

  async #do(step: DerivationStep, place: number, given: Flow): Promise<Flow> {
    const at = `source.steps[${place}].${step.step}`;
    this.#require(given, listStepReads(step), at);
    if (step.step === "join") this.#require(this.#upstream(step.dataset), listJoinReads(step), at);
    if (step.step === "python") return this.#runProgram(step, place, given);
    let flow = given;
    let fitted: FittedValue[] = [];
    if ((step.step === "clip" || step.step === "impute") && listFits(step).length > 0) {
      // Each is read twice and more: once to fit, and once to go on.
      flow = await this.#keep(given);
      fitted = await this.#fit(step, place, flow);
    } else if (step.step === "oversample") flow = await this.#keep(given);
    const turn = isChance(step) ? this.#turn++ : this.#turn;
    const { query, columns } = compileStep(step, flow, { fitted, turn, joined: (name) => this.#joined(name) });
    const relation = this.#name();
    await this.#db.run(`CREATE VIEW ${relation} AS ${query}`).catch((error: unknown) => {
      throw isMisfit(error) ? this.#misfit(flow, at) : error;
    });
    return { ...flow, relation, columns };
  }

  #misfit({ columns }: Pick<Flow, "columns">, at: string): StewardError {
    return new StewardError({
      code: "source-column-type",
      at: `${this.#work.spec.name}.${at}`,
      what: "The rows have a column of another kind than the step takes, as those of a version do of an older schema",
      got: columns.map(({ name, type }) => `${name} ${type}`).join(", "),
      fix: "take the dataset that it is derived from, or that is joined, in anew, or mend the step",
    });
  }

  async #fit(step: StepOf<"clip"> | StepOf<"impute">, place: number, flow: Flow): Promise<FittedValue[]> {
    const { spec, signal } = this.#work;
    const fitted: FittedValue[] = [];
    for (const fit of listFits(step)) {
      const type = flow.columns.find(({ name }) => name === fit.column)?.type;
      if (fit.by !== "most-frequent" && type !== "number" && type !== "integer")
        throw this.#misfit(flow, `source.steps[${place}].${step.step}`);
      const values = await fitValues(this.#db, flow, { fit, signal });
      if (!values) {
        const at = `${spec.name}.source.steps[${place}].${step.step}.${fit.column}`;
        throw new StewardError({
          code: "derivation-unfit",
          at,
          what: `"${fit.column}" has no value at all at this step`,
        });
      }
      fitted.push({ step: place, column: fit.column, by: fit.by, values });
    }
    this.#fitted.push(...fitted);
    return fitted;
  }

  /** Computes rows once, for whoever reads them again. */
  async #keep(flow: Flow): Promise<Flow> {
    const relation = this.#name();
    await this.#db.run(
      `CREATE TABLE ${relation} AS SELECT ${listNames(flow.columns).join(", ")} FROM ${flow.relation}`,
    );
    return { ...flow, relation };
  }

  async #runProgram(step: StepOf<"python">, place: number, flow: Flow): Promise<Flow> {
    const program = this.#programs.shift();
    if (!program) throw new TypeError(`step ${place} of "${this.#work.spec.name}" came without its program`);
    const folder = join(this.#db.folder, `program-${place}`);
    await mkdir(folder);
    const [input, output] = [`input-${place}.parquet`, `output-${place}.parquet`].map((name) =>
      join(this.#db.folder, name),
    ) as [string, string];
    await this.#db.run(copyToParquet(selectSorted(flow), input, copyOptionsOf(flow.columns)));
    await program.run({ folder, input, output, signal: this.#work.signal });
    const given = step.gives?.map(({ name, kind }): FlowColumn => ({ name, type: kind })) ?? flow.columns;
    const relation = this.#name();
    await this.#db.run(`CREATE TABLE ${relation} AS ${await this.#selectOutput(output, given, place)}`);
    return { ...flow, relation, columns: given };
  }

  /** The query of what a program wrote, its values converted as those of any file are: what is none of its kind is null. */
  async #selectOutput(output: string, columns: readonly FlowColumn[], place: number): Promise<string> {
    const table = `read_parquet(${quotePath(output)}, hive_partitioning = false)`;
    const described = z.object({ column_name: z.string(), column_type: z.string() });
    const found = new Map(
      (await this.#db.rows(`DESCRIBE SELECT * FROM ${table}`, described)).map((one) => [
        one.column_name,
        one.column_type,
      ]),
    );
    const at = `source.steps[${place}].python`;
    this.#require(
      { columns: [...found.keys()].map((name) => ({ name })) },
      columns.map(({ name }) => name),
      at,
    );
    const values = columns.map(({ name, type, length }) => {
      const got = found.get(name) ?? "";
      const sql = convertColumn(
        { type: type === "integer" ? "number" : type, length },
        { sql: quoteName(name), type: got },
      );
      if (sql !== undefined) return `${sql} AS ${quoteName(name)}`;
      const what = `the program gives "${name}" as a type that is not read as ${type}`;
      throw new StewardError({
        code: "source-column-type",
        at: `${this.#work.spec.name}.${at}.${name}`,
        what,
        got,
        expected: type,
      });
    });
    return `SELECT ${values.join(", ")} FROM ${table}`;
  }

  /** Refuses rows that lack a column, as those of a version do that was taken in under an older schema. */
  #require(
    { columns }: { readonly columns: readonly { readonly name: string }[] },
    names: readonly string[],
    at: string,
  ): void {
    const missing = names.filter((name) => !columns.some((column) => column.name === name));
    if (missing.length === 0) return;
    throw new StewardError({
      code: "source-columns-missing",
      at: `${this.#work.spec.name}.${at}`,
      what: `The rows lack ${missing.map((name) => `"${name}"`).join(", ")}`,
      got: columns.map(({ name }) => name).join(", "),
      fix: "take the dataset that it is derived from, or that is joined, in anew, or mend the step",
    });
  }

  #upstream(name: string): UpstreamRows {
    const rows = this.#work.upstream[name];
    if (!rows) throw new TypeError(`"${this.#work.spec.name}" is derived from "${name}", which came without its rows`);
    return rows;
  }

  #joined(name: string) {
    return { ...this.#upstream(name), relation: this.#relationOf(name) };
  }

  #relationOf(name: string): string {
    return `upstream_${this.#work.from.indexOf(name)}`;
  }

  #name(): string {
    return `step_${this.#relations++}`;
  }
}

/** Whether a query does not fit the columns that it is over: nothing else can be wrong with what a spec was made of. */
function isMisfit(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Binder Error");
}

/** The rows in their order: that of event time, then of all columns by their names, nulls first. */
function selectSorted({ relation, columns, eventTime }: Flow): string {
  const order = [quoteName(eventTime), ...listNames(sortColumns(columns))].map((one) => `${one} NULLS FIRST`);
  return `SELECT ${listNames(columns).join(", ")} FROM ${relation} ORDER BY ${order.join(", ")}`;
}

/**
 * Loading: columns of an Arrow file into a table of the working database, batch by batch.
 * @module
 */
import { DuckDBDataChunk, type DuckDBValue } from "@duckdb/node-api";
import type { DuckDb } from "../../duckdb.ts";
import { quoteName } from "../../sql.ts";
import { type ArrowBytes, MemoryBudget, openBuffer } from "./arrow-bytes.ts";
import { type ColumnBuffers, readNulls, readValues, type Window } from "./arrow-column.ts";
import type { ArrowField, ArrowSchema, ValueKind } from "./arrow-field.ts";
import { type Content, withArrowFile } from "./arrow-file.ts";
import type { Batch, Region } from "./arrow-message.ts";
import { chooseType } from "./arrow-value.ts";
import { ArrowFault } from "./fault.ts";

/** A column of a file, as a source has it. */
export interface ArrowColumn {
  readonly name: string;
  /** DuckDB's type of its values; `absent` where all are null; else Arrow's, which nothing can be read of. */
  readonly type: string;
  /** Its number among the columns of the file. */
  readonly index: number;
}

/** DuckDB takes rows in chunks of as many. */
const chunkRows = 2_048;

/** The columns of a file. @throws ArrowFault when it is no Arrow file, or a damaged one */
export async function listArrowColumns(path: string): Promise<ArrowColumn[]> {
  return withArrowFile(path, async ({ schema }) =>
    schema.fields.map(({ name, type, values }, index) => {
      if (values === undefined) return { name, type, index };
      return { name, type: values.kind === "nulls" ? "absent" : chooseType(values).toString(), index };
    }),
  );
}

export interface LoadOptions {
  readonly path: string;
  /** The columns that are wanted. */
  readonly columns: readonly ArrowColumn[];
  /** The name of the table, which is made: its columns are `column0`, `column1`, … by their numbers in the file. */
  readonly table: string;
}

/** A wanted column, as it is read. */
interface Wanted {
  readonly index: number;
  readonly field: ArrowField;
  readonly values: Exclude<ValueKind, { readonly kind: "nulls" }>;
}

/**
 * Loads columns of a file, in the order of its rows.
 * @throws ArrowFault when it is damaged, a batch does not fit in memory, or none is wanted
 */
export async function loadArrow(db: DuckDb, { path, columns, table }: LoadOptions): Promise<void> {
  if (columns.length === 0) throw new ArrowFault("it has no column of the schema that has a value");
  await withArrowFile(path, async ({ schema, contents }) => {
    const wanted = columns.map(({ index }): Wanted => {
      const field = schema.fields[index];
      const values = field?.values;
      if (!field || !values || values.kind === "nulls") throw new ArrowFault("it changed while it was read");
      return { index, field, values };
    });
    const types = wanted.map(({ values }) => chooseType(values));
    const made = wanted.map(({ index }, at) => `${quoteName(`column${index}`)} ${types[at]}`);
    await db.run(`CREATE TABLE ${quoteName(table)} (${made.join(", ")})`);
    const appender = await db.connection.createAppender(table);
    try {
      const dictionaries = new Dictionaries(schema, wanted);
      for await (const content of contents()) {
        if (content.kind === "dictionary") await dictionaries.take(content);
        else
          for await (const columns of readChunks(content, { schema, wanted, dictionaries })) {
            const chunk = DuckDBDataChunk.create(types, columns[0]?.length ?? 0);
            chunk.setColumns(columns);
            appender.appendDataChunk(chunk);
          }
      }
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
  });
}

interface Reading {
  readonly schema: ArrowSchema;
  readonly wanted: readonly Wanted[];
  readonly dictionaries: Dictionaries;
}

/** The values of the wanted columns, a chunk of rows at a time. */
async function* readChunks(
  { batch, body }: Content,
  { schema, wanted, dictionaries }: Reading,
): AsyncGenerator<DuckDBValue[][]> {
  const places = locateColumns(schema.fields, batch);
  const budget = new MemoryBudget();
  budget.take(dictionaries.bytes);
  const columns: (Wanted & { readonly buffers: ColumnBuffers })[] = [];
  for (const one of wanted) {
    const buffers = await openColumn(places[one.index], { batch, body, budget, kind: one.values });
    if (buffers.length !== batch.length) throw new ArrowFault("a column of it has another length than its batch");
    columns.push({ ...one, buffers });
  }
  for (let from = 0; from < batch.length; from += chunkRows) {
    const window = { from, count: Math.min(chunkRows, batch.length - from) };
    const chunk: DuckDBValue[][] = [];
    for (const { field, values, buffers } of columns)
      chunk.push(
        field.dictionary
          ? await readColumn(field.dictionary.indices, buffers, { window, of: dictionaries.get(field.dictionary.id) })
          : await readColumn(values, buffers, { window }),
      );
    yield chunk;
  }
}

/** The values of a window; what is null is null. */
async function readColumn(
  kind: Wanted["values"],
  buffers: ColumnBuffers,
  { window, of }: { readonly window: Window; readonly of?: readonly DuckDBValue[] },
): Promise<DuckDBValue[]> {
  const isNull = await readNulls(buffers, window);
  const read = await readValues(kind, buffers, { ...window, isNull });
  return Array.from({ length: window.count }, (_, index) => {
    if (isNull(index)) return null;
    const value = read(index);
    if (!of) return value;
    const found = of[Number(value)];
    if (found === undefined) throw new ArrowFault(`it has number ${value} of a dictionary of ${of.length}`);
    return found;
  });
}

/** Where a column is in a batch. */
interface ColumnPlace {
  readonly node: Batch["nodes"][number];
  readonly buffers: readonly Region[];
  readonly children: readonly ColumnPlace[];
}

/** Finds where each column of a batch is: nodes and buffers stand in the order of the fields, a parent before its children. */
function locateColumns(fields: readonly ArrowField[], batch: Batch): ColumnPlace[] {
  let [node, buffer, variadic] = [0, 0, 0];
  const locate = (field: ArrowField): ColumnPlace => {
    const found = batch.nodes[node++];
    const count = field.buffers + (field.hasVariadic ? (batch.variadic[variadic++] ?? -1) : 0);
    const buffers = batch.buffers.slice(buffer, buffer + count);
    buffer += count;
    const children = field.children.map(locate);
    if (!found || count < field.buffers || buffers.length !== count || found.nulls < 0) throw disagreeing();
    return { node: found, buffers, children };
  };
  const places = fields.map(locate);
  if (node !== batch.nodes.length || buffer !== batch.buffers.length) throw disagreeing();
  return places;
}

function disagreeing(): ArrowFault {
  return new ArrowFault("what it says of its data is damaged: a batch has other columns than the schema");
}

/** A fixed list has its values in what it is of. */
const noBytes: ArrowBytes = { length: 0, read: async () => Buffer.alloc(0) };

async function openColumn(
  place: ColumnPlace | undefined,
  opening: Pick<Content, "batch" | "body"> & {
    readonly budget: MemoryBudget;
    /** What is read of it. @default it is no list */
    readonly kind?: Wanted["values"];
  },
): Promise<ColumnBuffers> {
  const { batch, body, budget, kind } = opening;
  if (!place) throw disagreeing();
  const opened = [];
  for (const region of place.buffers)
    opened.push(await openBuffer(body, region, { ...(batch.codec && { codec: batch.codec }), budget }));
  const [validity, values, ...texts] = opened;
  const isFixed = kind?.kind === "list" && kind.layout === "fixed";
  if (!validity || (!values && !isFixed)) throw disagreeing();
  const own = { ...place.node, validity, values: values ?? noBytes, texts };
  if (kind?.kind !== "list") return own;
  return { ...own, elements: await openColumn(place.children[0], { batch, body, budget }) };
}

/** The dictionaries that wanted columns stand on, as they are at a place of the file. */
class Dictionaries {
  readonly #schema: ArrowSchema;
  readonly #wanted: ReadonlySet<number>;
  readonly #values = new Map<number, DuckDBValue[]>();
  readonly #bytes = new Map<number, number>();

  constructor(schema: ArrowSchema, wanted: readonly Wanted[]) {
    this.#schema = schema;
    this.#wanted = new Set(wanted.flatMap(({ field }) => (field.dictionary ? [field.dictionary.id] : [])));
  }

  /** About how much of memory they take, in bytes. */
  get bytes(): number {
    return [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** @throws ArrowFault when it has not come yet */
  get(id: number): DuckDBValue[] {
    const values = this.#values.get(id);
    if (values) return values;
    throw new ArrowFault("a column of it stands on a dictionary that it has not");
  }

  async take({ id, batch, body, isDelta }: Content & { readonly kind: "dictionary" }): Promise<void> {
    const field = this.#schema.dictionaries.get(id);
    if (!field || !this.#wanted.has(id)) return;
    const kind = field.values;
    if (!kind || kind.kind === "nulls") return;
    const budget = new MemoryBudget();
    budget.take(this.bytes + body.length + batch.length * entryBytes);
    const buffers = await openColumn(locateColumns([field], batch)[0], { batch, body, budget });
    if (buffers.length !== batch.length) throw disagreeing();
    const values = isDelta ? this.get(id) : [];
    for (let from = 0; from < batch.length; from += chunkRows) {
      const window = { from, count: Math.min(chunkRows, batch.length - from) };
      for (const value of await readColumn(kind, buffers, { window })) values.push(value);
    }
    const before = isDelta ? (this.#bytes.get(id) ?? 0) : 0;
    this.#bytes.set(id, before + body.length + batch.length * entryBytes);
    this.#values.set(id, values);
  }
}

/** What an entry of a dictionary takes beside its bytes, about. */
const entryBytes = 40;

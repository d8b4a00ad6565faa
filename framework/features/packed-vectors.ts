/**
 * Vectors among the columns of examples: the numbers of one are kept as a list until they are written, for a table has room
 * of its own for each of its columns, and is sorted by every one. Pure.
 * @module
 */
import { quoteName } from "../data/sql.ts";

/** A column of examples, and where it stands in a vector. */
export interface PackableColumn {
  readonly name: string;
  /** The vector that it is a number of. @default it is none's */
  readonly part?: VectorPart | undefined;
}

export interface VectorPart {
  /** What all numbers of the vector have in common, and no other column. */
  readonly of: string;
  /** Its place in the list that is kept, from 1. */
  readonly place: number;
}

/** Columns as they are kept, and as they are written. */
export interface PackedColumns<C> {
  /** The columns that are no part of a vector, and in the place of its first number each vector. */
  readonly kept: readonly (C | PackedVector<C>)[];
  /** The query of all columns under their names, in their order, from one that has the kept ones. */
  readonly unpack: (rows: string) => string;
}

export interface PackedVector<C> {
  /** The name that its list is kept under. */
  readonly name: string;
  /** Its numbers, in the order of the columns. */
  readonly numbers: readonly C[];
}

/** From how many numbers on a vector is kept as a list. */
const fewest = 16;

/** Packs columns: without vectors nothing changes. */
export function packColumns<C extends PackableColumn>(columns: readonly C[]): PackedColumns<C> {
  const groups = new Map(
    [...Map.groupBy(columns, ({ part }) => part?.of)].filter(([of, some]) => of && some.length >= fewest),
  );
  if (groups.size === 0) return { kept: columns, unpack: (rows) => rows };
  const names = new Map([...groups.keys()].map((of, i) => [of, `__vector_${i}`]));
  const nameOf = ({ part }: C) => names.get(part?.of);
  const kept = columns.flatMap((column): (C | PackedVector<C>)[] => {
    const name = nameOf(column);
    if (name === undefined) return [column];
    const numbers = groups.get(column.part?.of) ?? [];
    return numbers[0] === column ? [{ name, numbers }] : [];
  });
  const written = columns.map((column) => {
    const list = nameOf(column);
    return list === undefined
      ? quoteName(column.name)
      : `${quoteName(list)}[${column.part?.place}] AS ${quoteName(column.name)}`;
  });
  return { kept, unpack: (rows) => `SELECT ${written.join(", ")} FROM (${rows})` };
}

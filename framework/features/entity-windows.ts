/**
 * The windows of one kind of entity, and where in them a row's window begins and ends.
 * @module
 */
import type { Scope } from "../data/expression-sql.ts";
import type { WindowTree } from "../definitions/expression-tree.ts";
import { toMicroseconds } from "./microseconds.ts";

/** Windows that are compiled together. */
export interface EntityWindows {
  /** The table to make. */
  readonly table: string;
  readonly rows: string;
  /** The table that has the entities' numbers, and how a row finds its own. */
  readonly entities: string;
  readonly isEntity: string;
  /** The SQL of a row's event time in microseconds. */
  readonly microseconds: string;
  readonly windows: readonly WindowTree[];
  readonly scope: Scope;
}

/** A table with a row for every entity and time, in the columns `entity` and `us`, and the windows' values. */
export interface WindowTable {
  readonly table: string;
  /** Makes what the query reads; to be run in order. */
  readonly before: readonly string[];
  /** A query of the table's rows. */
  readonly query: string;
  /** Removes what was made. */
  readonly after: readonly string[];
  /** The SQL of each window's value. */
  readonly values: readonly (readonly [WindowTree, string])[];
}

/** Gives equal texts one name. */
export class Names {
  readonly #prefix: string;
  readonly #names = new Map<string, string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  give(text: string): string {
    const name = this.#names.get(text) ?? `${this.#prefix}_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  list(write: (text: string, name: string) => string): string[] {
    return [...this.#names].map(([text, name]) => write(text, name));
  }
}

/**
 * The bounds of windows. Every row of a table has a place, counted from 1 in its entity's order of time; a bound is how
 * many places lie before a time that is some microseconds before the row's own.
 */
export class Bounds {
  readonly #bounds = new Names("before");

  /** The names of the bounds of the rows in [time − lag − over, time − lag). */
  give({ lag, over }: WindowTree): readonly [start: string, end: string] {
    const end = toMicroseconds(lag);
    return [this.#bounds.give(`${end + toMicroseconds(over)}`), this.#bounds.give(`${end}`)];
  }

  /** A query of all columns of a table `times`, which has a row for every entity, `us` and last `place`, and the bounds. */
  query(times: string): string {
    const columns = this.#bounds.list((_, name) => `coalesce(${name}.place, 0) AS ${name}`);
    const joins = this.#bounds.list((distance, name) => {
      const isBefore = `${name}.entity = t.entity AND t.us - ${distance} > ${name}.us`;
      return `ASOF LEFT JOIN ${times} AS ${name} ON ${isBefore}`;
    });
    return `SELECT ${["t.*", ...columns].join(", ")} FROM ${times} AS t ${joins.join("\n")}`;
  }

  list(write: (name: string) => string): string[] {
    return this.#bounds.list((_, name) => write(name));
  }
}

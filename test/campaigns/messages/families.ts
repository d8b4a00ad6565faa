/**
 * All malformed projects, by what they have in common.
 * @module
 */
import { behaviour, modules } from "./cases/behaviour.ts";
import { environments } from "./cases/environments.ts";
import { expressions, hostileValues } from "./cases/hostile.ts";
import { columnNames, names } from "./cases/names.ts";
import { numbers, units } from "./cases/numbers.ts";
import { missingOptions, unknownOptions } from "./cases/options.ts";
import { references } from "./cases/references.ts";
import { secrets } from "./cases/secrets.ts";
import { wrongSources } from "./cases/sources.ts";
import { types } from "./cases/types.ts";
import { wrongValues } from "./cases/values.ts";
import type { Malformed } from "./malformed.ts";

export const families: Readonly<Record<string, readonly Malformed[]>> = {
  "missing options": missingOptions,
  "unknown options": unknownOptions,
  "wrong values": wrongValues,
  "wrong sources": wrongSources,
  references,
  names,
  "names of columns": columnNames,
  numbers,
  units,
  "hostile values": hostileValues,
  expressions,
  secrets,
  environments,
  behaviour,
  modules,
  types,
};

/**
 * The options of builders, read so that no builder fails on them: what is wrong is reported when the project is resolved,
 * with everything else.
 * @module
 */
import { isRecord, readFields, refuse, sayThrown } from "./plain.ts";

/** What a builder says of a definition itself. */
interface Own {
  readonly kind: string;
  readonly name: string;
}

/**
 * The options of a builder without those that are `undefined`. What is no options at all, and a `kind` or `name` other than
 * the builder's own, stand under `options`, which no noun has.
 */
export function readOptions<O extends object>(given: O, own?: Own): O {
  if (!isRecord(given)) return { options: given ?? null } as never;
  try {
    const { kind = own?.kind, name = own?.name, ...options } = readFields(given);
    if (own === undefined || (kind === own.kind && name === own.name)) return readFields(given) as O;
    return { ...options, options: { ...(kind !== own.kind && { kind }), ...(name !== own.name && { name }) } } as never;
  } catch (error) {
    return { options: refuse(`an object that cannot be read: ${sayThrown(error)}`) } as never;
  }
}

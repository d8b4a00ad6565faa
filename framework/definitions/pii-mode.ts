/**
 * How a value is recorded that says something of a person.
 * @module
 */

/**
 * `redact`: it is left out. `hash`: equal values have equal texts, from which none can be told. `encrypt`: with a key of the person's
 * own, so that it is gone when the key is.
 */
export type PiiMode = "redact" | "hash" | "encrypt";

export const piiModes = ["redact", "hash", "encrypt"] as const satisfies readonly PiiMode[];

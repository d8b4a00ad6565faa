/**
 * Write-once names in memory, as a store keeps them, for tests of what is made of them.
 * @module
 */

/** Names that are written once, and listed in the order of keys. */
export function createNames() {
  const names = new Map<string, unknown>();
  return {
    readName: async (name: string): Promise<unknown> => names.get(name),
    writeOnce: async (name: string, value: unknown) => {
      const created = !names.has(name);
      if (created) names.set(name, structuredClone(value));
      return { created, value: names.get(name) };
    },
    async *listNames(prefix: string): AsyncGenerator<string> {
      for (const name of [...names.keys()].sort()) if (name.startsWith(prefix)) yield name;
    },
  };
}

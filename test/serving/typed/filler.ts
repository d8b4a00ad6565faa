/**
 * A process that fills the online store for a package again and again, to be ended from outside: `filler.ts <store> <package>
 * <folder> <roots> <moment>`. It says a line for each table that it has begun.
 * @module
 */

import { fillTables } from "../../../framework/features/online/fill-tables.ts";
import { openLmdbStore } from "../../../framework/features/online/lmdb-store.ts";
import { readServingSpecs } from "../../../framework/features/online/serving-plan.ts";
import { openStore } from "../../../framework/store/store.ts";

const [told = "", digest = "", folder = "", roots = "{}", asOf = "0"] = process.argv.slice(2);
const { connection, prefix, cache } = JSON.parse(told);
const store = openStore(connection, { prefix, cacheFolder: `${cache}/filler` });
const specs = await readServingSpecs(store, digest);
if (!specs) throw new Error("the package has a plan");
const online = openLmdbStore({ folder });
for (;;) {
  await fillTables(specs, {
    objects: store,
    roots: JSON.parse(roots),
    online: {
      begin: async (table, options) => {
        const writer = await online.begin(table, options);
        process.stdout.write(`${table.name}\n`);
        return writer;
      },
    },
    asOf: BigInt(asOf),
    workFolder: cache,
  });
}

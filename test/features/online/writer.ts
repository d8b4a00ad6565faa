/**
 * A process that writes an online store without end, to be ended from outside: `writer.ts <folder> <mode>`. In turn `n` it
 * gives every entity the size `n`, and says a line for each turn that is in force.
 * @module
 */
import { openLmdbStore } from "../../../framework/features/online/lmdb-store.ts";
import { entities, layout, root, row } from "./given-rows.ts";

const [folder = "", mode = ""] = process.argv.slice(2);
const store = openLmdbStore({ folder });
for (let turn = 1; ; turn++) {
  const writer = await store.begin(
    { name: "table", layout },
    { mode: mode === "upsert" && turn > 1 ? "upsert" : "replace", asOf: BigInt(turn), root },
  );
  for (let start = 0; start < entities; start += 1000) {
    const ids = Array.from({ length: 1000 }, (_, i) => start + i);
    await writer.putRows(ids.map((id) => row([id], turn, BigInt(turn))));
  }
  await writer.commit();
  process.stdout.write(`${turn}\n`);
}

/**
 * Run after a store or an engine has started: makes what the stack needs in it. Repeated, it changes nothing.
 *
 *     node framework/connection/prepare.ts store|engine
 *
 * The connection is in `STEWARD_CONNECTION`.
 * @module
 */
import { prepareEngine } from "../engine/prepare-engine.ts";
import { openStore } from "../store/store.ts";
import { connectionSchema } from "./connection.ts";

const { store, engine } = connectionSchema.parse(JSON.parse(process.env["STEWARD_CONNECTION"] ?? "null"));
const [what] = process.argv.slice(2);
if (what === "store") await openStore(store).prepare();
else if (what === "engine") await prepareEngine(engine);
else throw new Error(`"${what}" cannot be prepared, only "store" and "engine"`);

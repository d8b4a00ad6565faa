/**
 * Loaded before a TypeScript trainer: `steward/job` is the module beside this one, wherever the trainer's files lie.
 * @module
 */
import { registerHooks } from "node:module";
import { extname } from "node:path";

const job = new URL(`./job${extname(import.meta.url)}`, import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => next(specifier === "steward/job" ? job : specifier, context),
});

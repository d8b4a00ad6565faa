/**
 * Steward's model server as a program of the bench, over a store in a folder.
 *
 * `PORT=40123 node steward-server.ts <onnx> <folder> <log>`
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { productionRefName } from "../../../framework/models/model-package.ts";
import { startServer } from "../../../framework/serving/server.ts";
import { FolderStore } from "../../serving/folder-store.ts";

const [, , onnx = "", folder = "", log = ""] = process.argv;
const width = 30;
const model = "bench";
const inputs = Array.from({ length: width }, (_, place) => ({ name: `x${place}`, type: "number" as const }));

const store = new FolderStore(join(folder, "objects"));
const { sha256 } = await store.putJson({
  format: "model-package/3",
  model,
  onnx: await store.putBytes(await readFile(onnx)),
  task: "regression",
  inputs,
  output: "value",
  categories: {},
  run: "bench",
  trainingSet: "bench",
  example: Object.fromEntries(inputs.map(({ name }) => [name, 0])),
});
store.setRef(productionRefName(model), 1, {
  format: "production/1",
  generation: 1,
  version: 1,
  package: sha256,
  evaluation: "bench",
});
const server = await startServer({
  endpoint: "bench",
  model,
  store,
  segmentFolder: join(folder, "segments"),
  log: JSON.parse(log),
  port: Number(process.env["PORT"]),
  report: (line) => process.stderr.write(`${line}\n`),
});
process.once("SIGTERM", () => void server.close().then(() => process.exit(0)));

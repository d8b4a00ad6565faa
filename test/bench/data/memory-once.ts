/**
 * What the bench of memory watches: `memory-once.ts <file of flights> <folder>` takes the file into a dataset version, and
 * builds from that the training set of `examples/flights`. Prints how many rows each has, as it is done.
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import project from "../../../examples/flights/project.ts";
import { connectionSchema } from "../../../framework/connection/connection.ts";
import { listSource } from "../../../framework/data/fingerprint.ts";
import { ingest } from "../../../framework/data/ingest.ts";
import { resolveProject } from "../../../framework/definitions/resolve-project.ts";
import { buildTrainingSet } from "../../../framework/features/build-training-set.ts";
import { openStore } from "../../../framework/store/store.ts";

const [location = "", folder = ""] = process.argv.slice(2);
const connection = connectionSchema.shape.store.parse(JSON.parse(process.env["STEWARD_BENCH_STORE"] ?? ""));
const [cacheFolder, workFolder] = ["cache", "work"].map((name) => join(folder, name));
for (const each of [cacheFolder, workFolder]) mkdirSync(each ?? "", { recursive: true });
const store = openStore(connection, { cacheFolder: cacheFolder ?? "" });

const { definitions } = resolveProject(project, "local");
const spec = definitions.find((one) => one.kind === "dataset" && one.name === "flights");
const set = definitions.find((one) => one.kind === "features" && one.name === "routes");
const job = definitions.find((one) => one.kind === "training-job");
if (spec?.kind !== "dataset" || set?.kind !== "features" || job?.kind !== "training-job")
  throw new Error("examples/flights has no flights, routes or training job");
// Whatever the example derives in between, what is measured are the flights themselves.
const routes = { ...set, from: spec.name };

const { fingerprint } = await listSource(location);
const { version } = await ingest({ spec, location, fingerprint, store, workFolder: workFolder ?? "" });
process.stdout.write(`${version.rows}\n`);
const { trainingSet } = await buildTrainingSet({
  training: job,
  features: { [routes.name]: routes },
  datasets: { [spec.name]: { spec, version } },
  identity: "memory",
  store,
  workFolder: workFolder ?? "",
});
const { train, validation, test } = trainingSet.splits;
process.stdout.write(`${train.rows + validation.rows + test.rows}\n`);

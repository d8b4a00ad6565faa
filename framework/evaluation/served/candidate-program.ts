/**
 * The program that serves a candidate before anybody has released it: the model server as it is, on a free port of this machine,
 * with the candidate in the place of what is in production, and without a log.
 *
 * `candidate-program.ts <request as JSON>` writes `{"port":40123}` on stdout when it listens, and lines about its model on stderr.
 * @module
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { formatOf } from "../../definitions/format.ts";
import { admitDocument } from "../../definitions/versioned.ts";
import { modelPackageSchema, productionRefName } from "../../models/model-package.ts";
import { type ServerOptions, startServer } from "../../serving/server.ts";

const { folder, packageFile, packageDigest, onnx } = z
  .strictObject({
    /** Its own, empty. */
    folder: z.string(),
    /** The file of the package, and its digest. */
    packageFile: z.string(),
    packageDigest: z.string(),
    /** The file of the model. */
    onnx: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

const document = admitDocument(JSON.parse(await readFile(packageFile, "utf8")), {
  at: packageDigest,
  name: "model-package",
});
const { model } = modelPackageSchema.parse(document);
const value = {
  format: formatOf("production"),
  generation: 1,
  version: 1,
  package: packageDigest,
  evaluation: packageDigest,
};
const store: ServerOptions["store"] = {
  getJson: async <T>(_object: unknown, schema: z.ZodType<T>) => schema.parse(document),
  fetchFile: async () => onnx,
  readName: async () => undefined,
  // No endpoint routes callers to it: it stands alone.
  readRef: async (name) => (name === productionRefName(model) ? { value, etag: "1" } : undefined),
};
const { port } = await startServer({
  endpoint: model,
  model,
  store,
  segmentFolder: folder,
  log: { requests: "none", durability: "memory" },
  port: 0,
  report: (line) => void process.stderr.write(`${line}\n`),
});
process.stdout.write(`${JSON.stringify({ port })}\n`);

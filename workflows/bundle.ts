/**
 * The workflow bundle: all workflow code as one file. Its digest, with that of the activities' sources, is the build id that
 * Worker Versioning goes by.
 * @module
 */
import { access, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode } from "@temporalio/worker";
import { digestBytes, digestOf } from "../framework/plan/digest.ts";
import { digestSources } from "../framework/toolchain/source-digest.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the code of a worker is: a change anywhere in it is a new build. */
const workerSources = [
  "workflows",
  ...[
    "connection",
    "data",
    "definitions",
    "engine",
    "evaluation",
    "features",
    "models",
    "plan",
    "store",
    "toolchain",
    "training",
  ].map((name) => `framework/${name}`),
];

export interface Bundle {
  /** The digest of workflows and activities, 16 characters. */
  readonly buildId: string;
  /** The bundle's file. */
  readonly path: string;
}

/**
 * Builds the bundle into `folder`, or finds it there: bundling takes a second, so it is kept under the digest of all that
 * could change it.
 */
export async function buildBundle(folder: string, workflowsPath = join(root, "workflows/index.ts")): Promise<Bundle> {
  await mkdir(folder, { recursive: true });
  const inputs = digestOf([await digestSources(workerSources), digestBytes(await readFile(workflowsPath))]);
  const note = join(folder, `inputs-${inputs.slice(0, 16)}`);
  const known = await readFile(note, "utf8").catch(() => undefined);
  if (known && (await exists(join(folder, `${known}.js`))))
    return { buildId: known, path: join(folder, `${known}.js`) };
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: silent });
  const buildId = digestOf([digestBytes(withoutSourceMap(code)), inputs]).slice(0, 16);
  const path = join(folder, `${buildId}.js`);
  await writeWhole(path, code);
  await writeWhole(note, buildId);
  return { buildId, path };
}

/** The source map carries absolute paths, which differ from checkout to checkout while the code does not. */
function withoutSourceMap(code: string): string {
  return code.replace(/\n\/\/# sourceMappingURL=[^\n]*\s*$/, "");
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

const ignore = (): void => undefined;
const silent = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

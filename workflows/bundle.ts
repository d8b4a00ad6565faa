/**
 * The workflow bundle: all workflow code as one file. Its digest, with that of the activities' sources, is the build id that
 * Worker Versioning goes by.
 * @module
 */
import { mkdir, readFile, rename } from "node:fs/promises";
import { extname, isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode } from "@temporalio/worker";
import { digestBytes, digestOf } from "../framework/plan/digest.ts";
import { writeWhole } from "../framework/supervisor/private-file.ts";
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
    "http",
    "models",
    "plan",
    "serving",
    "store",
    "supervisor",
    "toolchain",
    "tracking/client",
    "training",
  ].map((name) => `framework/${name}`),
];

export interface Bundle {
  /** The digest of workflows and activities, 16 characters. */
  readonly buildId: string;
  /** The bundle's file. */
  readonly path: string;
}

/** The bundle that the built package brings, so that a team's machine bundles nothing. */
const shipped = join(root, "bundle");

const index = join(root, `workflows/index${extname(import.meta.filename)}`);

/**
 * Builds the bundle into `folder`, or finds it there: bundling takes a second, so it is kept under the digest of all that
 * could change it. What the package brings is copied: the package may be replaced while an older build works its runs off.
 */
export async function buildBundle(folder: string, workflowsPath = index): Promise<Bundle> {
  await mkdir(folder, { recursive: true });
  const inputs = digestOf([await digestSources(workerSources), digestBytes(await readFile(workflowsPath))]);
  const note = `inputs-${inputs.slice(0, 16)}`;
  const kept = await readBundle(folder, note);
  if (kept) return { buildId: kept.buildId, path: join(folder, `${kept.buildId}.js`) };
  const { buildId, code } = (await readBundle(shipped, note)) ?? (await bundle(workflowsPath, inputs));
  const path = join(folder, `${buildId}.js`);
  await place(path, code);
  await place(join(folder, note), buildId);
  return { buildId, path };
}

interface BundledCode {
  readonly buildId: string;
  readonly code: string;
}

async function readBundle(folder: string, note: string): Promise<BundledCode | undefined> {
  try {
    const buildId = await readFile(join(folder, note), "utf8");
    return { buildId, code: await readFile(join(folder, `${buildId}.js`), "utf8") };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function bundle(workflowsPath: string, inputs: string): Promise<BundledCode> {
  const { code: built } = await bundleWorkflowCode({ workflowsPath, logger: silent });
  const code = withRelativeSources(built);
  return { code, buildId: digestOf([digestBytes(code), inputs]).slice(0, 16) };
}

const sourceMapLine = /\n\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,([^\n]+)\s*$/;

/** Names the sources in the source map from the package on: absolute paths differ from checkout to checkout. */
function withRelativeSources(code: string): string {
  return code.replace(sourceMapLine, (line, encoded: string) => {
    const map: { readonly sources: readonly string[] } = JSON.parse(Buffer.from(encoded, "base64").toString());
    const sources = map.sources.map((source) => (isAbsolute(source) ? relative(root, source) : source));
    return line.replace(encoded, Buffer.from(JSON.stringify({ ...map, sources })).toString("base64"));
  });
}

/** By way of a draft of this process's own: a preview may build beside an update. */
async function place(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  writeWhole(temporary, text);
  await rename(temporary, path);
}

const ignore = (): void => undefined;
const silent = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

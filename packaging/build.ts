/**
 * The built package: what a team installs, since Node strips no types below `node_modules`. It has the folders of this
 * repository, with JavaScript, declarations and source maps in the place of TypeScript, so that every program finds the others
 * where it finds them here.
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, glob, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { composeManifest } from "./manifest.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * What goes in as it is: programs for older Nodes, the servers' pinned modules, the Python package of trainers, the sampler of
 * studies, and what people read, with the examples that it speaks of.
 */
const assets = [
  "bin/*.js",
  "framework/provider/pulumi-resource-steward",
  "framework/toolchain/servers/*/go.{mod,sum}",
  "framework/toolchain/wheels.lock",
  "framework/training/python/steward/{*.py,py.typed}",
  "framework/training/tuning/python/*.{py,lock}",
  "docs/**/*.{md,svg,png,txt}",
  "examples/*/*",
  "{ARCHITECTURE,CHANGELOG,README}.md",
  "LICENSE",
];

/** Builds the package. @returns its folder, absolute */
export async function buildPackage(): Promise<string> {
  const folder = join(root, "dist", "steward");
  await rm(folder, { recursive: true, force: true });
  await compile();
  for await (const path of glob("**/*.d.ts", { cwd: folder })) await pointToJavaScript(join(folder, path));
  for await (const path of glob(assets, { cwd: root })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(root, path), join(folder, path));
  }
  const manifest = composeManifest(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await bundleWorkflows(folder);
  return folder;
}

async function compile(): Promise<void> {
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  await runNode([compiler, "-p", join(root, "packaging", "tsconfig.json")]);
}

/** The compiler rewrites the specifiers of the code and leaves those of the declarations, which bundlers then miss. */
async function pointToJavaScript(declarations: string): Promise<void> {
  const text = await readFile(declarations, "utf8");
  await writeFile(declarations, text.replace(/((?:from|import)\s*\(?\s*"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"'));
}

/** Bundles with the package's own code, whose digests its builds go by. */
async function bundleWorkflows(folder: string): Promise<void> {
  const module = pathToFileURL(join(folder, "workflows", "bundle.js")).href;
  const script = `await (await import(${JSON.stringify(module)})).buildBundle(${JSON.stringify(join(folder, "bundle"))})`;
  await runNode(["--input-type=module", "--eval", script]);
}

async function runNode(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}`);
}

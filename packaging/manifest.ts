/**
 * The manifest of the published package, from that of this repository. Pure.
 * @module
 */
import { z } from "zod";

const record = z.record(z.string(), z.string());

/** What the package's manifest takes over. Scripts, development dependencies and `private` stay here. */
const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  type: z.literal("module"),
  engines: record,
  bin: record,
  exports: record,
  dependencies: record,
  peerDependencies: record,
  optionalDependencies: record,
});

type Manifest = z.output<typeof manifestSchema>;

/** What an importer of one entry gets: its types and its code. */
export interface EntryConditions {
  readonly types: string;
  readonly default: string;
}

export interface PublishedManifest extends Omit<Manifest, "exports"> {
  readonly exports: Readonly<Record<string, string | EntryConditions>>;
}

/** Composes the manifest: entries that are TypeScript here are declarations and JavaScript there. @throws ZodError for a manifest that lacks what a package needs */
export function composeManifest(repository: unknown): PublishedManifest {
  const { exports, ...manifest } = manifestSchema.parse(repository);
  const entries = Object.entries(exports).map(([name, path]) => [name, toConditions(path)] as const);
  return { ...manifest, exports: Object.fromEntries(entries) };
}

function toConditions(path: string): string | EntryConditions {
  if (!path.endsWith(".ts")) return path;
  const stem = path.slice(0, -".ts".length);
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}

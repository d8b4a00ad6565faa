/**
 * The workers of a stack: processes that run its workflows and activities. Two builds run side by side while the older
 * one works its runs off.
 * @module
 */
import { ComponentResource, type ComponentResourceOptions, type Resource, secret } from "@pulumi/pulumi";
import { toCanonicalJson } from "../framework/plan/canonical.ts";
import { type ConnectionArgs, printConnection } from "./connection.ts";
import { type OnlineArgs, onlineEnvironment, onlineSecrets } from "./online.ts";
import type { Platform } from "./platform/platform.ts";
import { nodeCommand } from "./programs.ts";

export interface WorkerPoolArgs {
  readonly platform: Platform;
  readonly project: string;
  readonly connection: ConnectionArgs;
  /** The build of the workflows: its digest and its file. */
  readonly bundle: { readonly buildId: string; readonly path: string };
  /** The folder of steps under way, absolute. */
  readonly work: string;
  /** The folder of the inference logs of their machine, absolute. @default they read what is in the store */
  readonly requests?: string;
  /** What labels in those logs are hashed or encrypted with, 64 hexadecimal digits. Secret. @default they have no such labels */
  readonly logKey?: string | undefined;
  /** Where features are put that servers look up. @default nowhere */
  readonly online?: OnlineArgs;
  /** How many activities run at once. @default 4 */
  readonly slots?: number;
  /** What the stack supplies to reach sources, by name. Secret as a whole. @default nothing */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Where the jobs log, and what they show; the token is secret. @default nowhere */
  readonly tracking?: { readonly address: string; readonly token: string };
  /** Where training jobs run, as `steward:runner` says it; secret. @default on the workers' machine */
  readonly runner?: string | undefined;
  /** What must run before it. @default nothing */
  readonly needs?: readonly Resource[];
}

/** Workers on one build. */
export class WorkerPool extends ComponentResource {
  /** What runs it: ready when its build is the current one. */
  readonly service: Resource;

  constructor(name: string, args: WorkerPoolArgs, options?: ComponentResourceOptions) {
    super("steward:index:WorkerPool", name, {}, options);
    const {
      platform,
      project,
      connection,
      bundle,
      work,
      requests,
      logKey,
      online,
      slots = 4,
      inputs = {},
      tracking,
      runner,
      needs = [],
    } = args;
    this.service = platform.run(
      {
        name,
        command: nodeCommand("workflows/worker"),
        environment: {
          STEWARD_PROJECT: project,
          STEWARD_BUNDLE: bundle.path,
          STEWARD_BUILD_ID: bundle.buildId,
          STEWARD_WORK: work,
          ...(requests !== undefined && { STEWARD_REQUESTS: requests }),
          STEWARD_SLOTS: String(slots),
          ...(online && onlineEnvironment(online)),
        },
        secrets: {
          STEWARD_CONNECTION: printConnection(connection),
          ...(online && onlineSecrets(online)),
          // Without them the description stays what it is, and the worker is not started anew.
          ...(Object.keys(inputs).length > 0 && { STEWARD_INPUTS: toCanonicalJson(inputs) }),
          ...(tracking && { STEWARD_TRACKING: toCanonicalJson(tracking) }),
          ...(runner !== undefined && { STEWARD_RUNNER: runner }),
          ...(logKey !== undefined && { STEWARD_LOG_KEY: secret(logKey) }),
        },
        probe: { kind: "socket", path: "/ready" },
        startSeconds: 120,
        stopSeconds: 30,
        update: "overlap",
        preflight: nodeCommand("workflows/replay"),
      },
      { parent: this, dependsOn: [...needs] },
    );
    this.registerOutputs({});
  }
}

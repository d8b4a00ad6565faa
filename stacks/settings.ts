/**
 * The settings of a stack, read once from `Pulumi.<stack>.yaml`.
 * @module
 */
import { resolve } from "node:path";
import { z } from "zod";
import { type Problem, StewardError } from "../framework/definitions/problem.ts";
import { parseRunner, runnerForms } from "../framework/training/runner-place.ts";

/** A collector of OpenTelemetry. */
const collector = z.url({ protocol: /^https?$/ });

const settingsSchema = z.strictObject({
  /** The project file, relative to the folder of `Pulumi.yaml`. */
  project: z.string().min(1),
  /** The environment of the project that this stack is. @default "local" */
  environment: z.string().min(1).default("local"),
  /** Where services run. @default "local" */
  platform: z.enum(["local"]).default("local"),
  /** What the project's `input(name)` stand for, by name. @default {} */
  inputs: z.record(z.string(), z.string()).default({}),
  /** How many activities the worker runs at once. @default 4 */
  slots: z.int().min(1).default(4),
  /** The Redis or Valkey server on which features are kept that servers look up; a secret. @default a folder of the stack */
  online: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, "redis://user:password@host:port/database, or rediss:// for TLS")
    .optional(),
  /** Where experiments are tracked: on the stack's own database, on a PostgreSQL server (a secret), or not at all. @default "off" */
  tracking: z
    .union([z.enum(["local", "off"]), z.string().regex(/^postgres(ql)?:\/\/\S+$/)], {
      error: 'local, off, or the address of a PostgreSQL server: "postgres://user:password@host:port/database"',
    })
    .default("off"),
  /**
   * Where the spans of requests are sent, by OTLP over HTTP: the address of a collector, or that with the share of traces that are
   * recorded and what is sent with them; a secret where it holds one. @default nowhere, and none are made
   */
  traces: z
    .union(
      [
        collector.transform((url) => ({ url })),
        z.strictObject({
          url: collector,
          ratio: z.number().min(0).max(1).optional(),
          headers: z.record(z.string().regex(/^[\w-]+$/), z.string()).optional(),
        }),
      ],
      { error: 'the address of a collector: "http://127.0.0.1:4318"; or { "url": …, "ratio": 0.1, "headers": { … } }' },
    )
    .optional(),
  /** Where training jobs run: on the worker's machine, or on a Ray cluster; a secret where the address has a token. @default "process" */
  runner: z
    .string()
    .refine((text) => parseRunner(text) !== undefined, runnerForms)
    .default("process"),
});

export interface Settings extends z.output<typeof settingsSchema> {
  /** The absolute path of the project file. */
  readonly file: string;
}

const prefix = "steward:";

/** The settings that are JSON rather than text. */
const structured: ReadonlySet<string> = new Set(["inputs", "slots", "traces"]);

/**
 * Reads the settings of a stack.
 *
 * @param config all that is configured, as `pulumi.runtime.allConfig()` gives it: by names like `steward:project`
 * @param root the folder of `Pulumi.yaml`, absolute
 * @throws StewardError with every setting that is not right or not known, and how to set it
 */
export function readSettings(config: Readonly<Record<string, string>>, root: string): Settings {
  const given = Object.entries(config).flatMap(([name, text]) => {
    if (!name.startsWith(prefix)) return [];
    const key = name.slice(prefix.length);
    return [[key, structured.has(key) ? parseJson(text) : text] as const];
  });
  const parsed = settingsSchema.safeParse(Object.fromEntries(given));
  if (!parsed.success) throw new StewardError(parsed.error.issues.flatMap(describeIssue));
  return { ...parsed.data, file: resolve(root, parsed.data.project) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describeIssue(issue: z.core.$ZodIssue): readonly Problem[] {
  if (issue.code === "unrecognized_keys" && issue.path.length === 0) return issue.keys.map(describeUnknown);
  const key = issue.path.join(".");
  return [
    {
      code: "settings-invalid",
      at: `${prefix}${key}`,
      what: `the setting "${prefix}${key}" of this stack is not right: ${issue.message}`,
      fix: `npx pulumi config set --path '${prefix}${key}' …`,
    },
  ];
}

function describeUnknown(key: string): Problem {
  return {
    code: "settings-invalid",
    at: `${prefix}${key}`,
    what: `there is no setting "${prefix}${key}"`,
    expected: `one of ${Object.keys(settingsSchema.shape).join(", ")}`,
    fix: `npx pulumi config rm '${prefix}${key}'`,
  };
}

/**
 * A deployed stack as tests look at it: what its engine and its store say, and what its endpoints answer.
 * @module
 */
import { readdirSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { StoreConnection } from "../../framework/connection/connection.ts";
import { readStack } from "../../framework/connection/stack-folder.ts";
import { type Engine, openEngine } from "../../framework/engine/engine.ts";
import { type EntityKind, entityId, entityTypes } from "../../framework/engine/entity-names.ts";
import type { EntityStatus, LiveEndpoint, LiveModel } from "../../framework/engine/entity-status.ts";
import { historyName } from "../../framework/engine/history-export.ts";
import { Bucket, openClient } from "../../framework/store/bucket.ts";
import { objectKey } from "../../framework/store/keys.ts";
import { documentsSchema } from "../../framework/store/lineage.ts";
import { openStore, type Store } from "../../framework/store/store.ts";
import { readTimeline } from "../workflows/timeline.ts";

export interface StackView {
  status(kind: EntityKind, name: string): Promise<EntityStatus | undefined>;
  live(kind: EntityKind, name: string): Promise<EntityStatus["live"]>;
  liveModel(name: string): Promise<LiveModel>;
  /** What an endpoint serves, once it serves the version. @param options the version @default whatever it serves now */
  liveEndpoint(name: string, options?: { readonly version: number }): Promise<LiveEndpoint>;
  /** Every run of a step, `train flights/train/…`, sorted. */
  listSteps(): Promise<readonly string[]>;
  /** The kinds of the steps run since a listing, sorted: one for each run. */
  newSteps(before: readonly string[]): Promise<readonly string[]>;
  /** The closed runs whose histories are not in the locked bucket yet. */
  unexportedRuns(): Promise<readonly string[]>;
  /** The lines that an entity wrote into its history since it continued as new last, in order. */
  timeline(kind: EntityKind, name: string): Promise<readonly string[]>;
  store<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** The format that each JSON object in both buckets says, by its key; of a ref, that of its value. */
  formats(): Promise<ReadonlyMap<string, unknown>>;
}

/** Looks at the stack in a folder. Every question opens its own connections: between two of them the stack may have been down. */
export function viewStack({ folder, project }: { readonly folder: string; readonly project: string }): StackView {
  const connection = () => {
    const stack = readStack(folder);
    if (!stack) throw new Error(`no stack was prepared in ${folder}`);
    return stack.connection;
  };
  const engine = async <T>(work: (engine: Engine) => Promise<T>): Promise<T> => {
    await using opened = await openEngine(connection().engine);
    return await work(opened);
  };
  const store = <T>(work: (store: Store) => Promise<T>): Promise<T> => work(openStore(connection().store));
  const status = (kind: EntityKind, name: string) => engine((opened) => opened.status({ project, kind, name }));
  const listSteps = () =>
    engine(async ({ client }) => {
      const entities = new Set(Object.values(entityTypes));
      const found: string[] = [];
      for await (const { type, workflowId, runId } of client.workflow.list({
        query: `WorkflowId STARTS_WITH "${project}/"`,
      })) {
        if (!entities.has(type)) found.push(`${type} ${workflowId} ${runId}`);
      }
      return found.sort();
    });
  return {
    status,
    listSteps,
    store,
    formats: () => listFormats(connection().store),
    live: async (kind, name) => (await status(kind, name))?.live,
    liveModel: async (name) => {
      const live = (await status("model", name))?.live;
      if (live?.kind !== "model") throw new Error(`model "${name}" has nothing in production`);
      return live;
    },
    async liveEndpoint(name, { version } = { version: 0 }) {
      // No `vi.waitFor`: programs outside the test runner look at stacks, too.
      for (const deadline = performance.now() + 120_000; ; await sleep(200)) {
        const live = (await status("endpoint", name))?.live;
        if (live?.kind === "endpoint" && (version === 0 || live.version === version)) return live;
        if (performance.now() > deadline) throw new Error(`endpoint "${name}" serves ${JSON.stringify(live)}`);
      }
    },
    newSteps: async (before) => {
      const known = new Set(before);
      const fresh = (await listSteps()).filter((run) => !known.has(run));
      return fresh.map((run) => run.split(" ")[0] ?? run);
    },
    timeline: (kind, name) => engine(({ client }) => readTimeline(client, entityId(project, kind, name))),
    unexportedRuns: () =>
      engine(async ({ client }) => {
        const exported = new Set((await store((opened) => opened.listHistories(`${project}/`))).map(({ key }) => key));
        const missing: string[] = [];
        const query = `WorkflowId STARTS_WITH "${project}/" AND ExecutionStatus != "Running"`;
        for await (const run of client.workflow.list({ query }))
          if (!exported.has(historyName(run))) missing.push(historyName(run));
        return missing;
      }),
  };
}

async function listFormats(place: StoreConnection): Promise<ReadonlyMap<string, unknown>> {
  const client = openClient(place);
  const said = new Map<string, unknown>();
  const others = new Set<string>();
  for (const name of [place.bucket, place.lockedBucket]) {
    const bucket = new Bucket({ client, endpoint: place.endpoint, name });
    for await (const { key } of bucket.list("")) {
      const parsed = parseObject((await bucket.read(key, text)) ?? "");
      const told = documentsSchema.safeParse(parsed).data;
      // They are in the formats of other tools.
      for (const object of told ? [told.openlineage, told.croissant] : [])
        if (object) others.add(objectKey("", object.sha256));
      if (parsed) said.set(key, key.startsWith("refs/") ? parseObject(parsed["value"])?.["format"] : parsed["format"]);
    }
  }
  for (const key of others) said.delete(key);
  return said;
}

const objectSchema = z.record(z.string(), z.unknown());

/** A JSON object, or the text of one. @returns nothing for anything else */
function parseObject(found: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectSchema.safeParse(typeof found === "string" ? JSON.parse(found) : found).data;
  } catch {
    return undefined;
  }
}

const answerSchema = z.object({
  model_name: z.string(),
  model_version: z.string(),
  outputs: z.array(z.object({ name: z.string(), data: z.array(z.union([z.number(), z.boolean()])) })),
});

/** Asks a model server for one row, by nothing but HTTP. */
export async function askOne(asked: {
  readonly address: string;
  readonly model: string;
  readonly features: Readonly<Record<string, string | number>>;
}) {
  const inputs = Object.entries(asked.features).map(([name, value]) => ({
    name,
    datatype: typeof value === "string" ? "BYTES" : "FP64",
    shape: [1],
    data: [value],
  }));
  const response = await fetch(`${asked.address}/v2/models/${asked.model}/infer`, {
    method: "POST",
    body: JSON.stringify({ inputs }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text}`);
  const { outputs, ...answer } = answerSchema.parse(JSON.parse(text));
  return { ...answer, values: Object.fromEntries(outputs.map(({ name, data }) => [name, data[0]])) };
}

/** The objects in the folder of a bucket, by their keys. */
export function listHistoryFiles(bucket: string): readonly string[] {
  return readdirSync(bucket, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
}

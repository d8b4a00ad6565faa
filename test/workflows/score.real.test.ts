/**
 * Scoring with everything real: rows of another dataset than the model was trained on, killed scorers and workers, what is cancelled, and
 * what is found again.
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { collectLocalFacts } from "../../framework/cli/collect-facts.ts";
import { openVersion, readDatasetHistory } from "../../framework/cli/dataset-versions.ts";
import { formatLineage } from "../../framework/cli/lineage-text.ts";
import { readVersionDocuments } from "../../framework/cli/version-documents.ts";
import { storedEventSchema, traceVersion } from "../../framework/cli/version-lineage.ts";
import { copyToParquet, withDuckDb } from "../../framework/data/duckdb.ts";
import { placeOf } from "../../framework/data/lineage/place.ts";
import { quotePath } from "../../framework/data/sql.ts";
import { writeVersionFile } from "../../framework/data/write-version-file.ts";
import type { DatasetSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { EntityKind } from "../../framework/engine/entity-names.ts";
import type { EntityStatus, LiveModel } from "../../framework/engine/entity-status.ts";
import type { ApplyMessage } from "../../framework/engine/messages.ts";
import { awaitScoring, cancelScorings, scoringId, startScoring } from "../../framework/engine/scoring.ts";
import { desireModel, referTo } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import { composeRequest } from "../../framework/scoring/compose-request.ts";
import type { ScoreRequest, ScoreResult } from "../../framework/scoring/scoring.ts";
import { chooseSliceRows } from "../../framework/scoring/slice.ts";
import { describeTrainer } from "../../framework/training/trainer-closure.ts";
import { buildBundle } from "../../workflows/bundle.ts";
import { findBelow, listProcesses } from "../support/processes.ts";
import { habits, spender, spending, visits } from "../support/project.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";
import { bundleFolder } from "./given-engine.ts";
import { keepHistory } from "./golden.ts";

const actor = { id: "ann", via: "test" } as const;
const tinyTrainer = join(import.meta.dirname, "../support/tiny-trainer");
const rows = 2_100_000;
const archive: DatasetSpec = {
  ...visits,
  name: "archive",
  source: { kind: "file", format: "parquet", path: "archive.parquet" },
};
const training: TrainingJobSpec = {
  ...spending,
  label: { op: "gt", left: { op: "column", name: "spent" }, right: { op: "literal", value: 20 } },
  split: { test: "20 days", validation: "5 days", gap: "1 day" },
  params: { weight: 0.1 },
};
type Logged = ScoreResult & { readonly number: number };

describe("rows that are scored", { timeout: 300_000 }, () => {
  let stack: TestStack;
  let folder: string;
  let release: LiveModel;
  beforeAll(async () => {
    stack = await startTestStack("shop");
    await stack.startWorker(await buildBundle(bundleFolder));
    folder = join(stack.scratch, "project");
    await mkdir(folder);
    for (const name of ["requirements.lock", "train.py"])
      await writeFile(join(folder, name), await readFile(join(tinyTrainer, name)));
    await writeFile(join(folder, "visits.csv"), writeVisits());
    const seen = `SELECT TIMESTAMP '2024-01-01' + to_minutes(i) AS at, 'shop-' || (i % 3) AS shop, i % 30 AS spent FROM range(${rows}) t(i)`;
    await withDuckDb(stack.scratch, (db) => db.run(copyToParquet(seen, join(folder, "archive.parquet"))));
    release = await deploy();
  });
  afterAll(() => stack.end());

  async function tell(kind: EntityKind, name: string, desired: ApplyMessage["desired"]): Promise<EntityStatus> {
    const message = { actor, owner: stack.connection.owner, adopt: false, digest: digestOf(desired), desired };
    const address = { project: "shop", kind, name } as const;
    const { generation } = await stack.engine.apply(address, message);
    for (;;) {
      const status = await stack.engine.status(address);
      if (status && status.settled >= generation && status.state !== "working") return status;
      await delay(100);
    }
  }

  /** Takes in both datasets and trains on one of them. */
  async function deploy(): Promise<LiveModel> {
    const { store } = stack;
    const definitions = [visits, archive, habits, training, spender];
    for (const spec of definitions) await store.putJson(spec);
    const project = { name: "shop", environment: "test", definitions };
    const { sources } = await collectLocalFacts({ project, loaded: { folder }, inputs: {} });
    const roots: Record<string, string> = {};
    for (const spec of [visits, archive]) {
      const source = sources[spec.name];
      if (!source) throw new Error("there is no source");
      const { live } = await tell("dataset", spec.name, { kind: "dataset", spec: referTo(spec), ...source });
      if (live?.kind === "dataset") roots[spec.name] = live.root;
    }
    const closure = describeTrainer(folder, training.trainer);
    for (const { path } of closure.files) await store.putFile(join(folder, path));
    const desired = desireModel(spender, {
      training,
      features: { habits },
      specs: new Map(definitions.map((spec) => [`${spec.kind}/${spec.name}`, spec])),
      roots,
      trainer: await store.putJson(closure),
    });
    const { live, reasons } = await tell("model", spender.name, desired);
    if (live?.kind !== "model") throw new Error(reasons.join("\n"));
    return live;
  }

  async function ask(columns: readonly string[] = []): Promise<ScoreRequest> {
    const statuses = await stack.engine.list("shop");
    const { live } = statuses.find(({ name }) => name === "archive") ?? {};
    const root = live?.kind === "dataset" ? live.root : "";
    return composeRequest(stack.store, {
      model: spender.name,
      release,
      dataset: "archive",
      root,
      columns,
      actor,
      statuses,
    });
  }

  const addressOf = ({ model, identity }: ScoreRequest) => ({ project: "shop", model, identity });

  async function findScorer(): Promise<number | undefined> {
    const scorers = (await listProcesses()).filter(({ command }) => /^\S*node\b.*\/scoring\/scorer\.ts /.test(command));
    const worker = await findWorker();
    const own = findBelow(await listProcesses(), worker).map(({ pid }) => pid);
    return scorers.find(({ pid }) => own.includes(pid))?.pid;
  }

  async function findWorker(): Promise<number> {
    const services = await stack.supervisor.list();
    return services.find(({ name }) => name === "worker")?.pid ?? expect.fail("there is no worker");
  }

  /** Does something to a scoring once it has scored some rows. */
  async function during(request: ScoreRequest, act: (lines: readonly string[]) => Promise<void>) {
    let acted: Promise<void> | undefined;
    const lines: string[] = [];
    await startScoring(stack.engine.client, addressOf(request), request);
    const end = await awaitScoring<Logged>(stack.engine.client, addressOf(request), (line) => {
      lines.push(line);
      if (line.startsWith("scoring:")) acted ??= act(lines);
    });
    await acted;
    return { end, lines };
  }

  it("are a version with its number, its documents and its place in the lineage of what it was made from", async () => {
    const request = await ask();
    await startScoring(stack.engine.client, addressOf(request), request);
    const end = await awaitScoring<Logged>(stack.engine.client, addressOf(request), () => undefined);
    if (end.state !== "done") throw new Error(JSON.stringify(end));
    expect(end.result).toMatchObject({ rows, refused: 0, leftOut: 0, number: 1 });
    const path = join(stack.scratch, "scored.parquet");
    await writeVersionFile(stack.store, end.result.root, path);
    const [found] = await withDuckDb(stack.scratch, (db) =>
      db.rows(
        `SELECT count(*) AS rows, count(DISTINCT predicted_probability) AS answers, min("at") AS first, count_if(predicted_label) AS yes
         FROM read_parquet(${quotePath(path)})`,
        z.object({ rows: z.coerce.number(), answers: z.coerce.number(), first: z.string(), yes: z.coerce.number() }),
      ),
    );
    const afternoons = Math.floor(rows / 1440) * 720;
    expect(found).toEqual({ rows, answers: 24, first: "2024-01-01 00:00:00", yes: afternoons });

    const statuses = await stack.engine.list("shop");
    const history = await readDatasetHistory(stack.store, statuses, "archive.scored-by.spender");
    const opened = await openVersion(stack.store, history, undefined);
    expect(opened).toMatchObject({ root: end.result.root, number: 1 });
    const place = placeOf(stack.connection);
    const documents = await readVersionDocuments(stack.store, { history, opened, statuses, place });
    const event = storedEventSchema.parse(documents?.openlineage);
    expect(event.inputs.map(({ name }) => name)).toEqual(["archive", "spender.model"]);
    expect(documents?.croissant).toMatchObject({ name: "archive.scored-by.spender" });

    const ofArchive = await readDatasetHistory(stack.store, statuses, "archive");
    const traced = {
      dataset: "archive",
      opened: await openVersion(stack.store, ofArchive, undefined),
      statuses,
      files: 1,
    };
    expect(formatLineage(await traceVersion(stack.store, traced))).toContain(
      "→ scored: archive.scored-by.spender, root ",
    );
    await keepHistory(stack.engine.client, "score/happy", scoringId(addressOf(request)));
  });

  it("are gone on with when the scorer is killed, and what was scored is not scored again", async () => {
    const request = await ask(["spent"]);
    const kept = await countParts();
    let before = 0;
    const { end, lines } = await during(request, async (seen) => {
      // Some of its slices are kept by then.
      while ((await countParts()) < kept + 2) await delay(20);
      before = seen.length;
      process.kill((await findScorer()) ?? expect.fail("the scorer has ended"), "SIGKILL");
    });
    expect(end).toMatchObject({ state: "done", result: { rows, number: 2 } });
    expect(await countAttempts(scoringId(addressOf(request)))).toBe(2);
    // Whatever is said of it from then on counts the slices that were kept. The last line of all may not have been seen.
    const said = lines
      .slice(before)
      .filter((line) => line.startsWith("scoring:"))
      .map((line) => Number(line.replaceAll(",", "").split(" ")[1]));
    expect(Math.min(...said)).toBeGreaterThanOrEqual(2 * chooseSliceRows(1));
  });

  it("are gone on with when the worker is killed", async () => {
    const request = await ask(["shop"]);
    const { end } = await during(request, async () => {
      process.kill(await findWorker(), "SIGKILL");
    });
    expect(end).toMatchObject({ state: "done", result: { rows } });
    expect(await findScorer()).toBeUndefined();
    await keepHistory(stack.engine.client, "score/worker-lost", scoringId(addressOf(request)));
  });

  it("are not scored any more when that is cancelled, and no process is left", async () => {
    const request = await ask(["shop", "spent"]);
    const { end } = await during(request, async () => {
      expect(await cancelScorings(stack.engine.client, { ...addressOf(request), dataset: "visits" })).toBe(0);
      expect(await cancelScorings(stack.engine.client, { ...addressOf(request), dataset: "archive" })).toBe(1);
    });
    expect(end).toEqual({ state: "cancelled" });
    expect(await findScorer()).toBeUndefined();
    expect(await cancelScorings(stack.engine.client, { ...addressOf(request), dataset: "archive" })).toBe(0);
    await keepHistory(stack.engine.client, "score/cancelled", scoringId(addressOf(request)));
  });

  /** How often the rows were begun with. */
  async function countAttempts(workflowId: string): Promise<number> {
    const { events } = await stack.engine.client.workflow.getHandle(workflowId).fetchHistory();
    return Math.max(0, ...(events ?? []).map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0));
  }

  async function countParts(): Promise<number> {
    let count = 0;
    for await (const name of stack.store.listNames("scored-parts/")) if (name !== "") count++;
    return count;
  }
});

/** Ten visits a day, which spend more the later they come. */
function writeVisits(): string {
  const start = Date.parse("2024-01-01T00:00:00Z");
  const rows = Array.from({ length: 600 }, (_, i) => {
    const time = new Date(start + Math.floor(i / 10) * 86_400_000 + ((i * 7) % 24) * 3_600_000);
    return `${time.toISOString()},shop-${i % 3},${time.getUTCHours() + ((i * 5) % 16)}`;
  });
  return ["at,shop,spent", ...rows, ""].join("\n");
}

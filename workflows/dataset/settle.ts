/**
 * Bringing a dataset up to date: which version it shall have, whether that is there, how it is made, and what is said of it.
 * @module
 */
import { CancellationScope, patched, proxyActivities } from "@temporalio/workflow";
import type { DesiredDataset } from "../../framework/engine/desired.ts";
import type { LiveDataset, Readmitted } from "../../framework/engine/entity-status.ts";
import type { Actor } from "../../framework/engine/messages.ts";
import { longWork, quickWork } from "../activity-options.ts";
import type { Entity } from "../entity/entity.ts";
import { failWith } from "../entity/reasons.ts";
import { runStep } from "../entity/step.ts";
import { writeTimeline } from "../entity/timeline.ts";
import type { TakenVersion } from "../ingest/messages.ts";
import { ingest } from "../ingest/workflow.ts";
import type { DatasetActivities } from "./activities.ts";
import { describeRows } from "./decisions.ts";
import { meetUpstream, tellDownstream } from "./kin.ts";
import type { Ask, DatasetMemory, DesiredVersion, FoundVersion, PendingReadmission, Roots } from "./messages.ts";

export type DatasetEntity = Entity<DesiredDataset, LiveDataset, DatasetMemory>;

const { lookUpVersion } = proxyActivities<DatasetActivities>({
  ...quickWork,
  summary: "is this version in the store?",
});
const { recordVersion } = proxyActivities<DatasetActivities>({
  ...quickWork,
  // What is told of a version of many files is read from all of them.
  startToCloseTimeout: "10 minutes",
  summary: "which number has this version?",
});
const { keepSchedule } = proxyActivities<DatasetActivities>({
  ...quickWork,
  summary: "has the dataset the schedule that it wants?",
});
const { lookAtSource } = proxyActivities<DatasetActivities>({
  ...longWork,
  summary: "is there something new?",
});

/** Why a dataset is brought up to date: a deploy wishes it, somebody or its schedule asks, or it follows what it is derived from. */
type Reason = Ask | "wished" | "upstream";

/** Sees to it that a dataset has the schedule that it wants. @param every @default it has none */
export async function keepOwnSchedule(entity: DatasetEntity, every: string | undefined): Promise<void> {
  if (every === undefined && entity.memory.every === undefined) return;
  const { project, name: dataset } = entity.start;
  await CancellationScope.nonCancellable(() =>
    keepSchedule({ project, dataset, ...(every !== undefined && { every }) }),
  );
  entity.memory = { ...entity.memory, every };
}

/** Makes the version live that the dataset shall have now, ingesting it unless it is there. */
export async function bringUpToDate(entity: DatasetEntity, reason: Reason): Promise<void> {
  const { desired, live: before } = entity;
  const upstream = await meetUpstream(entity);
  const bringing = { desired, before, upstream, reason, ...decisionsOf(entity) };
  const isKnown = upstream !== undefined || (desired.fingerprint !== "" && typeof reason === "string");
  const isAgain = typeof reason !== "string" && reason.again !== undefined;
  const made = await (isKnown && !isAgain ? bringKnown(entity, bringing) : bringWhatIsThere(entity, bringing));
  const asker = reason === "wished" ? entity.status.actor : undefined;
  const isLook = typeof reason !== "string";
  const isNew = await conclude(entity, { desired, before, made, actor: isLook ? reason.actor : asker, isLook });
  if (isLook && !isNew) await writeTimeline(`${reason.why === "schedule" ? "on schedule" : "as asked"}: nothing new`);
}

interface Bringing {
  /** What was wished when this began: a later wish is for later. */
  readonly desired: DesiredDataset;
  /** What was live. */
  readonly before: LiveDataset | undefined;
  /** The roots upstream, by name. */
  readonly upstream: Roots | undefined;
  readonly reason: Reason;
  /** The decisions on quarantined rows that are in force. @default there are none */
  readonly readmitted?: Readmitted;
}

type MadeVersion = Omit<LiveDataset, "number">;

function decisionsOf({ status: { readmitted } }: DatasetEntity): Pick<Bringing, "readmitted"> {
  return readmitted?.rows === undefined ? {} : { readmitted };
}

/** Puts decisions on quarantined rows in force: the live version's own files, with the rows that are taken back among the good ones. */
export async function putInForce(entity: DatasetEntity, { actor, readmitted }: PendingReadmission): Promise<void> {
  const { desired, live: before } = entity;
  if (before?.fingerprint === undefined)
    throw failWith(["the live version is of an older Steward: ingest once more first"]);
  const { spec, location } = desired;
  const { fingerprint, source } = before;
  const rows = readmitted.rows === undefined ? {} : { readmitted: readmitted.rows };
  for (;;) {
    const found = await lookUpVersion({ spec, fingerprint, ...rows });
    if (found.version) {
      const made = describeLive(found.version, { ...before, identity: found.identity });
      entity.set({ readmitted });
      await conclude(entity, { desired, before, made, actor, isLook: false });
      return;
    }
    await runIngest(entity, {
      input: {
        spec,
        location,
        fingerprint,
        identity: found.identity,
        base: before.root,
        fromBase: true,
        ...(source !== undefined && { takenFrom: source }),
        ...derivedFrom(desired, before.upstream),
        ...(readmitted.rows !== undefined && { readmitted }),
      },
      why: `ingesting: ${actor.id} decided on rows in quarantine`,
    });
  }
}

/** Finds or makes the version of a source of which it is known what it is. */
async function bringKnown(
  entity: DatasetEntity,
  { desired, before, upstream, reason, readmitted }: Bringing,
): Promise<MadeVersion> {
  const { spec, location } = desired;
  const fingerprint = upstream ? "" : desired.fingerprint;
  const derived = derivedFrom(desired, upstream);
  const rows = readmitted?.rows === undefined ? {} : { readmitted: readmitted.rows };
  let known: DesiredVersion["known"];
  for (;;) {
    const found = await lookUpVersion({ spec, fingerprint, ...derived, ...rows, ...(known && { known }) });
    const { identity } = found;
    if (found.version)
      return describeLive(found.version, { ...found, fingerprint: found.fingerprint ?? fingerprint, ...derived });
    const made = await runIngest(entity, {
      input: {
        spec,
        location,
        fingerprint,
        identity,
        ...derived,
        ...(before && { base: before.root }),
        ...(readmitted && { readmitted }),
      },
      why: explainIngest(entity, reason),
    });
    if (made !== "elsewhere") known = { root: made.root, rows: made.rows, quarantined: made.quarantined, identity };
  }
}

/** Takes in what a source is now, when that or its contract is another than that of the live version, or it is to be read again. */
async function bringWhatIsThere(
  entity: DatasetEntity,
  { desired, before, upstream, reason, readmitted }: Bringing,
): Promise<MadeVersion> {
  const { spec, location } = desired;
  const rows = readmitted?.rows === undefined ? {} : { readmitted: readmitted.rows };
  const again = typeof reason === "string" ? undefined : reason.again;
  const derived = derivedFrom(desired, upstream);
  if (reason === "wished" && before?.fingerprint !== undefined) {
    const found = await lookUpVersion({ spec, fingerprint: before.fingerprint, ...rows });
    if (found.version && isLive(found, before)) return before;
  }
  const built = {
    ...(before && { base: before.root }),
    ...(before?.source !== undefined && { takenFrom: before.source }),
  };
  for (;;) {
    const seen = upstream
      ? await lookUpVersion({ spec, fingerprint: "", ...derived, ...rows })
      : await lookAtSource({ spec, location, ...built, ...rows });
    if (before && !again && isLive(seen, before)) return before;
    const made = await runIngest(entity, {
      input: {
        spec,
        location,
        fingerprint: "",
        identity: seen.identity,
        ...built,
        ...derived,
        ...(again && { again }),
        ...(readmitted && { readmitted }),
      },
      why: again ? "ingesting: it was asked to read again" : explainIngest(entity, reason),
    });
    if (made !== "elsewhere") return describeLive(made, { identity: seen.identity, ...made, ...derived });
  }
}

/** What a derived dataset is made of and by, for the steps that make it; nothing where it is derived from none. */
function derivedFrom(
  { programs }: DesiredDataset,
  upstream: Roots | undefined,
): Pick<DesiredVersion, "upstream" | "programs"> {
  return upstream ? { upstream, ...(programs && { programs }) } : {};
}

/** Whether a source is what the live version was taken from: the same, at the same place, under the same contract. */
function isLive({ identity, source }: Pick<FoundVersion, "identity" | "source">, live: LiveDataset): boolean {
  return identity === live.identity && source === live.source;
}

async function runIngest(
  entity: DatasetEntity,
  { input, why }: { readonly input: Parameters<typeof ingest>[0]; readonly why: string },
): Promise<TakenVersion | "elsewhere"> {
  if (entity.status.state !== "working") entity.set({ state: "working", summary: why });
  return runStep(entity, {
    step: "ingest",
    subject: `${entity.start.name}@${input.identity.slice(0, 12)}`,
    summary: why,
    workflow: ingest,
    input,
  });
}

function explainIngest(entity: DatasetEntity, reason: Reason): string {
  if (!entity.live) return "ingesting for the first time";
  if (reason === "upstream") return "ingesting: what it is derived from has a new version";
  return reason === "wished"
    ? "ingesting: the source or its contract changed"
    : "ingesting: the source has something new";
}

function describeLive(
  { root, rows, quarantined }: TakenVersion,
  of: {
    readonly identity: string;
    readonly fingerprint?: string;
    readonly source?: string;
    readonly upstream?: Roots;
  },
): MadeVersion {
  const { identity, fingerprint, source, upstream } = of;
  return {
    kind: "dataset",
    root,
    rows,
    quarantined,
    identity,
    ...(fingerprint !== undefined && { fingerprint }),
    ...(source !== undefined && { source }),
    ...(upstream && { upstream }),
  };
}

interface Brought extends Pick<Bringing, "desired" | "before"> {
  readonly made: MadeVersion;
  /** Who asked for it. */
  readonly actor: Actor | undefined;
  /** Whether the source was looked at beside a deploy. */
  readonly isLook: boolean;
}

/**
 * Makes a version live. Whoever is derived from it hears of it first: a deploy that sees this one ready goes on with them.
 *
 * @returns whether another one was live
 */
async function conclude(entity: DatasetEntity, brought: Brought): Promise<boolean> {
  const { before, isLook } = brought;
  const live = await numberVersion(entity, brought);
  const isNew = live.root !== before?.root;
  if (isNew) await CancellationScope.nonCancellable(() => tellDownstream(entity, live));
  const nothingNew = !isNew && live.identity === before?.identity ? "nothing new: " : "";
  entity.settle("ready", `${nothingNew}${describeRows(live)}`, {
    live,
    ...(isLook && { looked: new Date().toISOString() }),
  });
  return isNew;
}

/** Gives what becomes live its number in the log. Once begun it is brought to its end: a number is one that was live. */
async function numberVersion(entity: DatasetEntity, { desired, before, made, actor }: Brought): Promise<LiveDataset> {
  if (!patched("version-log")) return made;
  if (before?.number !== undefined && before.root === made.root) return { ...made, number: before.number };
  const number = await CancellationScope.nonCancellable(() =>
    recordVersion({
      dataset: entity.start.name,
      spec: desired.spec,
      live: made,
      at: new Date().toISOString(),
      ...(before && { before }),
      ...(actor && { actor }),
    }),
  );
  return { ...made, number };
}

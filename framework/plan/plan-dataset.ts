/**
 * What a dataset's change leads to: whether it is ingested, and which version it has then.
 * @module
 */
import { isLocal } from "../definitions/source-location.ts";
import type { DatasetSpec } from "../definitions/spec.ts";
import type { DesiredDataset } from "../engine/desired.ts";
import type { EntityStatus, LiveDataset } from "../engine/entity-status.ts";
import type { Certainty, Consequence } from "./consequence.ts";
import type { Digest } from "./digest.ts";
import { ingestIdentity, sourceIdentity, upstreamFingerprint } from "./identity.ts";
import type { KnownRoot } from "./plan-model.ts";

export interface DatasetSurroundings {
  readonly entity: EntityStatus | undefined;
  /** What the source is now, as a digest; "" where a worker looks at it, and of a derived dataset. */
  readonly fingerprint: string;
  /** The stored closures of its steps' programs. @default it has none */
  readonly programs?: DesiredDataset["programs"] | undefined;
  /** The root of the version of each dataset that it is derived from. */
  readonly rootOf: (dataset: string) => KnownRoot;
  /** The root of the version of an identity, where the store has it, whole. */
  readonly versionOf: (identity: Digest) => Digest | undefined;
}

export interface PlannedDataset {
  /** The version that it will have. */
  readonly root: KnownRoot;
  /** @default nothing is ingested */
  readonly ingest?: Consequence;
  /** The entity is told something else than what it was told last, or has no version yet. */
  readonly isTold: boolean;
}

/** Plans a dataset. */
export function planDataset(spec: DatasetSpec, surroundings: DatasetSurroundings): PlannedDataset {
  const { entity, fingerprint, programs, rootOf, versionOf } = surroundings;
  const live = entity?.live?.kind === "dataset" ? entity.live : undefined;
  const before = entity?.desired.kind === "dataset" ? entity.desired : undefined;
  const upstream = spec.source.kind === "derived" ? spec.source.from.map((name) => [name, rootOf(name)] as const) : [];
  const open = upstream.flatMap(([, known]) => ("until" in known ? [known.until] : []));
  const ingestAs = (certainty: Certainty, why: string): Consequence => ({
    step: "ingest",
    subject: spec.name,
    certainty,
    why,
    ...(entity?.durations.ingest !== undefined && { seconds: entity.durations.ingest }),
  });
  if (open.length > 0) {
    const until = [...new Set(open)].join(" and ");
    const why = live ? "what it is derived from may change" : "it has no version yet";
    return {
      root: { until: `ingest of ${spec.name}` },
      ingest: ingestAs({ kind: "unknown", until }, why),
      isTold: true,
    };
  }
  const known = upstream.flatMap(([name, root]) => ("root" in root ? [[name, root.root] as const] : []));
  const source = {
    fingerprint,
    upstream: known.length > 0 ? Object.fromEntries(known) : undefined,
    programs,
    readmitted: entity?.readmitted?.rows,
  };
  const isOther = before !== undefined && !isSameSource(before, source);
  const isProgram = before !== undefined && !isSamePrograms(before.programs, programs);
  const root = findRoot(spec, { ...source, live, versionOf });
  const isTold = isOther || isProgram || !live;
  if (root !== undefined) return { root: { root }, isTold };
  return {
    root: { until: `ingest of ${spec.name}` },
    ingest: ingestAs({ kind: "will" }, explainIngest(spec, { live, isOther, isProgram })),
    isTold,
  };
}

interface SourceState {
  readonly fingerprint: string;
  /** The root of the version of each dataset that it is derived from, by name. */
  readonly upstream: DesiredDataset["upstream"] | undefined;
  /** The stored closures of its steps' programs. @default it has none */
  readonly programs?: DesiredDataset["programs"] | undefined;
  /** The digest of the rows that are taken back out of quarantine. */
  readonly readmitted: Digest | undefined;
}

/** Whether the live version is the one that a dataset is to have: of a source that a worker looks at, unless it is another one. Pure. */
export function isUpToDate(
  spec: DatasetSpec,
  { live, ...source }: SourceState & { readonly live: LiveDataset },
): boolean {
  const identity = identifyVersion(spec, source);
  if (identity !== undefined) return live.identity === identity;
  return (
    live.fingerprint !== undefined &&
    live.source === sourceIdentity(spec) &&
    live.identity === ingestIdentity(spec, live.fingerprint, source.readmitted)
  );
}

/** The identity of the version that an ingest would make. @returns nothing where a worker has to look */
function identifyVersion(spec: DatasetSpec, source: SourceState): Digest | undefined {
  const { fingerprint, upstream, programs, readmitted } = source;
  if (upstream) return ingestIdentity(spec, upstreamFingerprint(upstream, programs), readmitted);
  return isLocal(spec.source) ? ingestIdentity(spec, fingerprint, readmitted) : undefined;
}

interface RootParts extends SourceState {
  readonly live: LiveDataset | undefined;
  readonly versionOf: DatasetSurroundings["versionOf"];
}

/** The version that needs no ingest. Where a worker has to look there is none but the live one. */
function findRoot(spec: DatasetSpec, { live, versionOf, ...source }: RootParts): Digest | undefined {
  if (live && isUpToDate(spec, { live, ...source })) return live.root;
  const identity = identifyVersion(spec, source);
  return identity === undefined ? undefined : versionOf(identity);
}

function isSameSource(
  before: DesiredDataset,
  { fingerprint, upstream = {} }: Pick<SourceState, "fingerprint" | "upstream">,
): boolean {
  const told = before.upstream ?? {};
  const names = new Set([...Object.keys(told), ...Object.keys(upstream)]);
  return before.fingerprint === fingerprint && [...names].every((name) => told[name] === upstream[name]);
}

/** Whether the same programs are at hand as were. */
function isSamePrograms(told: DesiredDataset["programs"] = [], programs: DesiredDataset["programs"] = []): boolean {
  return told.length === programs.length && told.every(({ sha256 }, i) => sha256 === programs[i]?.sha256);
}

interface Differences {
  readonly live: LiveDataset | undefined;
  readonly isOther: boolean;
  /** Whether a program of its steps is another. */
  readonly isProgram: boolean;
}

function explainIngest(spec: DatasetSpec, { live, isOther, isProgram }: Differences): string {
  if (!live) return "it has no version yet";
  if (spec.source.kind === "derived") {
    if (isOther) return "what it is derived from changed";
    return isProgram ? "the program of a step changed" : "its schema, steps or contract changed";
  }
  const hasMoved = !isLocal(spec.source) && live.source !== sourceIdentity(spec);
  return isOther || hasMoved ? "its source changed" : "its schema or contract changed";
}

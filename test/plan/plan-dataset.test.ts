import { describe, expect, it } from "vitest";
import type { DatasetSpec } from "../../framework/definitions/spec.ts";
import type { DesiredDataset } from "../../framework/engine/desired.ts";
import type { EntityStatus, LiveDataset } from "../../framework/engine/entity-status.ts";
import { desireDataset } from "../../framework/plan/desired.ts";
import { ingestIdentity, sourceIdentity, upstreamFingerprint } from "../../framework/plan/identity.ts";
import { type DatasetSurroundings, planDataset } from "../../framework/plan/plan-dataset.ts";
import type { KnownRoot } from "../../framework/plan/plan-model.ts";
import { visits } from "../support/project.ts";

const remote: DatasetSpec = { ...visits, source: { kind: "s3", format: "csv", bucket: "b", path: "visits/*.csv" } };
const derived: DatasetSpec = {
  ...visits,
  name: "clean",
  source: {
    kind: "derived",
    from: ["visits"],
    steps: [{ step: "filter", condition: { op: "literal", value: true } }],
  },
};
const root = "1".repeat(64);
const upstream = { visits: "2".repeat(64) };

function deployed(
  spec: DatasetSpec,
  live: Partial<LiveDataset> = {},
  desired: Partial<DesiredDataset> = {},
): EntityStatus {
  const fingerprint = spec.source.kind === "derived" ? upstreamFingerprint(upstream) : "taken";
  const isDerived = spec.source.kind === "derived";
  return {
    format: "entity-status/1",
    kind: "dataset",
    name: spec.name,
    owner: "shop/local",
    generation: 1,
    settled: 1,
    state: "ready",
    summary: "",
    reasons: [],
    digest: "",
    durations: { ingest: 7 },
    desired: {
      ...desireDataset(spec, { location: "somewhere", fingerprint: "", upstream: isDerived ? upstream : undefined }),
      ...desired,
    },
    live: {
      kind: "dataset",
      root,
      rows: 1,
      quarantined: 0,
      identity: ingestIdentity(spec, fingerprint),
      fingerprint,
      source: sourceIdentity(spec),
      ...live,
    },
  };
}

const program = { sha256: "5".repeat(64), size: 1 };
/** It was made by a program, and told so. */
const programmed = deployed(
  derived,
  { identity: ingestIdentity(derived, upstreamFingerprint(upstream, [program])) },
  { programs: [program] },
);

function planOf(spec: DatasetSpec, given: Partial<DatasetSurroundings>) {
  const { ingest, ...planned } = planDataset(spec, {
    entity: undefined,
    fingerprint: "",
    rootOf: () => ({ root: upstream.visits }),
    versionOf: () => undefined,
    ...given,
  });
  const certainty =
    ingest?.certainty.kind === "unknown" ? `unknown until ${ingest.certainty.until}` : ingest?.certainty.kind;
  return { ...planned, ingest: ingest && `${certainty}: ${ingest.why}` };
}

const open: KnownRoot = { until: "ingest of visits" };
const ingestOf = (name: string): KnownRoot => ({ until: `ingest of ${name}` });
const tighter = (spec: DatasetSpec): DatasetSpec => ({
  ...spec,
  contract: { violations: "quarantine", tolerance: 0.5 },
});
const moved: DatasetSpec = { ...remote, source: { kind: "s3", format: "csv", bucket: "b", path: "others/*.csv" } };

describe("a source that a worker looks at", () => {
  it.each<[string, DatasetSpec, EntityStatus | undefined, ReturnType<typeof planOf>]>([
    [
      "is taken in when nothing is live",
      remote,
      undefined,
      { root: ingestOf("visits"), isTold: true, ingest: "will: it has no version yet" },
    ],
    [
      "keeps the version that was taken from it",
      remote,
      deployed(remote),
      { root: { root }, isTold: false, ingest: undefined },
    ],
    [
      "keeps it whoever owns it",
      { ...remote, owner: "others" },
      deployed(remote),
      { root: { root }, isTold: false, ingest: undefined },
    ],
    [
      "is taken in under another contract",
      tighter(remote),
      deployed(remote),
      { root: ingestOf("visits"), isTold: false, ingest: "will: its schema or contract changed" },
    ],
    [
      "is taken in from another place, though it may have the same there",
      moved,
      deployed(remote),
      { root: ingestOf("visits"), isTold: false, ingest: "will: its source changed" },
    ],
    [
      "is taken in where it is not known what the version was taken from",
      remote,
      deployed(remote, { fingerprint: undefined, source: undefined } as never),
      { root: ingestOf("visits"), isTold: false, ingest: "will: its source changed" },
    ],
  ])("%s", (_title, spec, entity, expected) => {
    expect(planOf(spec, { entity })).toEqual(expected);
  });

  it("keeps the version that decisions on its rows made, and is taken in where they are in force and not in it", () => {
    const decided = { list: { sha256: "l", size: 1 }, rows: "r" };
    const entity = { ...deployed(remote, { identity: ingestIdentity(remote, "taken", "r") }), readmitted: decided };
    expect(planOf(remote, { entity })).toEqual({ root: { root }, isTold: false, ingest: undefined });
    expect(planOf(remote, { entity: { ...deployed(remote), readmitted: decided } })).toMatchObject({
      ingest: "will: its schema or contract changed",
    });
  });

  it("is taken in though the store has a version of what it was: only a look tells whether it still is", () => {
    const entity = deployed(remote);
    expect(planOf(tighter(remote), { entity, versionOf: () => root })).toMatchObject({
      ingest: "will: its schema or contract changed",
    });
  });

  it("on this machine is known by its fingerprint, wherever the version was taken from", () => {
    const entity = deployed(visits, {}, { fingerprint: "taken" });
    expect(planOf(visits, { entity, fingerprint: "taken" })).toEqual({
      root: { root },
      isTold: false,
      ingest: undefined,
    });
    expect(planOf(visits, { entity, fingerprint: "new" })).toMatchObject({ ingest: "will: its source changed" });
    expect(planOf(visits, { entity, fingerprint: "old", versionOf: () => "3" })).toEqual({
      root: { root: "3" },
      isTold: true,
      ingest: undefined,
    });
  });
});

describe("a derived dataset", () => {
  it.each<[string, DatasetSpec, Partial<DatasetSurroundings>, ReturnType<typeof planOf>]>([
    [
      "is made when nothing is live",
      derived,
      {},
      { root: ingestOf("clean"), isTold: true, ingest: "will: it has no version yet" },
    ],
    [
      "is open until its upstream is ingested",
      derived,
      { entity: deployed(derived), rootOf: () => open },
      {
        root: ingestOf("clean"),
        isTold: true,
        ingest: "unknown until ingest of visits: what it is derived from may change",
      },
    ],
    [
      "keeps its version while that of its upstream stays",
      derived,
      { entity: deployed(derived) },
      { root: { root }, isTold: false, ingest: undefined },
    ],
    [
      "is made of another version upstream",
      derived,
      { entity: deployed(derived), rootOf: () => ({ root: "9".repeat(64) }) },
      { root: ingestOf("clean"), isTold: true, ingest: "will: what it is derived from changed" },
    ],
    [
      "is made by other steps",
      {
        ...derived,
        source: { ...derived.source, steps: [{ step: "filter", condition: { op: "literal", value: false } }] } as never,
      },
      { entity: deployed(derived) },
      { root: ingestOf("clean"), isTold: false, ingest: "will: its schema, steps or contract changed" },
    ],
    [
      "keeps its version while the program of its step stays",
      derived,
      { entity: programmed, programs: [program] },
      { root: { root }, isTold: false, ingest: undefined },
    ],
    [
      "is made by another program",
      derived,
      { entity: programmed, programs: [{ sha256: "6".repeat(64), size: 1 }] },
      { root: ingestOf("clean"), isTold: true, ingest: "will: the program of a step changed" },
    ],
    [
      "that another program made before is found, and told so",
      derived,
      { entity: programmed, programs: [{ sha256: "6".repeat(64), size: 1 }], versionOf: () => "8".repeat(64) },
      { root: { root: "8".repeat(64) }, isTold: true, ingest: undefined },
    ],
    [
      "is found where it was made before",
      derived,
      { entity: deployed(derived), rootOf: () => ({ root: "9".repeat(64) }), versionOf: () => "8".repeat(64) },
      { root: { root: "8".repeat(64) }, isTold: true, ingest: undefined },
    ],
    [
      "that has followed by itself is only told so",
      derived,
      { entity: deployed(derived, {}, { upstream: { visits: "7".repeat(64) } }) },
      { root: { root }, isTold: true, ingest: undefined },
    ],
  ])("%s", (_title, spec, given, expected) => {
    expect(planOf(spec, given)).toEqual(expected);
  });

  it("tells how long the last ingest took", () => {
    const { ingest } = planDataset(tighter(derived), {
      entity: deployed(derived),
      fingerprint: "",
      rootOf: () => ({ root: upstream.visits }),
      versionOf: () => undefined,
    });
    expect(ingest).toMatchObject({ step: "ingest", subject: "clean", seconds: 7 });
  });
});

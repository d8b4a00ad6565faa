/**
 * The shop's facts before and after it was applied, and its plans in lines.
 * @module
 */
import type { DefinitionSpec, ProjectSpec } from "../../framework/definitions/spec.ts";
import type { DesiredModel } from "../../framework/engine/desired.ts";
import type { EntityStatus, LiveModel } from "../../framework/engine/entity-status.ts";
import { desireModel, referTo } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import type { Facts } from "../../framework/plan/facts.ts";
import {
  evaluationIdentity,
  ingestIdentity,
  packageIdentity,
  runIdentity,
  trainingSetIdentity,
} from "../../framework/plan/identity.ts";
import type { Plan } from "../../framework/plan/plan.ts";
import { desk, habits, shop, spender, spending, visits } from "../support/project.ts";

/** The content of the visits. */
const fingerprint = "f".repeat(64);
/** The trainer's closure. */
const trainer = { sha256: "e".repeat(64), size: 10 };
/** The facts before anything was applied. */
export const nothing: Facts = {
  sources: { visits: { location: "/data/visits.csv", fingerprint } },
  trainers: { spending: trainer },
  entities: [],
  deployed: {},
  production: {},
  artefacts: new Map(),
};

/** The facts after `shop` was applied and everything went well. */
export function deployedFacts(
  change: { readonly status?: Partial<EntityStatus>; readonly live?: Partial<LiveModel> } = {},
): Facts {
  const root = "1".repeat(64);
  const features = { habits };
  const trainingSet = trainingSetIdentity({ training: spending, features, roots: { visits: root } });
  const run = runIdentity(spending, { trainingSet, trainer: trainer.sha256 });
  const specs = new Map(shop.definitions.map((spec) => [`${spec.kind}/${spec.name}`, spec] as const));
  const desired: DesiredModel = desireModel(spender, {
    training: spending,
    features,
    specs,
    roots: { visits: root },
    trainer,
  });
  const made = "2".repeat(64);
  const evaluation = "3".repeat(64);
  const base = {
    format: "entity-status/1",
    owner: "shop/local",
    generation: 1,
    settled: 1,
    state: "ready",
    summary: "",
    reasons: [],
    durations: { train: 12 },
  } as const;
  const live: LiveModel = {
    kind: "model",
    version: 1,
    package: made,
    evaluation,
    run,
    desired,
    fence: 1,
    ...change.live,
  };
  const dataset = { kind: "dataset", spec: referTo(visits), location: "/data/visits.csv", fingerprint } as const;
  return {
    ...nothing,
    entities: [
      {
        ...base,
        kind: "dataset",
        name: "visits",
        digest: digestOf(dataset),
        desired: dataset,
        live: { kind: "dataset", root, rows: 10, quarantined: 0, identity: ingestIdentity(visits, fingerprint) },
      },
      { ...base, kind: "model", name: "spender", digest: digestOf(desired), desired, live, ...change.status },
      {
        ...base,
        kind: "endpoint",
        name: "desk",
        digest: "d",
        desired: { kind: "endpoint", spec: referTo(desk), model: "spender", address: "http://127.0.0.1:1" },
        live: { kind: "endpoint", address: "http://127.0.0.1:1", version: 1, package: made },
      },
    ],
    deployed: Object.fromEntries(specs),
    production: { spender: { model: spender, training: spending, features } },
    artefacts: new Map([
      [`version/${ingestIdentity(visits, fingerprint)}`, root],
      [`training-set/${trainingSet}`, "4".repeat(64)],
      [`package/${packageIdentity(spender, run)}`, made],
      [`evaluation/${evaluationIdentity(spender, { package: made })}`, evaluation],
    ]),
  };
}

/** The shop with one definition changed. */
export function edit<S extends DefinitionSpec>(kind: S["kind"], change: (spec: S) => S): ProjectSpec {
  return { ...shop, definitions: shop.definitions.map((spec) => (spec.kind === kind ? change(spec as S) : spec)) };
}

/** `will train spending`, one line a consequence. */
export function lines({ definitions }: Plan): string[] {
  return definitions.flatMap(({ consequences }) =>
    consequences.map(({ step, subject, certainty }) => {
      const how =
        certainty.kind === "will"
          ? "will"
          : certainty.kind === "if"
            ? `if ${certainty.condition}:`
            : `unknown until ${certainty.until}:`;
      return `${how} ${step} ${subject}`;
    }),
  );
}

/** How each definition changes that does, by kind and name. */
export function changes({ definitions }: Plan): Record<string, string> {
  return Object.fromEntries(
    definitions.filter(({ change }) => change !== "none").map(({ kind, name, change }) => [`${kind}/${name}`, change]),
  );
}

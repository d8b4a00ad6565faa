/**
 * The plan: what applying a project would ingest, materialise, train, evaluate, ask, release and retire. A pure function of
 * the definitions and one snapshot of facts.
 *
 * The promise: what runs is within what is planned as `will`, `if` or `unknown`, and every `will` runs.
 * @module
 */

import { listBeside } from "../definitions/models-beside.ts";
import { sayRollout } from "../definitions/rollout-text.ts";
import type { DatasetSpec, DefinitionKind, DefinitionSpec, EndpointSpec, ProjectSpec } from "../definitions/spec.ts";
import type { EntityStatus } from "../engine/entity-status.ts";
import type { Json } from "./canonical.ts";
import type { Consequence, DefinitionPlan } from "./consequence.ts";
import { referTo } from "./desired.ts";
import { compareSpecs } from "./difference.ts";
import { type Digest, digestOf } from "./digest.ts";
import type { Facts } from "./facts.ts";
import { listOnlineDatasets } from "./online-needs.ts";
import { planDataset } from "./plan-dataset.ts";
import { type KnownRoot, planModel } from "./plan-model.ts";
import { planOnline } from "./plan-online.ts";

export interface Plan {
  readonly project: string;
  readonly environment: string;
  /** The digest of the facts it was made from. */
  readonly facts: Digest;
  /** In the order of the project; removed definitions last. */
  readonly definitions: readonly DefinitionPlan[];
  /** Whether applying the project would change anything. */
  readonly changes: boolean;
}

/** Plans a project against the facts. */
export function plan(next: ProjectSpec, facts: Facts): Plan {
  const definitions = planDefinitions(next, facts);
  return {
    project: next.name,
    environment: next.environment,
    facts: digestOfFacts(facts),
    definitions,
    changes: definitions.some(({ change }) => change !== "none"),
  };
}

/** What happens to each definition, in the order of the project; removed definitions last. */
export function planDefinitions(next: ProjectSpec, facts: Facts): readonly DefinitionPlan[] {
  const planning = new Planning(next, facts);
  return [...next.definitions.map((spec) => planning.planDefinition(spec)), ...planning.planRemovals()];
}

/** One planning: what was found out about earlier definitions informs the later ones. */
class Planning {
  readonly #facts: Facts;
  readonly #entities: ReadonlyMap<string, EntityStatus>;
  readonly #specs: ReadonlyMap<string, DefinitionSpec>;
  readonly #roots = new Map<string, KnownRoot>();
  readonly #models = new Map<string, DefinitionPlan>();
  readonly #making = new Map<Digest, string>();

  constructor(next: ProjectSpec, facts: Facts) {
    this.#facts = facts;
    this.#entities = new Map(facts.entities.map((status) => [`${status.kind}/${status.name}`, status]));
    this.#specs = new Map(next.definitions.map((spec) => [`${spec.kind}/${spec.name}`, spec]));
  }

  planDefinition(spec: DefinitionSpec): DefinitionPlan {
    switch (spec.kind) {
      case "dataset":
        return this.#planDataset(spec);
      case "features":
      case "training-job":
        // They own nothing that runs: what they cause shows at the models made from them.
        return { ...this.#compareStored(spec), consequences: [] };
      case "model": {
        const { roots, consequences, retry } = planModel(spec, {
          specs: this.#specs,
          facts: this.#facts,
          entity: this.#entities.get(`model/${spec.name}`),
          rootOf: (dataset) => this.#rootOf(dataset),
          making: this.#making,
        });
        const compared = this.#compare(spec);
        const caused = roots || consequences.length > 0 ? "update" : "none";
        const planned: DefinitionPlan = {
          ...compared,
          change: strongest(compared.change, retry, caused),
          consequences,
        };
        this.#models.set(spec.name, planned);
        return planned;
      }
      case "endpoint":
        return this.#planEndpoint(spec);
    }
  }

  planRemovals(): DefinitionPlan[] {
    return Object.values(this.#facts.deployed)
      .filter(({ kind, name }) => !this.#specs.has(`${kind}/${name}`))
      .map(({ kind, name }) => {
        const hasEntity = this.#entities.has(`${kind}/${name}`);
        const retire: Consequence = {
          step: "retire",
          subject: name,
          certainty: { kind: "will" },
          why: "it is no longer defined",
        };
        return { kind, name, change: "remove", differences: [], consequences: hasEntity ? [retire] : [] };
      });
  }

  #planDataset(spec: DatasetSpec): DefinitionPlan {
    const compared = this.#compare(spec);
    const entity = this.#entities.get(`dataset/${spec.name}`);
    const { fingerprint = "", programs } = this.#facts.sources[spec.name] ?? {};
    const { root, ingest, isTold } = planDataset(spec, {
      entity,
      fingerprint,
      programs,
      rootOf: (dataset) => this.#rootOf(dataset),
      versionOf: (identity) => this.#facts.artefacts.get(`version/${identity}`),
    });
    this.#roots.set(spec.name, root);
    const change = strongest(compared.change, entity?.state === "failed", isTold ? "update" : "none");
    return { ...compared, change, consequences: ingest ? [ingest] : [] };
  }

  #rootOf(dataset: string): KnownRoot {
    return this.#roots.get(dataset) ?? { until: `ingest of ${dataset}` };
  }

  #planEndpoint(spec: EndpointSpec): DefinitionPlan {
    const compared = this.#compare(spec);
    const entity = this.#entities.get(`endpoint/${spec.name}`);
    const model = this.#entities.get(`model/${spec.model}`);
    const served = entity?.live?.kind === "endpoint" ? entity.live : undefined;
    const released = model?.live?.kind === "model" ? model.live : undefined;
    const retry = entity?.state === "failed";
    const online = planOnline(spec, {
      specs: this.#specs,
      production: this.#facts.production[spec.model],
      told: entity?.desired.kind === "endpoint" ? (entity.desired.datasets ?? {}) : {},
      rootOf: (dataset) => this.#roots.get(dataset) ?? { until: `ingest of ${dataset}` },
    });
    const looksUp = online.now || listBeside(spec).some((beside) => this.#looksUp(beside));
    const change = strongest(compared.change, retry, online.hasNews ? "update" : "none");
    // What begins to serve, and what only changes, does so at once.
    const isMove = served !== undefined && (released === undefined || served.package !== released.package);
    const extent = (moves: boolean): Pick<Consequence, "extent"> =>
      spec.rollout.kind === "canary" && moves ? { extent: sayRollout(spec.rollout) } : {};
    const shift = (
      step: "serve" | "materialise-online",
      certainty: Consequence["certainty"],
      why: string,
    ): Consequence => ({ step, subject: spec.name, certainty, why, ...secondsOf(entity, step) });
    const release = this.#models.get(spec.model)?.consequences.find(({ step }) => step === "release");
    const consequences: Consequence[] = [];
    // One that reaches callers step by step is on its way by itself.
    const isThere = [served?.version, entity?.canary?.version].includes(released?.version);
    if (released && (change !== "none" || !isThere)) {
      const why = explainShift(served !== undefined, online.hasNews, `version ${released.version} of ${spec.model}`);
      consequences.push({ ...shift("serve", { kind: "will" }, why), ...extent(isMove) });
      // A release that comes first may look nothing up.
      const certainty: Consequence["certainty"] =
        release && !online.next ? { kind: "if", condition: `${spec.model} is not released` } : { kind: "will" };
      if (looksUp) consequences.push(shift("materialise-online", certainty, why));
    }
    if (release) {
      const certainty: Consequence["certainty"] =
        release.certainty.kind === "unknown"
          ? release.certainty
          : { kind: "if", condition: `${spec.model} is released` };
      const moved = { ...shift("serve", certainty, `${spec.model} may be released`), ...extent(served !== undefined) };
      consequences.push(moved);
      if (online.next) consequences.push(shift("materialise-online", certainty, `${spec.model} may be released`));
    }
    const steps = online.next || looksUp ? (["serve", "materialise-online"] as const) : (["serve"] as const);
    for (const { certainty, why } of this.#planBeside(spec))
      consequences.push(...steps.map((step) => shift(step, certainty, why)));
    return { ...compared, change: change === "none" && consequences.length > 0 ? "update" : change, consequences };
  }

  /** When a model that is asked unseen, or answers in an experiment, is released, the endpoint's server gets it too. */
  #planBeside(spec: EndpointSpec): readonly Pick<Consequence, "certainty" | "why">[] {
    const arms = (spec.experiment?.arms ?? []).map((arm) => arm.model);
    return listBeside(spec).flatMap((model) => {
      const release = this.#models.get(model)?.consequences.find(({ step }) => step === "release");
      if (!release) return [];
      const certainty: Consequence["certainty"] =
        release.certainty.kind === "unknown" ? release.certainty : { kind: "if", condition: `${model} is released` };
      const does = arms.includes(model) ? "answers in an experiment" : "is asked unseen";
      return [{ certainty, why: `${model}, which ${does}, may be released` }];
    });
  }

  /** Whether a server of the version that a model has in production looks features up. */
  #looksUp(model: string): boolean {
    const production = this.#facts.production[model];
    return production !== undefined && listOnlineDatasets(production).length > 0;
  }

  /** A feature set or training job that no deployed model uses is known to nobody but the store. */
  #compareStored(spec: DefinitionSpec): Omit<DefinitionPlan, "consequences"> {
    const compared = this.#compare(spec);
    const isStored = compared.change === "create" && this.#facts.artefacts.has(`spec/${referTo(spec).sha256}`);
    return isStored ? { ...compared, change: "none" } : compared;
  }

  #compare(spec: DefinitionSpec): Omit<DefinitionPlan, "consequences"> {
    const { kind, name }: { kind: DefinitionKind; name: string } = spec;
    const before = this.#facts.deployed[`${kind}/${name}`];
    if (!before) return { kind, name, change: "create", differences: [] };
    const differences = compareSpecs(toJson(before), toJson(spec));
    return { kind, name, change: differences.length > 0 ? "update" : "none", differences };
  }
}

/** Why an endpoint's server is asked again, and the features that it looks up are put into the online store. */
function explainShift(serves: boolean, hasNews: boolean, version: string): string {
  if (!serves) return `it begins to serve ${version}`;
  return hasNews ? "the features that it looks up have other rows" : "what it serves changes";
}

type Change = DefinitionPlan["change"];

/** What a reader should see: an edit before a retry, a retry before what others cause. */
function strongest(edited: Change, retry: boolean, caused: Change): Change {
  if (edited !== "none") return edited;
  return retry ? "retry" : caused;
}

/** The seconds that a step of an entity took last, as a part of a consequence. */
function secondsOf(
  entity: EntityStatus | undefined,
  step: keyof EntityStatus["durations"],
): { readonly seconds?: number } {
  const seconds = entity?.durations[step];
  return seconds === undefined ? {} : { seconds };
}

/** A spec as the plain JSON that it is; the schemas' inferred types do not say so. */
function toJson(spec: DefinitionSpec): Json {
  return JSON.parse(JSON.stringify(spec)) as Json;
}

function digestOfFacts(facts: Facts): Digest {
  const { artefacts, lost, ...others } = facts;
  return digestOf({ ...others, artefacts: [...artefacts].sort(), ...(lost && { lost: [...lost].sort() }) });
}

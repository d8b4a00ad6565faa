/**
 * The versions that a server answers with, as one set that never changes: another one takes its place as a whole, so that whatever
 * begins with a set goes by it to its end.
 * @module
 */
import type { LiveModel } from "../live-model.ts";
import { assignVariant } from "./assignment.ts";
import type { Variant } from "./routing.ts";
import type { VariantCounts } from "./variant-counts.ts";
import { type InputOrder, orderInputs } from "./variant-fit.ts";

/** What the records of a variant say besides those of a model that stands alone. */
export interface VariantNote {
  /** @default the model stands alone */
  readonly variant?: string;
  /** The generation of the routing, by which an assignment can be replayed. @default the server follows production */
  readonly routing?: number;
}

/** One version in its set. */
export interface LiveVariant {
  readonly name: string;
  readonly live: LiveModel;
  /** The share of callers that it answers, in basis points. */
  readonly weight: number;
  /** The share of others' answers that it is asked for unseen, in basis points; 0 for none. */
  readonly mirror: number;
  readonly counts: VariantCounts;
  /** Where its inputs are among those of the champion, which callers bring by features. */
  readonly order: InputOrder;
  /** What callers are told that answered. @default nothing: no other variant answers anybody */
  readonly told: string | undefined;
  readonly note: VariantNote;
  /** Those that are asked unseen for what it answers, in the set's order. */
  readonly unseen: readonly LiveVariant[];
  /** What it is chosen by which rows it is asked for unseen. */
  readonly salt: string;
}

/** A variant and the model that was loaded for it. */
export interface LoadedVariant {
  readonly variant: Variant;
  readonly live: LiveModel;
  readonly counts: VariantCounts;
}

/** What a set is made from. */
export interface VariantsParts {
  /** Whether an endpoint's routing says so, or what its model has in production. */
  readonly source: "routing" | "production";
  /** The counter by which newer sets are told from older ones of the same source. */
  readonly generation: number;
  readonly salt: string;
  /** At least one, one of which has a weight. */
  readonly loaded: readonly LoadedVariant[];
}

export class LiveVariants {
  readonly source: VariantsParts["source"];
  readonly generation: number;
  readonly salt: string;
  /** In the order of the routing. */
  readonly all: readonly LiveVariant[];
  /** Those that answer callers. */
  readonly answering: readonly LiveVariant[];
  /** Whose inputs and outputs the callers know: the one of that name, else the first that answers anybody. */
  readonly champion: LiveVariant;
  /** The one that answers all. @default there are several */
  readonly only: LiveVariant | undefined;

  constructor({ source, generation, salt, loaded }: VariantsParts) {
    const isAnswering = ({ variant }: LoadedVariant) => variant.weight > 0;
    const first = loaded.find((each) => isAnswering(each) && each.variant.name === "champion");
    const chosen = first ?? loaded.find(isAnswering);
    if (!chosen) throw new TypeError("one of the variants has a weight");
    const several = loaded.filter(isAnswering).length > 1;
    const routing = source === "routing" ? { routing: generation } : {};
    const own = loaded.map(({ variant, live, counts }) => ({
      name: variant.name,
      live,
      weight: variant.weight,
      mirror: variant.mirror ?? 0,
      counts,
      order: orderInputs(live.package.inputs, chosen.live.package.inputs),
      told: several ? variant.name : undefined,
      note: { ...(loaded.length > 1 && { variant: variant.name }), ...routing },
      unseen: [] as LiveVariant[],
      salt,
    }));
    for (const variant of own) variant.unseen.push(...own.filter((other) => other !== variant && other.mirror > 0));
    this.source = source;
    this.generation = generation;
    this.salt = salt;
    this.all = own;
    this.answering = own.filter(({ weight }) => weight > 0);
    this.champion = own[loaded.indexOf(chosen)] as LiveVariant;
    this.only = several ? undefined : this.champion;
  }

  /** The variant that answers a unit: a pure function of the set's salt and weights. */
  assign(unit: string): LiveVariant {
    return this.only ?? assignVariant({ salt: this.salt, variants: this.all }, unit) ?? this.champion;
  }

  /** The first of those that answer callers by the name of its model, and by its version where one is asked for. */
  find({ model, version }: { readonly model: string; readonly version?: string | undefined }): LiveVariant | undefined {
    const isMeant = ({ live }: LiveVariant) =>
      live.package.model === model && (version === undefined || live.version === version);
    return isMeant(this.champion) ? this.champion : this.answering.find(isMeant);
  }

  /** The models that answer callers by a name, each once, the champion's first. */
  list(model: string): readonly LiveModel[] {
    const lives = [this.champion, ...this.answering].map(({ live }) => live);
    return [...new Set(lives)].filter((live) => live.package.model === model);
  }

  /** All models that are loaded for the set, each once. */
  get lives(): ReadonlySet<LiveModel> {
    return new Set(this.all.map(({ live }) => live));
  }
}

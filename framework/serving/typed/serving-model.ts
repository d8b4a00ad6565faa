/**
 * Which versions answer typed requests: those that are to answer, as soon as the features that they look up are in the online
 * store. Until then the set before it goes on, so that no request is answered with the features of another version.
 * @module
 */
import type { OnlineStore, TableStatus } from "../../features/online/online-store.ts";
import { type PlanStore, readServingSpecs } from "../../features/online/serving-plan.ts";
import { Refusal } from "../../http/refusal.ts";
import type { LiveModel } from "../live-model.ts";
import type { Chooser } from "../variants/addressed.ts";
import type { LiveVariant, LiveVariants } from "../variants/live-variants.ts";
import { ClientTypes } from "./client-types.ts";
import { type CompiledFeatures, compileFeatures } from "./compile-features.ts";
import { type AttributionStore, LiveAttributions } from "./live-attributions.ts";
import { type ChosenModel, chooseModel, listUnbrought, type ServingModel, type TypedSet } from "./typed-set.ts";

export interface ServingModelOptions {
  /** The versions that are to answer. */
  readonly follower: { readonly variants: LiveVariants | undefined };
  readonly store: PlanStore & AttributionStore;
  /** Opens the online store; asked once it is needed, and again when that failed. @default there is none */
  readonly openOnline?: (() => Promise<OnlineStore>) | undefined;
  /** Told what changed, in one line. */
  readonly report: (line: string) => void;
}

/** How long it is not looked again whether a version's features are there, in milliseconds. */
const patience = 250;

export class ServingModels {
  /** Explains answers of the versions that answer. */
  readonly attributions: LiveAttributions;
  /** Knows which request types callers were written for. */
  readonly clients: ClientTypes;
  readonly #options: ServingModelOptions;
  /** What each version does with a row, or that it has no plan. */
  readonly #compiled = new WeakMap<LiveModel, CompiledFeatures | "none">();
  #current: TypedSet | undefined;
  #online: Promise<OnlineStore> | undefined;
  #looking: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #problem = "it is being loaded";
  /** Why it could not be looked, as it was reported last. */
  #said = "";

  constructor(options: ServingModelOptions) {
    this.#options = options;
    this.attributions = new LiveAttributions(options.store);
    this.clients = new ClientTypes(options.store);
  }

  /** The version that answers a request now, kept until it is let go. @throws Refusal 503 while there is none */
  async take(asked: Chooser): Promise<ChosenModel> {
    const { variants } = this.#options.follower;
    if (variants === undefined) throw new Refusal(503, "no version is loaded yet");
    const isCurrent = variants === this.#current?.variants;
    const isWhole = isCurrent && this.#current?.isWhole;
    if (!isWhole && performance.now() - this.#lookedAt > patience) {
      this.#looking ??= this.#look(variants)
        .catch((error: unknown) => this.#goOn(error))
        .finally(() => {
          this.#looking = undefined;
          this.#lookedAt = performance.now();
        });
      // What lacks is asked unseen: those that answer are there.
      if (isCurrent) this.#looking.catch(() => undefined);
      else await this.#looking;
    }
    if (this.#current === undefined) throw new Refusal(503, this.#problem, { "retry-after": "1" });
    const chosen = chooseModel(this.#current, asked);
    chosen.model.variant.live.keep();
    return chosen;
  }

  /** What a variant of the set that answers now does with a row. @default undefined where it cannot do anything with it */
  find(variant: LiveVariant): ServingModel | undefined {
    return this.#current?.models.get(variant);
  }

  /** The online store, where there is one and it answers. */
  online(): Promise<OnlineStore> | undefined {
    const { openOnline } = this.#options;
    if (!openOnline) return undefined;
    this.#online ??= openOnline().catch((error: unknown) => {
      this.#online = undefined;
      throw error;
    });
    return this.#online;
  }

  /** What is in force of the tables of the versions that answer, by their names; nothing of a table that is not there. */
  async statuses(): Promise<ReadonlyMap<string, TableStatus | undefined>> {
    const models = [...(this.#current?.models.values() ?? [])];
    const names = [...new Set(models.flatMap(({ compiled }) => listTables(compiled)))];
    const online = names.length > 0 ? await this.online()?.catch(() => undefined) : undefined;
    const read = names.map(async (name) => [name, await online?.status(name).catch(() => undefined)] as const);
    return new Map(await Promise.all(read));
  }

  /** Gives up the versions and the online store. */
  async close(): Promise<void> {
    await this.#looking?.catch(() => undefined);
    await this.attributions.close();
    await this.#let(undefined);
    const online = await this.#online?.catch(() => undefined);
    await online?.[Symbol.asyncDispose]();
  }

  /** Has those answer that did before, while it cannot be looked whether newer ones can. @throws what went wrong where there are none */
  #goOn(error: unknown): void {
    if (this.#current === undefined) throw error;
    const line = `it cannot be told whether the features of newer versions are there: ${error instanceof Error ? error.message : String(error)}`;
    if (line !== this.#said) this.#options.report(line);
    this.#said = line;
  }

  /** Looks whether a set can answer. Its models stay open meanwhile: another one may take its place by then. */
  async #look(variants: LiveVariants): Promise<void> {
    const { lives } = variants;
    for (const live of lives) live.keep();
    try {
      await this.#tryToLet(variants);
    } finally {
      for (const live of lives) await live.release();
    }
  }

  async #tryToLet(variants: LiveVariants): Promise<void> {
    const { champion } = variants;
    const own = await this.#compile(champion.live);
    if (own === "none") {
      this.#problem = `version ${champion.live.version} was released by an older Steward, which kept no plan of its features: release it again`;
      return this.#let(undefined);
    }
    const models = new Map<LiveVariant, ServingModel>();
    const answer = champion.live.package;
    let isWhole = true;
    for (const variant of variants.all) {
      const compiled = await this.#compile(variant.live);
      if (compiled === "none" || listUnbrought(compiled.shape, own.shape).length > 0) continue;
      const missing = await this.#listMissing(compiled);
      if (missing?.length === 0) models.set(variant, { variant, compiled, shape: own.shape, answer });
      // What nobody sees keeps nobody waiting.
      else if (variant.weight === 0) isWhole = false;
      else {
        this.#problem =
          missing === undefined
            ? "this server was given no online store"
            : `the features of version ${variant.live.version} are not in the online store yet`;
        return;
      }
    }
    const known = models.get(champion);
    if (known) await this.#let({ variants, models, isWhole, champion: known });
  }

  async #compile(live: LiveModel): Promise<CompiledFeatures | "none"> {
    const known = this.#compiled.get(live);
    if (known) return known;
    const specs = await readServingSpecs(this.#options.store, live.digest);
    const compiled = specs ? compileFeatures(specs) : "none";
    this.#compiled.set(live, compiled);
    return compiled;
  }

  async #listMissing(compiled: CompiledFeatures): Promise<readonly string[] | undefined> {
    const names = listTables(compiled);
    if (names.length === 0) return [];
    const online = await this.online();
    if (!online) return undefined;
    const statuses = await Promise.all(names.map((name) => online.status(name)));
    return names.filter((_, i) => statuses[i] === undefined);
  }

  /** Lets a set answer from now on, in the place of the one before. */
  async #let(next: TypedSet | undefined): Promise<void> {
    const previous = this.#current;
    for (const live of next?.variants.lives ?? []) live.keep();
    this.#current = next;
    if (next && next.variants !== previous?.variants) this.#options.report(describe(next));
    for (const live of previous?.variants.lives ?? []) await live.release();
  }
}

function describe({ models }: TypedSet): string {
  const versions = [...new Set([...models.keys()].map(({ live }) => live.version))];
  const tables = new Set([...models.values()].flatMap(({ compiled }) => listTables(compiled)));
  return `version ${versions.join(", ")} answers typed requests, with ${tables.size} online tables`;
}

function listTables({ windows, sets }: CompiledFeatures): readonly string[] {
  return [...windows, ...sets].map(({ table }) => table.name);
}

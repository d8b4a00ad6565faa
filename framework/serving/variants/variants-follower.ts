/**
 * Follows what the store says is to answer: the endpoint's routing, and where it names no versions the model's production ref. What is
 * newer is loaded beside what serves, as a whole, then takes its place at once. What cannot be loaded leaves the old set serving.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { productionRefName, productionRefSchema } from "../../models/model-package.ts";
import type { LiveModel } from "../live-model.ts";
import type { LiveVariants } from "./live-variants.ts";
import { loadVariants, UnfitVariants, type VariantStore } from "./load-variants.ts";
import { type Routing, routingRefName, routingSchema } from "./routing.ts";
import { nameWish, type WishedVariants, wishProduction, wishRouting } from "./wished-variants.ts";

/** What following needs of the store. */
export interface FollowedStore extends VariantStore {
  readRef(
    name: string,
    options: { unlessEtag: string | undefined },
  ): Promise<{ readonly value: unknown; readonly etag: string } | "unchanged" | undefined>;
}

export interface FollowerOptions {
  readonly endpoint: string;
  readonly model: string;
  readonly store: FollowedStore;
  /** How often the refs are read, in milliseconds. @default 500 */
  readonly pollMilliseconds?: number;
  /** Told of each set before anybody is answered by it. @default nobody is told */
  readonly taking?: (variants: LiveVariants) => void;
  /** Told what changed, in one line, with details that are not for callers. @default nobody is told */
  readonly report?: (line: string) => void;
}

/** Waits before a set that could not be loaded is tried again, from the first doubling to the longest; in milliseconds. */
const firstPause = 1000;
const longestPause = 30_000;

/** What is to serve now, or why it stays as it is. */
type Found = { readonly wish: WishedVariants; readonly taken?: () => void } | { readonly problem: string | undefined };

export class VariantsFollower {
  readonly #options: FollowerOptions;
  readonly #stop = new AbortController();
  #variants: LiveVariants | undefined;
  /** The newest routing that was read. */
  #routing: { readonly etag: string; readonly value: Routing } | undefined;
  /** The newest release that was taken from production. */
  #release: { readonly etag: string; readonly generation: number } | undefined;
  #problem: string | undefined;
  #failed: { readonly wish: string; readonly pause: number; readonly retryAt: number } | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** The versions that answer now. @default none has been loaded yet */
  get variants(): LiveVariants | undefined {
    return this.#variants;
  }

  /** The champion's model, by which the endpoint is described. @default none has been loaded yet */
  get live(): LiveModel | undefined {
    return this.#variants?.champion.live;
  }

  /** What keeps the latest versions from serving, without details that callers should not see. @default nothing does */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Reads the refs once, loads what they name, and goes on reading until `stop`. */
  async start(): Promise<void> {
    await this.#look();
    // It never rejects: whatever goes wrong while looking is kept as the problem.
    void this.#follow();
  }

  /** Stops reading, without waiting for a store that does not answer, and gives each model up once its last answer is given. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const lives = this.#variants?.lives ?? [];
    this.#variants = undefined;
    for (const live of lives) await this.#free(live);
  }

  async #follow(): Promise<void> {
    const { pollMilliseconds = 500 } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await sleep(pollMilliseconds, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    let found: Found;
    try {
      found = await this.#find();
    } catch (error) {
      return this.#keep("the store does not say which versions are to answer", error);
    }
    if ("problem" in found) return this.#keep(found.problem);
    await this.#take(found.wish, found.taken);
  }

  async #find(): Promise<Found> {
    const refused = await this.#readRouting();
    if (refused !== undefined) return { problem: refused };
    const wish = this.#routing && wishRouting(this.#routing.value);
    if (!wish) return this.#findProduction();
    const isServing = this.#variants?.source === "routing" && this.#variants.generation === wish.generation;
    return isServing ? { problem: undefined } : { wish };
  }

  /** Reads the routing. @returns why what the store has is not followed; nothing where it is */
  async #readRouting(): Promise<string | undefined> {
    const { endpoint, store } = this.#options;
    const known = this.#routing;
    const ref = await store.readRef(routingRefName(endpoint), { unlessEtag: known?.etag });
    if (ref === "unchanged") return undefined;
    // The writer's fence makes refs only go forward; a store restored from an older copy must not take back a routing.
    if (ref === undefined) return known && "the store has lost the routing that serves";
    const value = routingSchema.parse(ref.value);
    if (known && value.generation < known.value.generation)
      return "the store names an older routing than the one that serves";
    this.#routing = { etag: ref.etag, value };
    return undefined;
  }

  async #findProduction(): Promise<Found> {
    const { model, store } = this.#options;
    const isServing = this.#variants?.source === "production";
    const ref = await store.readRef(productionRefName(model), {
      unlessEtag: isServing ? this.#release?.etag : undefined,
    });
    if (ref === undefined) return { problem: "no version is in production yet" };
    if (ref === "unchanged") return { problem: undefined };
    const release = productionRefSchema.parse(ref.value);
    const known = this.#release?.generation ?? Number.NEGATIVE_INFINITY;
    if (release.generation < known) return { problem: "the store names an older release than the one that serves" };
    const taken = () => {
      this.#release = { etag: ref.etag, generation: release.generation };
    };
    if (release.generation > known || !isServing) return { wish: wishProduction(model, release), taken };
    taken();
    return { problem: undefined };
  }

  /** Loads a set and lets it take over, unless it could not be loaded a moment ago. */
  async #take(wish: WishedVariants, taken?: () => void): Promise<void> {
    const key = `${wish.source} ${wish.generation}`;
    const failed = this.#failed?.wish === key ? this.#failed : undefined;
    if (failed && performance.now() < failed.retryAt) return;
    const previous = this.#variants;
    let next: LiveVariants;
    try {
      next = await loadVariants(this.#options.store, wish, previous);
    } catch (error) {
      const pause = failed ? Math.min(2 * failed.pause, longestPause) : firstPause;
      this.#failed = { wish: key, pause, retryAt: performance.now() + pause };
      const why = error instanceof UnfitVariants ? `: ${error.message}` : "";
      return this.#keep(`${nameWish(wish)} could not be loaded${why}`, why === "" ? error : undefined);
    }
    if (this.#stop.signal.aborted) return this.#leave(next, previous);
    this.#options.taking?.(next);
    this.#variants = next;
    taken?.();
    this.#failed = undefined;
    this.#keep(undefined);
    this.#options.report?.(describe(next));
    if (previous) await this.#leave(previous, next);
  }

  /** Gives up the models of a set that another one does not keep, each after its last answer. */
  async #leave(left: LiveVariants, kept: LiveVariants | undefined): Promise<void> {
    const stays = kept?.lives;
    for (const live of left.lives) if (!stays?.has(live)) await this.#free(live);
  }

  /** Gives a model up. That it cannot be freed costs memory, and keeps nothing from serving. */
  async #free(live: LiveModel): Promise<void> {
    await live.release().catch((error: unknown) => {
      this.#options.report?.(
        `version ${live.version} could not be freed: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }

  /** Goes on with what serves, and says so once. */
  #keep(problem: string | undefined, error?: unknown): void {
    if (problem !== undefined && problem !== this.#problem) {
      this.#options.report?.(error instanceof Error ? `${problem}: ${error.message}` : problem);
    }
    this.#problem = problem;
  }
}

/** What serves, for the program's own log. */
function describe({ source, generation, all }: LiveVariants): string {
  const [only] = all;
  if (source === "production" && only) {
    const { version, package: modelPackage, digest, engine } = only.live;
    return `version ${version} of ${modelPackage.model} serves: package ${digest}, generation ${generation}, by ${engine}`;
  }
  const variants = all.map(({ name, live, weight, mirror }) => {
    const share = mirror > 0 ? `${weight} and unseen ${mirror}` : String(weight);
    return `${name} (${share}) is version ${live.version} of ${live.package.model}, package ${live.digest}, by ${live.engine}`;
  });
  return `routing ${generation} serves, in shares of 10000: ${variants.join("; ")}`;
}

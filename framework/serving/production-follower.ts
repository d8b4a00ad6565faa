/**
 * Follows the production ref of a model: a newer release is loaded beside the one that serves, then takes its place at
 * once. One that cannot be loaded leaves the old one serving.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type ProductionRef, productionRefName, productionRefSchema } from "../models/model-package.ts";
import { type LiveModel, loadModel, type PackageStore } from "./live-model.ts";

/** What following needs of the store. */
export interface ProductionStore extends PackageStore {
  readRef(
    name: string,
    options: { unlessEtag: string | undefined },
  ): Promise<{ readonly value: unknown; readonly etag: string } | "unchanged" | undefined>;
}

export interface FollowerOptions {
  readonly model: string;
  readonly store: ProductionStore;
  /** How often the ref is read, in milliseconds. @default 500 */
  readonly pollMilliseconds?: number;
  /** Told what changed, in one line, with details that are not for callers. @default nobody is told */
  readonly report?: (line: string) => void;
}

/** Waits before a release that could not be loaded is tried again, from the first doubling to the longest; in milliseconds. */
const firstPause = 1000;
const longestPause = 30_000;

export class ProductionFollower {
  readonly #options: FollowerOptions;
  readonly #stop = new AbortController();
  #live: LiveModel | undefined;
  #etag: string | undefined;
  #problem: string | undefined;
  #failed: { readonly generation: number; readonly pause: number; readonly retryAt: number } | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** The model that answers now. @default none has been loaded yet */
  get live(): LiveModel | undefined {
    return this.#live;
  }

  /** What keeps the latest release from serving, without details that callers should not see. @default nothing does */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Reads the ref once, loads what it names, and goes on reading until `stop`. */
  async start(): Promise<void> {
    await this.#look();
    // It never rejects: whatever goes wrong while looking is kept as the problem.
    void this.#follow();
  }

  /** Stops reading, without waiting for a store that does not answer, and gives the model up once its last answer is given. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const live = this.#live;
    this.#live = undefined;
    if (live) await this.#free(live);
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
    const { model, store } = this.#options;
    let release: ProductionRef;
    let etag: string;
    try {
      const ref = await store.readRef(productionRefName(model), { unlessEtag: this.#etag });
      if (ref === undefined) return this.#keep("no version is in production yet");
      if (ref === "unchanged") return this.#keep(undefined);
      release = productionRefSchema.parse(ref.value);
      etag = ref.etag;
    } catch (error) {
      return this.#keep("the store does not say which version is in production", error);
    }
    const generation = this.#live?.generation ?? Number.NEGATIVE_INFINITY;
    if (release.generation > generation) return this.#take(release, etag);
    // The writer's fence makes refs only go forward; a store restored from an older copy must not take back a release.
    if (release.generation < generation) return this.#keep("the store names an older release than the one that serves");
    this.#etag = etag;
    this.#keep(undefined);
  }

  /** Loads a release and lets it take over, unless it could not be loaded a moment ago. */
  async #take(release: ProductionRef, etag: string): Promise<void> {
    const { model, store, report } = this.#options;
    const failed = this.#failed?.generation === release.generation ? this.#failed : undefined;
    if (failed && performance.now() < failed.retryAt) return;
    let next: LiveModel;
    try {
      next = await loadModel(store, model, release);
    } catch (error) {
      const pause = failed ? Math.min(2 * failed.pause, longestPause) : firstPause;
      this.#failed = { generation: release.generation, pause, retryAt: performance.now() + pause };
      return this.#keep(`version ${release.version} could not be loaded`, error);
    }
    if (this.#stop.signal.aborted) return this.#free(next);
    const previous = this.#live;
    this.#live = next;
    this.#etag = etag;
    this.#failed = undefined;
    this.#keep(undefined);
    report?.(
      `version ${next.version} of ${model} serves: package ${next.digest}, generation ${next.generation}, by ${next.engine}`,
    );
    if (previous) await this.#free(previous);
  }

  /** Gives a model up. That it cannot be freed costs memory, and keeps nothing from serving. */
  async #free(model: LiveModel): Promise<void> {
    await model.release().catch((error: unknown) => {
      this.#options.report?.(
        `version ${model.version} could not be freed: ${error instanceof Error ? error.message : String(error)}`,
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

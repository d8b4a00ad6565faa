/**
 * Which version answers typed requests: the one in production, as soon as the features that it looks up are in the online
 * store. Until then the version before it goes on, so that no request is answered with the features of another version.
 * @module
 */
import type { OnlineStore, TableStatus } from "../../features/online/online-store.ts";
import { type PlanStore, readServingSpecs } from "../../features/online/serving-plan.ts";
import { Refusal } from "../../http/refusal.ts";
import type { LiveModel } from "../live-model.ts";
import { type CompiledFeatures, compileFeatures } from "./compile-features.ts";
import { type AttributionStore, LiveAttributions } from "./live-attributions.ts";

/** A version with what it does with a row. */
export interface ServingModel {
  readonly live: LiveModel;
  readonly compiled: CompiledFeatures;
}

export interface ServingModelOptions {
  /** The version in production. */
  readonly follower: { readonly live: LiveModel | undefined };
  readonly store: PlanStore & AttributionStore;
  /** Opens the online store; asked once it is needed, and again when that failed. @default there is none */
  readonly openOnline?: (() => Promise<OnlineStore>) | undefined;
  /** Told what changed, in one line. */
  readonly report: (line: string) => void;
}

/** How long it is not looked again whether a version's features are there, in milliseconds. */
const patience = 250;

export class ServingModels {
  /** Explains answers of the version that answers. */
  readonly attributions: LiveAttributions;
  readonly #options: ServingModelOptions;
  #current: ServingModel | undefined;
  #next: ServingModel | undefined;
  #online: Promise<OnlineStore> | undefined;
  #looking: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #problem = "it is being loaded";

  constructor(options: ServingModelOptions) {
    this.#options = options;
    this.attributions = new LiveAttributions(options.store);
  }

  /** The version that answers now, kept until it is let go. @throws Refusal 503 while there is none */
  async take(): Promise<ServingModel> {
    const { live } = this.#options.follower;
    if (live === undefined) throw new Refusal(503, "no version is loaded yet");
    if (live !== this.#current?.live && performance.now() - this.#lookedAt > patience) {
      this.#looking ??= this.#look(live).finally(() => {
        this.#looking = undefined;
        this.#lookedAt = performance.now();
      });
      await this.#looking;
    }
    const current = this.#current;
    if (current === undefined) throw new Refusal(503, this.#problem, { "retry-after": "1" });
    current.live.keep();
    return current;
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

  /** What is in force of the tables of the version that answers, by their names; nothing of a table that is not there. */
  async statuses(): Promise<ReadonlyMap<string, TableStatus | undefined>> {
    const names = this.#current ? listTables(this.#current.compiled) : [];
    const online = names.length > 0 ? await this.online()?.catch(() => undefined) : undefined;
    const read = names.map(async (name) => [name, await online?.status(name).catch(() => undefined)] as const);
    return new Map(await Promise.all(read));
  }

  /** Gives up the version and the online store. */
  async close(): Promise<void> {
    await this.#looking?.catch(() => undefined);
    const current = this.#current;
    this.#current = undefined;
    await this.attributions.close();
    await current?.live.release();
    const online = await this.#online?.catch(() => undefined);
    await online?.[Symbol.asyncDispose]();
  }

  async #look(live: LiveModel): Promise<void> {
    const { store, report } = this.#options;
    if (this.#next?.live !== live) {
      const specs = await readServingSpecs(store, live.digest);
      if (!specs) {
        this.#problem = `version ${live.version} was released by an older Steward, which kept no plan of its features: release it again`;
        return this.#let(undefined);
      }
      this.#next = { live, compiled: compileFeatures(specs) };
    }
    const missing = await this.#listMissing(this.#next.compiled);
    this.#problem =
      missing === undefined
        ? "this server was given no online store"
        : `the features of version ${live.version} are not in the online store yet`;
    if (missing === undefined || missing.length > 0) return;
    await this.#let(this.#next);
    report(
      `version ${live.version} answers typed requests, with ${listTables(this.#next.compiled).length} online tables`,
    );
  }

  async #listMissing(compiled: CompiledFeatures): Promise<readonly string[] | undefined> {
    const names = listTables(compiled);
    if (names.length === 0) return [];
    const online = await this.online();
    if (!online) return undefined;
    const statuses = await Promise.all(names.map((name) => online.status(name)));
    return names.filter((_, i) => statuses[i] === undefined);
  }

  /** Lets a version answer from now on, in the place of the one before. */
  async #let(next: ServingModel | undefined): Promise<void> {
    const previous = this.#current;
    next?.live.keep();
    this.#current = next;
    await previous?.live.release();
  }
}

function listTables({ windows, sets }: CompiledFeatures): readonly string[] {
  return [...windows, ...sets].map(({ table }) => table.name);
}

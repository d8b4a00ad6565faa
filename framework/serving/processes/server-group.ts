/**
 * What the processes of a server ask each other, so that whoever asks one of them hears of all.
 * @module
 */
import type { GroupMember } from "../../http/processes/group-member.ts";
import type { LiveModel } from "../live-model.ts";
import type { Metric } from "../metrics/metric-text.ts";
import type { describeStatistics } from "../triton.ts";
import type { Evidence } from "../variants/evidence.ts";
import { mergeEvidence } from "./merge-evidence.ts";
import { mergeMetrics, type ProcessMetrics } from "./merge-metrics.ts";
import { mergeStatistics } from "./merge-statistics.ts";

type Statistics = ReturnType<typeof describeStatistics>;

interface GatheredOf<T> {
  readonly values: readonly T[];
  readonly past: readonly T[];
}

/** What each process answers for itself. */
export interface OwnAnswers {
  metrics(): Promise<readonly Metric[]>;
  statistics(): Statistics;
  evidence(): Evidence;
  /** The versions that answer callers. @returns nothing before it listens: no caller can reach it yet */
  versions(): readonly ReleasedVersion[] | undefined;
}

/** A version of a model. */
export interface ReleasedVersion {
  readonly model: string;
  readonly version: string;
}

/** The answers of all processes of a server; of one that is by itself, its own. */
export class ServerGroup {
  readonly #member: Pick<GroupMember, "index" | "on" | "gather"> | undefined;
  readonly #own: OwnAnswers;

  constructor(own: OwnAnswers, member?: Pick<GroupMember, "index" | "on" | "gather">) {
    this.#own = own;
    this.#member = member;
    member?.on("metrics", async () => ({ process: member.index, metrics: await own.metrics() }));
    member?.on("statistics", () => own.statistics());
    member?.on("evidence", () => own.evidence());
    member?.on("versions", () => own.versions());
  }

  async metrics(): Promise<readonly Metric[]> {
    const gathered = await this.#gather<ProcessMetrics>("metrics");
    return gathered ? mergeMetrics(gathered.values) : this.#own.metrics();
  }

  /** The statistics of some versions. */
  async statistics(lives: readonly Pick<LiveModel, "package" | "version">[]): Promise<Statistics> {
    const gathered = await this.#gather<Statistics>("statistics");
    const { model_stats } = gathered ? mergeStatistics(gathered.values) : this.#own.statistics();
    const isAsked = ({ name, version }: Statistics["model_stats"][number]) =>
      lives.some((live) => live.package.model === name && live.version === version);
    return { model_stats: model_stats.filter(isAsked) };
  }

  /** Those versions of some that every process answers with: callers cannot choose their process. */
  async findShared(lives: readonly Pick<LiveModel, "package" | "version">[]): Promise<readonly string[]> {
    const gathered = await this.#gather<readonly ReleasedVersion[]>("versions");
    const all: readonly (readonly ReleasedVersion[])[] = gathered?.values ?? [this.#own.versions() ?? []];
    const isShared = ({ package: { model }, version }: Pick<LiveModel, "package" | "version">) =>
      all.every((one) => one.some((known) => known.model === model && known.version === version));
    return lives.filter(isShared).map(({ version }) => version);
  }

  async evidence(): Promise<Evidence> {
    const gathered = await this.#gather<Evidence>("evidence");
    return gathered ? mergeEvidence(gathered) : this.#own.evidence();
  }

  /** @returns nothing where there are no others, or none answers */
  async #gather<T>(name: string): Promise<GatheredOf<T> | undefined> {
    const gathered = await this.#member?.gather(name);
    if (!gathered || gathered.values.length === 0) return undefined;
    // All of them are the same program.
    return gathered as GatheredOf<T>;
  }
}

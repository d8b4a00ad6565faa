/**
 * What several processes of one server saw of its variants as what one saw. Pure.
 * @module
 */
import type { Evidence, VariantEvidence } from "../variants/evidence.ts";

export interface SeenByProcesses {
  /** Of the processes that there are, at least one. */
  readonly values: readonly Evidence[];
  /** What those saw that have ended: counters must not fall because a process did. */
  readonly past: readonly Evidence[];
}

/**
 * Adds up what was seen of each variant that a process has. While a routing goes from one process to the next there may be two of a
 * name, and the generation is that which all have come to.
 *
 * @throws TypeError for none
 */
export function mergeEvidence({ values, past }: SeenByProcesses): Evidence {
  const [first] = values;
  if (!first) throw new TypeError("there is no process whose evidence it would be");
  const merged = new Map<string, VariantEvidence>();
  for (const variant of values.flatMap(({ variants }) => variants)) {
    const key = keyOf(variant);
    const before = merged.get(key);
    merged.set(key, before ? add(before, variant) : variant);
  }
  for (const variant of past.flatMap(({ variants }) => variants)) {
    const now = merged.get(keyOf(variant));
    if (now) merged.set(keyOf(variant), add(now, variant));
  }
  return {
    endpoint: first.endpoint,
    generation: Math.min(...values.map(({ generation }) => generation)),
    variants: [...merged.values()],
  };
}

/** How what two processes that have ended answered becomes one answer, by the question. Only evidence is asked of them. */
export const mergePast = {
  evidence: (before: unknown, next: unknown): Evidence =>
    // Both are answers of this very program.
    mergeEvidence({ values: [before as Evidence, next as Evidence], past: [] }),
};

function keyOf({ name, model, version, package: digest }: VariantEvidence): string {
  return JSON.stringify([name, model, version, digest]);
}

function add(a: VariantEvidence, b: VariantEvidence): VariantEvidence {
  // What an end leaves says nothing of times.
  const { bounds, counts: all } = a.latency.counts.length > 0 ? a.latency : b.latency;
  const counts = all.map((_, i) => (a.latency.counts[i] ?? 0) + (b.latency.counts[i] ?? 0));
  const compared = a.compared ?? b.compared;
  const ended = (a.ended ?? 0) + (b.ended ?? 0);
  return {
    ...a,
    answered: a.answered + b.answered,
    failed: a.failed + b.failed,
    latency: { bounds, counts },
    ...(ended > 0 && { ended }),
    ...(compared && {
      compared: {
        rows: addOf("rows"),
        disagreed: addOf("disagreed"),
        failed: addOf("failed"),
        skipped: addOf("skipped"),
      },
    }),
  };

  function addOf(name: "rows" | "disagreed" | "failed" | "skipped"): number {
    return (a.compared?.[name] ?? 0) + (b.compared?.[name] ?? 0);
  }
}

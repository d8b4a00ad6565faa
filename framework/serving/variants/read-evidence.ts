/**
 * The answer to `GET /<endpoint>/variants`: what was seen of each variant.
 * @module
 */
import type { ServingTools } from "../serving-tools.ts";
import type { Evidence, VariantEvidence } from "./evidence.ts";
import type { LiveVariant } from "./live-variants.ts";

/** Reads the evidence of the variants that are loaded. */
export function readEvidence({
  endpoint,
  follower,
  mirror,
}: Pick<ServingTools, "endpoint" | "follower" | "mirror">): Evidence {
  mirror.check();
  const { variants } = follower;
  return {
    endpoint,
    generation: variants?.source === "routing" ? variants.generation : 0,
    variants: variants?.all.map(describeVariant) ?? [],
  };
}

function describeVariant({ name, live, weight, mirror, counts }: LiveVariant): VariantEvidence {
  return {
    name,
    model: live.package.model,
    version: Number(live.version),
    package: live.digest,
    weight,
    answered: counts.answered,
    failed: counts.failed,
    latency: counts.readLatency(),
    ...(mirror > 0 && { compared: { ...counts.compared } }),
    ...(counts.ended > 0 && { ended: counts.ended }),
  };
}

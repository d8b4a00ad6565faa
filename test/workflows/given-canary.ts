/**
 * Canaries for tests: a rollout that takes seconds, and servers that saw what a test says.
 * @module
 */
import type { CanarySpec } from "../../framework/definitions/rollout-spec.ts";
import type { VariantEvidence } from "../../framework/serving/variants/evidence.ts";
import type { EvidenceAnswer } from "../../workflows/endpoint/messages.ts";
import type { FakeWorld } from "./fake-world.ts";

export const quickCanary: CanarySpec = {
  kind: "canary",
  steps: [5, 50, 100],
  hold: "2 seconds",
  atLeast: 100,
  mirror: 0,
  abortOn: [{ kind: "errorRate", above: 0.01, over: 100 }],
};

/** What a server sees between two looks at it. */
export interface Traffic {
  /** @default 200 */
  requests: number;
  /** The share of the canary's that fail. @default 0 */
  failing: number;
  /** What it says instead of what it saw. @default it says what it saw */
  says: EvidenceAnswer | undefined;
}

/** A server of an endpoint whose traffic is played; changes of what comes back count from then on. */
export function playTraffic(world: FakeWorld, endpoint: string, given: Partial<Traffic> = {}): Traffic {
  const traffic: Traffic = { requests: 200, failing: 0, says: undefined, ...given };
  let all = 0;
  let failed = 0;
  world.evidence.set(endpoint, () => {
    all += traffic.requests;
    failed += Math.round(traffic.requests * traffic.failing);
    return traffic.says ?? { reading: { champion: see("champion", all, 0), canary: see("canary", all, failed) } };
  });
  return traffic;
}

function see(name: string, all: number, failed: number): VariantEvidence {
  const answered = all - failed;
  const latency = { bounds: [10], counts: [answered, answered] };
  return { name, model: "m", version: 1, package: "p", weight: 0, answered, failed, latency };
}

/** Which versions the routings of an endpoint gave callers to, in order: `v1`, `v1 95 % v2 5 %`; empty where production is followed. */
export function listRouted(world: FakeWorld, name: string): readonly string[] {
  return world.routings
    .filter(({ endpoint }) => endpoint === name)
    .map(({ variants }) =>
      variants
        .map(({ version, weight }) => (weight === 10_000 ? `v${version}` : `v${version} ${weight / 100} %`))
        .join(" "),
    );
}

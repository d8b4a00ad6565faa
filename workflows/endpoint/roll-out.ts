/**
 * A version that reaches callers step by step: it sets out, is looked at, and goes on, holds, or goes back.
 * @module
 */
import { condition, isCancellation, patched, proxyActivities } from "@temporalio/workflow";
import type { LiveEndpoint } from "../../framework/engine/entity-status.ts";
import type { CanaryDecision } from "../../framework/serving/variants/advance-canary.ts";
import { quickWork } from "../activity-options.ts";
import { failWith } from "../entity/reasons.ts";
import { writeTimeline } from "../entity/timeline.ts";
import type { EndpointActivities } from "./activities.ts";
import {
  beginStep,
  countIn,
  decide,
  describeCanary,
  findPatience,
  goesOn,
  moveTo,
  sayAsked,
  setOut,
  showCanary,
} from "./canary.ts";
import { sayLabels } from "./canary-labels.ts";
import { listArmNews, sayServing } from "./experiment.ts";
import { fillRouted } from "./fill.ts";
import { noteWinner } from "./looked.ts";
import type { CanaryMemory, EndpointEntity, EndpointMemory, EvidenceAnswer, Released } from "./messages.ts";
import { publish, untilServed } from "./route.ts";
import { goesByCanary, isRoutedOtherwise } from "./traffic.ts";

const { readEvidence } = proxyActivities<EndpointActivities>({ ...quickWork, summary: "what did the server see?" });

/** Has callers answered by a release as the endpoint's rollout says: step by step, or at once. */
export function rollOut(entity: EndpointEntity, released: Released): Promise<void> {
  return orGiveUp(entity, () => setOutOrShift(entity, released));
}

/** Looks at the version on its way, and does what follows. */
export function checkCanary(entity: EndpointEntity): Promise<void> {
  return orGiveUp(entity, () => check(entity));
}

/** A version whose way has failed is on its way no more, and not tried again by itself. */
async function orGiveUp(entity: EndpointEntity, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { canary } = entity.memory;
    if (canary && !isCancellation(error)) {
      remember(entity, { canary: undefined, held: canary.released.version });
      entity.set({ canary: undefined });
      // Callers that it has already must not stay with a version that nobody looks at. Why it failed is said either way.
      const { routing } = entity.memory;
      if (
        routing?.generation !== undefined &&
        isRoutedOtherwise(entity.desired, entity.memory) &&
        patched("gives-callers-back")
      )
        await publish(entity).catch(() => undefined);
    }
    throw error;
  }
}

async function setOutOrShift(entity: EndpointEntity, released: Released): Promise<void> {
  const { rollout } = entity.desired;
  if (rollout === undefined || !goesByCanary(entity.desired, entity.memory)) return shift(entity, released);
  const { canary } = entity.memory;
  if (canary && goesOn(canary, released, rollout)) {
    if (canary.since === undefined || isRoutedOtherwise(entity.desired, entity.memory)) return takeStep(entity);
    // What was asked anew changes nothing for the version on its way, if it is still asked the same server.
    const { generation = 0 } = entity.memory.routing ?? {};
    const { champion = released } = entity.memory;
    const end = await untilServed(entity, { generation, released: champion });
    if (end === "served") sayHold(entity, entity.memory.canary ?? canary);
    return;
  }
  const salt = `${entity.start.name}@v${released.version}.${(entity.memory.routing?.generation ?? 0) + 1}`;
  remember(entity, { canary: setOut(released, { rollout, salt }), held: undefined });
  await fillRouted(entity);
  await takeStep(entity);
}

/** Has all callers answered by a release. */
async function shift(entity: EndpointEntity, released: Released): Promise<void> {
  const { address } = entity.desired;
  const { version, package: digest } = released;
  const over = noteWinner(entity.desired, entity.memory, released);
  remember(entity, { champion: released, canary: undefined, held: undefined, ...over });
  await fillRouted(entity);
  const before = entity.memory.routing;
  await publishAnew(entity);
  for (const line of listArmNews(entity.desired, before, entity.memory.routing)) await writeTimeline(line);
  const generation = entity.memory.routing?.generation ?? 0;
  if ((await untilServed(entity, { generation, released })) !== "served") return;
  const live: LiveEndpoint = { kind: "endpoint", address, version, package: digest };
  const summary = sayServing(entity.desired, entity.memory, version);
  entity.settle("ready", summary, { live, canary: undefined });
}

/** Writes the routing unless it says what it should. */
async function publishAnew(entity: EndpointEntity): Promise<void> {
  if (entity.memory.routing?.variants === undefined || isRoutedOtherwise(entity.desired, entity.memory))
    await publish(entity);
}

/** Has the version on its way get the share of its step, and begins to watch it. */
async function takeStep(entity: EndpointEntity): Promise<void> {
  const { canary, champion } = entity.memory;
  if (!canary || !champion) throw new Error("no version is on its way");
  const generation = await publish(entity);
  entity.set({ canary: showCanary(canary), state: "working", summary: describeCanary(canary) });
  const awaited = { generation, released: champion, limit: findPatience(canary.rollout) / 2 };
  let end = await untilServed(entity, awaited);
  // The time may have passed while there was no worker, so it is given twice.
  if (end === "late") end = await untilServed(entity, awaited);
  if (end === "overtaken") return;
  const first = await ask(entity, generation);
  if (end === "late" && !first.reading) {
    const { silence = "it took too long" } = first;
    return takeBack(entity, canary, [`its server did not take it in: ${silence}`]);
  }
  const moving = entity.memory.canary;
  if (!moving || moving.released !== canary.released) return;
  const { watched, ...step } = beginStep(moving, first, Date.now());
  const begun = patched("counts-what-is-watched") ? { ...step, watched } : step;
  remember(entity, { canary: begun });
  sayHold(entity, begun);
  const { version, percent } = showCanary(begun);
  await writeTimeline(`canary: version ${version} answers ${percent} % of callers`);
}

async function check(entity: EndpointEntity): Promise<void> {
  const { routing } = entity.memory;
  const seen = await ask(entity, routing?.generation ?? 0);
  const before = entity.memory.canary;
  if (!before) return;
  const now = Date.now();
  const canary = countIn(before, seen, now);
  remember(entity, { canary });
  await carryOut(entity, { canary, decision: decide(canary, seen, now) });
}

async function carryOut(
  entity: EndpointEntity,
  { canary, decision }: { readonly canary: CanaryMemory; readonly decision: CanaryDecision },
): Promise<void> {
  const { version } = canary.released;
  const { asked } = canary;
  const labels = asked ? undefined : sayLabels(canary);
  switch (decision.kind) {
    case "hold":
      sayHold(entity, canary, decision.why);
      return;
    case "advance":
      if (asked) await writeTimeline(sayAsked(`canary: version ${version} moved on`, asked));
      if (labels !== undefined) await writeTimeline(`canary: version ${version} goes on: ${labels}`);
      if (isAskedAnew()) return;
      remember(entity, { canary: moveTo(canary, decision.to) });
      await takeStep(entity);
      return;
    case "finish":
      if (labels !== undefined) await writeTimeline(`canary: version ${version} goes on: ${labels}`);
      await writeTimeline(
        asked
          ? sayAsked(`canary: version ${version} moved on to all callers`, asked)
          : `canary: version ${version} answers all callers`,
      );
      if (isAskedAnew()) return;
      await shift(entity, canary.released);
      return;
    case "abort":
      return takeBack(entity, canary, decision.reasons);
  }

  /** Whether a person has decided while the timeline was written: that is looked at next, and goes before this. */
  function isAskedAnew(): boolean {
    return entity.memory.canary?.asked !== asked;
  }
}

/** Has all callers answered by the version before. */
async function takeBack(entity: EndpointEntity, canary: CanaryMemory, reasons: readonly string[]): Promise<never> {
  const { version } = canary.released;
  remember(entity, { canary: undefined, held: version });
  await publish(entity);
  entity.set({ canary: undefined });
  throw failWith(reasons.map((reason) => `canary of version ${version} was taken back: ${reason}`));
}

/** Says so whenever the time has come to look at the version on its way. */
export async function watchCanary(entity: EndpointEntity): Promise<never> {
  for (;;) {
    await condition(() => entity.memory.canary?.checkAt !== undefined);
    const at = entity.memory.canary?.checkAt ?? 0;
    const hasChanged = () => entity.memory.canary?.checkAt !== at;
    if (await condition(hasChanged, Math.max(1, at - Date.now()))) continue;
    const { canary } = entity.memory;
    if (canary) remember(entity, { canary: { ...canary, checkDue: true } });
    await condition(hasChanged);
  }
}

function ask(entity: EndpointEntity, generation: number): Promise<EvidenceAnswer> {
  return readEvidence({ address: entity.desired.address, endpoint: entity.start.name, generation });
}

/** A hold is no work under way: who waits for the endpoint waits no longer. */
function sayHold(entity: EndpointEntity, canary: CanaryMemory, why?: string): void {
  entity.settle("ready", describeCanary(canary, why), { canary: showCanary(canary) });
}

function remember(entity: EndpointEntity, change: Partial<EndpointMemory>): void {
  entity.memory = { ...entity.memory, ...change };
}

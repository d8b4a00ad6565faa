/**
 * The promise as a judgement of what was planned and what ran. Pure.
 * @module
 */
import type { Plan } from "../../../framework/plan/plan.ts";
import type { Ran } from "./journal.ts";

/** What became of one edit, without the plan it is judged against. */
export interface Happened {
  /** Before the new versions of the datasets were known. */
  readonly before: readonly Ran[];
  /** After that, and after the second look at the facts. */
  readonly after: readonly Ran[];
  /** The entities that failed, by `kind/name`. */
  readonly failed: readonly string[];
  /** What was not applied because something before it failed. */
  readonly skipped: readonly string[];
}

export interface Plans {
  readonly first: Plan;
  /** Made from the facts after the ingests, which resolve what was unknown. */
  readonly second: Plan;
}

/** Every breach of the promise, each a sentence. */
export function findBreaches({ first, second }: Plans, happened: Happened): string[] {
  const { before, after } = happened;
  const resolved = foretell(second);
  const open = [...resolved.all.keys()].filter(
    (key) => foretell(second).unknown.has(key) && !isExcused(second, key, happened),
  );
  return [
    ...compare(first, [...before, ...after], happened).map((breach) => `first plan: ${breach}`),
    ...compare(second, after, happened).map((breach) => `after the ingests: ${breach}`),
    ...exceed(resolved.all, foretell(first).all).map((key) => `the second plan says "${key}", the first did not`),
    ...open.map((key) => `"${key}" is still unknown after the ingests`),
  ];
}

function compare(plan: Plan, ran: readonly Ran[], happened: Happened): string[] {
  const done = count(ran.map(({ step, subject }) => `${step} ${subject}`));
  const { all, will } = foretell(plan);
  // However many people approve, it is one approval that was foretold.
  const beyond = exceed(done, all).filter((key) => !(key.startsWith("approve ") && all.has(key)));
  return [
    ...beyond.map((key) => `"${key}" ran ${done.get(key)} times, foretold ${all.get(key) ?? 0} times`),
    ...exceed(will, done)
      .filter((key) => !isExcused(plan, key, happened))
      .map((key) => `"${key}" was to run ${will.get(key)} times and ran ${done.get(key) ?? 0} times`),
  ];
}

/** What a plan says, as `step subject` and how often. */
function foretell({ definitions }: Plan) {
  const said = definitions.flatMap(({ consequences }) =>
    consequences.map(({ step, subject, certainty }) => ({ key: `${step} ${subject}`, kind: certainty.kind })),
  );
  const of = (kind: string) => count(said.flatMap((each) => (each.kind === kind ? [each.key] : [])));
  return { all: count(said.map(({ key }) => key)), will: of("will"), unknown: of("unknown") };
}

/** Whether a step need not have run: its definition failed at a step on the way there, or was never reached. */
function isExcused({ definitions }: Plan, key: string, { before, after, failed, skipped }: Happened): boolean {
  const owners = definitions.filter(({ consequences }) =>
    consequences.some(({ step, subject }) => `${step} ${subject}` === key),
  );
  const broken = [...before, ...after].some(({ ended }) => ended === "failed");
  return owners
    .map(({ kind, name }) => `${kind}/${name}`)
    .every((owner) => skipped.includes(owner) || (broken && failed.includes(owner)));
}

function count(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** The keys that are more often in the first than in the second. */
function exceed(first: ReadonlyMap<string, number>, second: ReadonlyMap<string, number>): string[] {
  return [...first].filter(([key, times]) => times > (second.get(key) ?? 0)).map(([key]) => key);
}

/**
 * A campaign: edit after edit is planned and applied on one stack, and what ran is recorded beside what was planned.
 * @module
 */
import type { ProjectSpec } from "../../../framework/definitions/spec.ts";
import type { Facts } from "../../../framework/plan/facts.ts";
import { plan } from "../../../framework/plan/plan.ts";
import { createDraw } from "./draw.ts";
import { type Edit, type EditName, edits } from "./edits.ts";
import type { Ran } from "./journal.ts";
import { firstState, type ShopState } from "./shop.ts";
import type { Stage } from "./stage.ts";
import { findBreaches, type Happened } from "./verdict.ts";

export interface RecordedEdit extends Happened {
  /** `"7.3 rows: the source gains rows"`: seed, place, name and what it is. */
  readonly title: string;
  readonly project: ProjectSpec;
  /** The facts of the first plan, and of the second one, after the ingests. */
  readonly facts: readonly [Facts, Facts];
  /** The results that were there before the store lost some. */
  readonly unlost: Facts["artefacts"];
  /** How the promise was broken. */
  readonly breaches: readonly string[];
  readonly seconds: number;
}

/** Runs a campaign of its own seed to its end, however many promises are broken. */
export async function runCampaign(stage: Stage, seed: number, names: readonly EditName[]): Promise<RecordedEdit[]> {
  const draw = createDraw(seed);
  const recorded: RecordedEdit[] = [];
  const states: ShopState[] = [firstState];
  for (const [i, name] of names.entries()) {
    const edit: Edit = edits[name];
    const state = { ...(states.at(-1) ?? firstState), ...edit.change?.(states.at(-1) ?? firstState, draw, states) };
    const title = `${seed}.${i} ${name}: ${edit.title}`;
    recorded.push({ title, ...(await runEdit(stage, edit, { state, before: states.at(-1) ?? firstState })) });
    states.push(state);
  }
  return recorded;
}

type Moved = { readonly state: ShopState; readonly before: ShopState };

async function runEdit(stage: Stage, edit: Edit, { state, before: left }: Moved): Promise<Omit<RecordedEdit, "title">> {
  const begun = performance.now();
  const { journal } = stage;
  await actAround(stage, edit, left);
  const meanwhile = await journal.read(stage.entities);
  const overtaken = edit.overtaken && (await beginOvertaken(stage, { ...left, ...edit.overtaken(left) }));
  const project = await stage.prepare(state);
  const counted = await stage.collect(project);
  if (edit.loses === "training sets") await stage.loseTrainingSets(counted);
  if (edit.loses === "packages") await stage.losePackages(counted);
  const facts = edit.loses ? await stage.collect(project) : counted;

  let before: readonly Ran[] = [];
  let resolved = facts;
  const { failed, skipped } = await stage.apply(project, facts, async () => {
    // What is being overtaken is under way, and rows do not change in such an edit.
    if (overtaken) return;
    await stage.settle();
    before = await journal.read(stage.entities);
    resolved = await stage.collect(project);
  });
  if (edit.approved) await stage.approve();
  await overtaken?.ended;
  const all = await journal.read(stage.entities);
  const after = all.filter(({ ended }) => !overtaken || ended !== "cancelled");

  const happened = { before, after, failed, skipped };
  const breaches = [
    ...findBreaches({ first: plan(project, facts), second: plan(project, resolved) }, happened),
    ...(overtaken?.judge(all.filter(({ ended }) => ended === "cancelled")) ?? []),
    ...(await journal.findUnexplained([...meanwhile, ...before, ...after])),
  ];
  const seconds = (performance.now() - begun) / 1000;
  return { ...happened, project, facts: [facts, resolved], unlost: counted.artefacts, breaches, seconds };
}

/** Applies a state that takes long to train, and comes back while it is being trained. */
async function beginOvertaken(stage: Stage, state: ShopState) {
  const { superseded } = stage.journal;
  const said = superseded.length;
  const project = await stage.prepare(state);
  const facts = await stage.collect(project);
  const ended = stage.apply(project, facts, async () => undefined);
  await stage.awaitTraining("spender");
  return {
    ended,
    /** What was planned for it and did not run must be reported as superseded. */
    judge: (cancelled: readonly Ran[]): string[] => {
      const foretold = plan(project, facts).definitions.flatMap(({ consequences }) => consequences);
      return [
        ...cancelled
          .filter(({ step, subject }) => !foretold.some((each) => each.step === step && each.subject === subject))
          .map(({ step, subject }) => `"${step} ${subject}" ran for a wish that did not foretell it`),
        ...(superseded.length > said ? [] : ["a wish was overtaken, and no entity said so"]),
      ];
    },
  };
}

async function actAround(stage: Stage, { people }: Edit, state: ShopState): Promise<void> {
  switch (people) {
    case "roll back":
      return stage.rollBack();
    case "approve":
      return stage.approve();
    case "reject":
      return stage.reject();
    case "touch the source":
      return stage.touch(state);
    case undefined:
      return;
  }
}

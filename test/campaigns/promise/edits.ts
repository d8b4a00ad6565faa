/**
 * The edits of a campaign: what a team does to its project, and what happens around it meanwhile.
 * @module
 */
import type { Draw } from "./draw.ts";
import { firstState, type ShopState } from "./shop.ts";

export interface Edit {
  readonly title: string;
  /** The fields that change. @default none */
  readonly change?: (state: ShopState, draw: Draw, earlier: readonly ShopState[]) => Partial<ShopState>;
  /** What people do before the plan is made; its work is not the plan's. @default nothing */
  readonly people?: "roll back" | "approve" | "reject" | "touch the source";
  /** What the store loses before the plan is made, of what the plan would count on. @default nothing */
  readonly loses?: "training sets" | "packages";
  /** A wish that is still being trained for when the change comes. @default none */
  readonly overtaken?: (state: ShopState) => Partial<ShopState>;
  /** Whether everybody approves what waits after the application. @default false */
  readonly approved?: boolean;
}

/** Numbers that were not there before, so that a change is one. */
function other(draw: Draw, before: number, numbers: readonly number[]): number {
  return draw.of(numbers.filter((number) => number !== before));
}

/** What keeps a run from its end; results that were lost must come back. */
const whole = { fails: false, dirty: 0, spender: true } as const;

export const edits = {
  first: { title: "the first deployment" },
  again: { title: "nothing changes" },
  weight: {
    title: "a parameter changes",
    change: ({ weight }, draw) => ({ weight: other(draw, weight, [0.1, 0.15, 0.2, 0.25, 0.3]) }),
  },
  seed: { title: "the seed changes", change: ({ seed }) => ({ seed: seed + 1 }) },
  threshold: {
    title: "the label's threshold changes",
    change: ({ threshold }, draw) => ({ threshold: other(draw, threshold, [16, 18, 20, 22]) }),
  },
  features: {
    title: "a feature changes",
    change: ({ features }, draw) => ({
      features: draw.of((["hour", "weekday", "recent"] as const).filter((each) => each !== features)),
    }),
  },
  split: {
    title: "the split changes",
    change: ({ testDays }, draw) => ({ testDays: other(draw, testDays, [16, 18, 20]) }),
  },
  rework: {
    title: "features and split change at once",
    change: ({ features, testDays }) => ({
      features: features === "hour" ? "weekday" : "hour",
      testDays: testDays === 14 ? 15 : 14,
    }),
  },
  rows: { title: "the source gains rows", change: ({ days }) => ({ days: days + 1 }) },
  moved: {
    title: "the source moves",
    change: ({ file }) => ({ file: file === "visits.csv" ? "moved.csv" : "visits.csv" }),
  },
  touched: { title: "the source is touched", people: "touch the source" },
  dirt: {
    title: "the source gains rows that break the contract",
    change: ({ dirty }) => ({ dirty: dirty === 0 ? 12 : 0 }),
  },
  tolerance: {
    title: "the contract's tolerance changes",
    change: ({ tolerance }) => ({ tolerance: tolerance === 0 ? 0.1 : 0 }),
  },
  trainer: { title: "the trainer is edited", change: ({ note }) => ({ note: note + 1 }) },
  fails: { title: "the trainer fails", change: ({ weight }) => ({ fails: true, weight: weight + 1e-3 }) },
  healed: {
    title: "whatever failed is mended",
    change: () => ({ ...whole, least: 0.6 }),
  },
  overtaken: {
    title: "a wish overtakes another",
    overtaken: ({ weight }) => ({ ...whole, slow: true, weight: weight + 1e-3 }),
    change: ({ weight }) => ({ ...whole, weight: weight + 2e-3 }),
  },
  mended: { title: "the trainer is mended", change: () => ({ fails: false }) },
  words: {
    title: "owner, licence and descriptions change",
    change: ({ owner, meaning }) => ({ owner: `${owner}-2`, license: "MIT", meaning: `${meaning}!` }),
  },
  cores: { title: "resources change", change: ({ cpu }) => ({ cpu: 3 - cpu }) },
  metrics: { title: "the metrics change", change: ({ brier }) => ({ brier: !brier }) },
  baseline: { title: "the baseline changes", change: ({ baseline }) => ({ baseline: !baseline }) },
  gate: {
    title: "a gate changes",
    change: ({ least }, draw) => ({ least: other(draw, least, [0.5, 0.52, 0.54, 0.56, 0.58, 0.6]) }),
  },
  refused: { title: "no candidate can pass", change: ({ weight }) => ({ least: 1.1, weight: weight + 1e-3 }) },
  compared: {
    title: "the comparison with production comes or goes",
    change: ({ compared }) => ({ compared: !compared }),
  },
  approval: { title: "approval is asked for or waived", change: ({ approval }) => ({ approval: !approval }) },
  approved: {
    title: "a new candidate is approved",
    change: ({ weight }) => ({ approval: true, least: 0.6, weight: weight + 1e-3, ...whole }),
    approved: true,
  },
  waiting: {
    title: "a new candidate waits for approval",
    change: ({ weight }) => ({ approval: true, least: 0.6, weight: weight + 1e-3, ...whole }),
  },
  agree: { title: "people approve, then nothing changes", people: "approve" },
  reject: { title: "people turn the candidate down, then nothing changes", people: "reject" },
  rollback: { title: "people roll back, then nothing changes", people: "roll back" },
  rollbackAndWords: {
    title: "people roll back, then an owner changes",
    people: "roll back",
    change: ({ owner }) => ({ owner: `${owner}-3` }),
  },
  durability: {
    title: "the endpoint changes",
    change: ({ durability }) => ({ durability: durability === "disk" ? "memory" : "disk" }),
  },
  desk: { title: "the endpoint goes or comes back", change: ({ desk }) => ({ desk: !desk, spender: true }) },
  closed: { title: "endpoint and model go", change: () => ({ desk: false, spender: false }) },
  opened: { title: "endpoint and model come back", change: () => ({ desk: true, spender: true }) },
  twin: { title: "a second model comes or goes", change: ({ twin }) => ({ twin: !twin }) },
  twins: {
    title: "two models on a new label",
    change: ({ threshold }) => ({ twin: true, threshold: threshold + 0.1 }),
  },
  weather: {
    title: "an unused dataset comes or goes",
    change: ({ weather }) => ({ weather: !weather, joined: false }),
  },
  joined: {
    title: "a second feature set is joined or not",
    change: ({ joined }) => ({ weather: true, joined: !joined }),
  },
  lostRows: {
    title: "a training set is lost, and the seed changes",
    loses: "training sets",
    change: ({ seed }) => ({ seed: seed + 1, ...whole }),
  },
  lostModel: {
    title: "a model is lost, and a gate changes",
    loses: "packages",
    change: ({ least }, draw) => ({ least: other(draw, least, [0.51, 0.53, 0.55]), ...whole }),
  },
  back: { title: "back to an earlier state", change: (_state, draw, earlier) => draw.of(earlier) },
  start: { title: "back to the first state", change: () => firstState },
} satisfies Record<string, Edit>;

export type EditName = keyof typeof edits;

/** Few edits in which every kind of consequence happens. */
export const shortList: readonly EditName[] = [
  "first",
  "split",
  "rework",
  "durability",
  "twins",
  "rows",
  "lostRows",
  "lostModel",
  "approved",
  "fails",
  "again",
  "mended",
  "trainer",
  "overtaken",
  "closed",
  "opened",
];

/** After these nothing is released until they are taken back. */
const breaking: readonly EditName[] = ["fails", "refused", "dirt"];

/** The first deployment and `length` drawn edits. What breaks the project is mended after one more edit. */
export function drawEdits(draw: Draw, length: number): readonly EditName[] {
  const names = (Object.keys(edits) as EditName[]).filter((name) => name !== "first");
  const drawn: EditName[] = ["first"];
  while (drawn.length <= length) drawn.push(breaking.includes(drawn.at(-2) ?? "first") ? "healed" : draw.of(names));
  return drawn;
}

/**
 * A small project whose every choice is one field, so that an edit is a change of fields and an earlier state is a value.
 * @module
 */
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExpressionTree } from "../../../framework/definitions/expression-tree.ts";
import type {
  DatasetSpec,
  DefinitionSpec,
  FeaturesSpec,
  ModelSpec,
  ProjectSpec,
  TrainingJobSpec,
} from "../../../framework/definitions/spec.ts";
import { desk, habits, shop, spender, spending, visits } from "../../support/project.ts";
import { createDraw } from "./draw.ts";

const trainerFolder = join(import.meta.dirname, "../../support/tiny-trainer");

export interface ShopState {
  /** How many days of visits the source has, ten visits each. */
  readonly days: number;
  /** How many of its rows break the contract. */
  readonly dirty: number;
  /** The source's file. */
  readonly file: string;
  /** A comment at the end of the trainer. */
  readonly note: number;
  readonly owner: string;
  readonly license: string;
  readonly meaning: string;
  readonly tolerance: number;
  readonly features: "hour" | "weekday" | "recent";
  /** Joins the weather to the visits. Asks for `weather`. */
  readonly joined: boolean;
  /** The spending above which a visit counts. */
  readonly threshold: number;
  readonly testDays: number;
  readonly weight: number;
  /** Makes the trainer fail. */
  readonly fails: boolean;
  /** Makes the trainer take a minute. */
  readonly slow: boolean;
  readonly seed: number;
  readonly cpu: number;
  readonly brier: boolean;
  readonly baseline: boolean;
  /** The gate's area under the curve: nothing reaches 1.1. */
  readonly least: number;
  readonly compared: boolean;
  readonly approval: boolean;
  readonly durability: "disk" | "memory";
  /** Which definitions there are. A desk asks for a spender. */
  readonly weather: boolean;
  readonly spender: boolean;
  readonly desk: boolean;
  /** A second model of the same training job. */
  readonly twin: boolean;
}

export const firstState: ShopState = {
  days: 60,
  dirty: 0,
  file: "visits.csv",
  note: 0,
  owner: "ops",
  license: "CC0-1.0",
  meaning: "what a visit brought in",
  tolerance: 0,
  features: "hour",
  joined: false,
  threshold: 20,
  testDays: 20,
  weight: 0.2,
  fails: false,
  slow: false,
  seed: 1,
  cpu: 1,
  brier: false,
  baseline: false,
  least: 0.6,
  compared: true,
  approval: false,
  durability: "disk",
  weather: false,
  spender: true,
  desk: true,
  twin: false,
};

const at: ExpressionTree = { op: "column", name: "at" };
const spent: ExpressionTree = { op: "column", name: "spent" };
const recent: ExpressionTree = {
  op: "window",
  aggregate: "mean",
  of: spent,
  by: [{ op: "column", name: "shop" }],
  over: "7 days",
  lag: "1 day",
};

const extraFeatures: Readonly<Record<ShopState["features"], FeaturesSpec["columns"]>> = {
  hour: [],
  weekday: [{ name: "weekday", type: "number", expression: { op: "dayOfWeek", of: at } }],
  recent: [{ name: "recent", type: "number", expression: recent }],
};

/** The project of a state. */
export function describeShop(state: ShopState): ProjectSpec {
  const dataset: DatasetSpec = {
    ...visits,
    owner: state.owner,
    license: state.license,
    columns: visits.columns.map((column) =>
      column.name === "spent" ? { ...column, description: state.meaning } : column,
    ),
    source: { kind: "file", format: "csv", path: state.file },
    contract: { violations: "quarantine", tolerance: state.tolerance },
  };
  const weather: DatasetSpec = {
    ...visits,
    name: "weather",
    columns: visits.columns
      .filter(({ name }) => name === "at")
      .concat({ name: "warmth", type: "number", nullable: false, known: "0 seconds" }),
    source: { kind: "file", format: "csv", path: "weather.csv" },
  };
  const sky: FeaturesSpec = {
    format: "features/1",
    kind: "features",
    name: "sky",
    from: "weather",
    columns: [{ name: "warmth", type: "number", expression: { op: "column", name: "warmth" } }],
  };
  const job: TrainingJobSpec = {
    ...spending,
    features: [{ set: "habits", by: {} }, ...(state.joined ? [{ set: "sky", by: {} }] : [])],
    label: { op: "gt", left: spent, right: { op: "literal", value: state.threshold } },
    split: { test: `${state.testDays} days`, validation: "5 days", gap: "1 day" },
    params: { weight: state.weight, fail: state.fails, slow: state.slow },
    seed: state.seed,
    resources: { cpu: state.cpu, memory: "1 GiB" },
  };
  const model: ModelSpec = {
    ...spender,
    owner: state.owner,
    metrics: state.brier ? ["auc", "brier"] : ["auc"],
    ...(state.baseline ? { baseline: "hour" } : {}),
    gates: [
      { kind: "atLeast", metric: "auc", value: state.least },
      ...(state.compared ? [{ kind: "noWorseThanProduction", metric: "auc", by: 0.5 } as const] : []),
    ],
    approval: state.approval ? { from: ["ann", "bob"], count: 2 } : "waived",
  };
  const definitions: DefinitionSpec[] = [
    dataset,
    ...(state.weather ? [weather] : []),
    { ...habits, columns: [...habits.columns, ...extraFeatures[state.features]] },
    ...(state.joined ? [sky] : []),
    job,
    ...(state.spender ? [model] : []),
    ...(state.twin ? [{ ...model, name: "twin", approval: "waived" } as const] : []),
    ...(state.desk ? [{ ...desk, log: { ...desk.log, durability: state.durability } }] : []),
  ];
  return { ...shop, definitions };
}

/** Writes the files of a state, those that differ from what is there. */
export async function writeShop(folder: string, state: ShopState): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { trainer: program } = spending;
  if (program.kind === "container") throw new Error("the shop trains with a file");
  const trainer = await readFile(join(trainerFolder, program.file), "utf8");
  await writeChanged(join(folder, program.file), `${trainer}\n# ${state.note}\n`);
  await copyFile(join(trainerFolder, program.lock), join(folder, program.lock));
  await writeChanged(join(folder, state.file), writeVisits(state));
  await writeChanged(join(folder, "weather.csv"), writeWeather());
}

const start = Date.parse("2024-01-01T00:00:00Z");
const hour = 3_600_000;

/** Ten visits a day, which spend more the later they come; the dirty ones spend less than nothing. */
function writeVisits({ days, dirty }: ShopState): string {
  const draw = createDraw(7);
  const rows = Array.from({ length: days * 10 }, (_, i) => {
    const time = start + Math.floor(i / 10) * 24 * hour + draw.below(24) * hour;
    const earned = new Date(time).getUTCHours() + draw.below(16);
    return `${new Date(time).toISOString()},shop-${draw.below(3)},${i < dirty ? -1 : earned}`;
  });
  return ["at,shop,spent", ...rows, ""].join("\n");
}

function writeWeather(): string {
  const draw = createDraw(8);
  const rows = Array.from(
    { length: 100 },
    (_, day) => `${new Date(start + (day - 5) * 24 * hour).toISOString()},${draw.below(30)}`,
  );
  return ["at,warmth", ...rows, ""].join("\n");
}

async function writeChanged(path: string, text: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => undefined)) !== text) await writeFile(path, text);
}

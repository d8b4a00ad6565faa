/**
 * The shop on a stack without Pulumi: its files, and its dataset and models applied as the provider does it.
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { collectFacts } from "../../framework/cli/collect-facts.ts";
import { formatConsequence } from "../../framework/cli/plan-text.ts";
import type { ModelSpec, ProjectSpec, TrainingJobSpec } from "../../framework/definitions/spec.ts";
import type { EntityKind } from "../../framework/engine/entity-names.ts";
import type { EntityStatus } from "../../framework/engine/entity-status.ts";
import type { ApplyMessage } from "../../framework/engine/messages.ts";
import { desireModel, referTo } from "../../framework/plan/desired.ts";
import { digestOf } from "../../framework/plan/digest.ts";
import type { Facts } from "../../framework/plan/facts.ts";
import { runIdentity, trainingSetIdentity } from "../../framework/plan/identity.ts";
import { plan } from "../../framework/plan/plan.ts";
import { describeTrainer } from "../../framework/training/trainer-closure.ts";
import { habits, spender, spending, visits } from "./project.ts";
import type { TestStack } from "./stack.ts";

const actor = { id: "ann", via: "test" } as const;
const tinyTrainer = join(import.meta.dirname, "tiny-trainer");

/** A job of the shop whose label has both of its values in every split. */
export const shopJob: TrainingJobSpec = {
  ...spending,
  label: { op: "gt", left: { op: "column", name: "spent" }, right: { op: "literal", value: 20 } },
  split: { test: "20 days", validation: "5 days", gap: "1 day" },
  params: { weight: 0.1, mode: "sound", seconds: 0 },
};
export const shopModel: ModelSpec = { ...spender, metrics: ["auc", "log-loss"] };

/** What is applied, and what it will be known by. */
export interface AppliedModel {
  /** The generation of the model's entity. */
  readonly generation: number;
  /** The identity of the run, or of the study. */
  readonly run: string;
  /** The identity of the training set, and the digest of the trainer's closure. */
  readonly trainingSet: string;
  readonly trainer: string;
}

export interface AppliedShop {
  /** Applies the dataset and a model. @param model @default `shopModel` */
  apply(training: TrainingJobSpec, model?: ModelSpec): Promise<AppliedModel>;
  /** The status of a model's entity once it has settled a generation. An engine that does not answer is asked again. */
  settled(model: string, generation: number): Promise<EntityStatus>;
  /** What a plan says of it, a line for each consequence. */
  foretell(training: TrainingJobSpec, model?: ModelSpec): Promise<string[]>;
  /** The runs that were begun, by their identities, each as often as its program was started. */
  begun(): Promise<string[]>;
  /** Puts another trainer in the place of the one there is. @param note makes it another one that does the same */
  placeTrainer(note?: string): Promise<void>;
}

/** Puts the shop's files in the stack's scratch folder. */
export async function openAppliedShop(stack: TestStack): Promise<AppliedShop> {
  const { store, engine, connection, project, scratch } = stack;
  const folder = join(scratch, "project");
  const noted = join(scratch, "begun");
  await mkdir(folder);
  await writeFile(noted, "");
  await writeFile(join(folder, "requirements.lock"), await readFile(join(tinyTrainer, "requirements.lock")));
  await writeFile(join(folder, "visits.csv"), writeVisits());
  const placeTrainer = async (note = "") => {
    await writeFile(join(folder, "train.py"), `${await writeTrainer(noted)}# ${note}\n`);
  };
  await placeTrainer();

  const projectOf = (training: TrainingJobSpec, model: ModelSpec): ProjectSpec => ({
    name: project,
    environment: "test",
    definitions: [visits, habits, training, model],
  });
  const collect = (training: TrainingJobSpec, model: ModelSpec): Promise<Facts> =>
    collectFacts({ project: projectOf(training, model), loaded: { folder }, inputs: {} }, stack);
  const tell = async (kind: EntityKind, name: string, desired: ApplyMessage["desired"]): Promise<number> => {
    const message = { actor, owner: connection.owner, adopt: false, digest: digestOf(desired), desired };
    return (await engine.apply({ project, kind, name }, message)).generation;
  };
  const settled = async (kind: EntityKind, name: string, generation: number): Promise<EntityStatus> => {
    for (;;) {
      const status = await engine.status({ project, kind, name }).catch(() => undefined);
      if (status && status.settled >= generation && status.state !== "working") return status;
      await delay(100);
    }
  };
  return {
    placeTrainer,
    settled: (model, generation) => settled("model", model, generation),
    apply: async (training, model = shopModel) => {
      const { definitions } = projectOf(training, model);
      for (const spec of definitions) await store.putJson(spec);
      const source = (await collect(training, model)).sources["visits"];
      if (!source) throw new Error("there is no source");
      const told = await tell("dataset", "visits", { kind: "dataset", spec: referTo(visits), ...source });
      const { live } = await settled("dataset", "visits", told);
      const roots = { visits: live?.kind === "dataset" ? live.root : "" };
      const closure = describeTrainer(folder, training.trainer);
      for (const { path } of closure.files) await store.putFile(join(folder, path));
      const trainer = await store.putJson(closure);
      const specs = new Map(definitions.map((spec) => [`${spec.kind}/${spec.name}`, spec]));
      const parts = { training, features: { habits }, roots };
      const generation = await tell("model", model.name, desireModel(model, { ...parts, specs, trainer }));
      const known = { trainingSet: trainingSetIdentity(parts), trainer: trainer.sha256 };
      return { generation, run: runIdentity(training, known), ...known };
    },
    foretell: async (training, model = shopModel) =>
      plan(projectOf(training, model), await collect(training, model)).definitions.flatMap(({ consequences }) =>
        consequences.map(formatConsequence),
      ),
    begun: async () => (await readFile(noted, "utf8")).split("\n").filter((line) => line !== ""),
  };
}

/**
 * The tiny trainer with other parameters: it notes that it began, reports how far it is, keeps a checkpoint after each report, and may
 * fail or use up its memory.
 */
async function writeTrainer(begun: string): Promise<string> {
  const text = await readFile(join(tinyTrainer, "train.py"), "utf8");
  const [library = ""] = text.split("job = steward.job()");
  return `${library}
job = steward.job()
mode, weight = job.params["mode"], job.params["weight"]
with open(${JSON.stringify(begun)}, "a") as file:
    file.write(f"{job.run}\\n")
time.sleep(job.params["seconds"])
if mode == "broken":
    sys.exit("told to fail")
if mode == "large":
    held = bytearray(200 * 2**20)
    held[:: 4096] = b"x" * len(held[:: 4096])
    time.sleep(2)
kept = job.resume() or {"step": 0}
for step in range(kept["step"] + 1, 4):
    job.report(step, of=3, **{"log-loss": abs(weight - 0.3) + 1 / step})
    job.checkpoint({"step": step})
    time.sleep(0.1)
job.model.write_bytes(linear_model([weight] * len(job.features), -12 * weight))
`;
}

/** Ten visits a day, which spend more the later they come. */
function writeVisits(): string {
  const start = Date.parse("2024-01-01T00:00:00Z");
  const rows = Array.from({ length: 600 }, (_, i) => {
    const time = new Date(start + Math.floor(i / 10) * 86_400_000 + ((i * 7) % 24) * 3_600_000);
    return `${time.toISOString()},shop-${i % 3},${time.getUTCHours() + ((i * 5) % 16)}`;
  });
  return ["at,shop,spent", ...rows, ""].join("\n");
}

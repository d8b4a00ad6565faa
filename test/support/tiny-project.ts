/**
 * The smallest project that goes the whole way, for tests of what surrounds it: sixty days of visits, a trainer on the
 * standard library, a model and an endpoint. It is deployed in seconds.
 * @module
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkout } from "./checkout.ts";

const writeProject = (language: string): string => `import { z } from "zod";
import { allAtOnce, auc, csv, dataset, endpoint, features, model, project, python, trainingJob } from "${language}";

const Visit = z.object({ at: z.date(), shop: z.string(), spent: z.number().min(0).meta({ known: "1 day" }) });
const visits = dataset("visits", { owner: "ops", schema: Visit, eventTime: "at", source: csv("visits.csv") });
const habits = features("habits", visits, (row) => ({ hour: row.at.hour() }));
const spending = trainingJob("spending", {
  features: [habits],
  label: (row) => row.spent.gt(20),
  split: { test: "20 days", validation: "5 days", gap: "1 day" },
  trainer: python("train.py", { lock: "requirements.lock" }),
  params: z.object({ weight: z.number().default(0.2), slow: z.boolean().default(false) }),
  seed: 1,
  resources: { cpu: 1, memory: "1 GiB" },
});
const spender = model("spender", {
  owner: "ml", risk: "low", training: spending, metrics: [auc], gates: [auc.atLeast(0.6)], approval: "waived",
});
const desk = endpoint("desk", { model: spender, rollout: allAtOnce(), log: { requests: "all", durability: "disk" } });
export default project("tiny", { definitions: [visits, habits, spending, spender, desk], environments: { local: {} } });
`;

/**
 * Puts the project in a checkout, as the one of its stack "local".
 *
 * @param language what the project imports the language from. @default this repository's, as a copy of it has it
 */
export function placeTinyProject({ folder }: Pick<Checkout, "folder">, language = "../framework/index.ts"): void {
  const target = join(folder, "tiny");
  mkdirSync(target);
  for (const file of ["train.py", "requirements.lock"])
    copyFileSync(join(import.meta.dirname, "tiny-trainer", file), join(target, file));
  writeFileSync(join(target, "project.ts"), writeProject(language));
  writeFileSync(join(target, "visits.csv"), writeVisits());
  writeFileSync(join(folder, "Pulumi.local.yaml"), "config:\n  steward:project: tiny/project.ts\n");
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

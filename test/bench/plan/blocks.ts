/**
 * Projects of any size for the bench of plans: blocks of ten definitions, each alike, so that a project of a thousand is a
 * project of ten a hundred times.
 * @module
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const trainerFolder = join(import.meta.dirname, "../../support/tiny-trainer");

/** What is in a block. */
export const blockMix = "4 datasets, 4 feature sets, 1 training job, 1 model";
const definitionsPerBlock = 10;
const datasetsPerBlock = 4;

export interface BenchProject {
  /** The name of the project and of its stack. */
  readonly name: string;
  /** A multiple of ten. */
  readonly definitions: number;
}

/** Writes a project, its sources and its stack's settings below the folder of a checkout. */
export function writeBenchProject(root: string, { name, definitions }: BenchProject): void {
  const blocks = definitions / definitionsPerBlock;
  const folder = join(root, name);
  mkdirSync(folder);
  for (const file of ["train.py", "requirements.lock"]) copyFileSync(join(trainerFolder, file), join(folder, file));
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < datasetsPerBlock; i++)
      writeFileSync(join(folder, `rows-${block}-${i}.csv`), writeRows(block * datasetsPerBlock + i));
  }
  writeFileSync(join(folder, "project.ts"), writeProject(name, blocks));
  writeFileSync(join(root, `Pulumi.${name}.yaml`), `config:\n  steward:project: ${name}/project.ts\n`);
}

/** The model whose owner `editOwner` changes. */
export const editedModel = "model-0";

/** Changes one definition of a project's text. */
export function editOwner(text: string): string {
  return text.replace('owner: "makers"', `owner: name === "${editedModel}" ? "others" : "makers"`);
}

/** Thirty days with ten rows each; the sum of hour and seed decides the label of the first dataset. */
function writeRows(seed: number): string {
  const rows = Array.from({ length: 300 }, (_, i) => {
    const hour = (i * 7) % 24;
    const at = new Date(Date.UTC(2026, 0, 1 + Math.floor(i / 10), hour, i % 60));
    return `${at.toISOString()},${hour + ((i * seed) % 5)}`;
  });
  return `at,value\n${rows.join("\n")}\n`;
}

function writeProject(name: string, blocks: number): string {
  return `import { z } from "zod";
import { auc, csv, dataset, features, model, project, python, trainingJob } from "../framework/index.ts";

const Row = z.object({ at: z.date(), value: z.number().meta({ known: "1 day" }) });

function declareBlock(block: number) {
  const datasets = Array.from({ length: ${datasetsPerBlock} }, (_, i) =>
    dataset(\`rows-\${block}-\${i}\`, { owner: "makers-of-rows", schema: Row, eventTime: "at", source: csv(\`rows-\${block}-\${i}.csv\`) }),
  );
  const sets = datasets.map((rows, i) =>
    features(\`set-\${block}-\${i}\`, rows, (row) => ({
      [i === 0 ? "hour" : \`hour\${i}\`]: row.at.hour(),
      [\`recent\${i}\`]: row.value.mean({ by: [], over: "7 days", lag: "1 day" }),
    })),
  );
  const [spine, ...joined] = sets;
  if (!spine) throw new Error("a block without a feature set");
  const job = trainingJob(\`job-\${block}\`, {
    features: [spine, ...joined.map((set) => set.by(() => ({})))],
    label: (row) => row.value.gt(12),
    split: { test: "8 days", validation: "2 days" },
    trainer: python("train.py", { lock: "requirements.lock" }),
    params: z.object({ weight: z.number().default(0.2) }),
  });
  const name = \`model-\${block}\`;
  const judged = model(name, { owner: "makers", risk: "low", training: job, metrics: [auc], gates: [] });
  return [...datasets, ...sets, job, judged];
}

export default project("${name}", { definitions: Array.from({ length: ${blocks} }, (_, block) => declareBlock(block)).flat() });
`;
}

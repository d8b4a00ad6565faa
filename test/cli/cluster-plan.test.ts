import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { useFakeGpus } from "../support/fake-gpus.ts";
import { localStack, Workspace } from "./steward.ts";

const framework = JSON.stringify(join(fileURLToPath(new URL("../..", import.meta.url)), "framework/index.ts"));

/** A project whose job asks for more GPUs than there are. */
const greedy = `import { z } from "zod";
import { csv, dataset, features, project, python, trainingJob } from ${framework};
const schema = z.object({ at: z.date(), size: z.number(), late: z.boolean().meta({ known: "1 hour" }) });
const rows = dataset("rows", { owner: "ops", schema, eventTime: "at", source: csv("rows.csv") });
const sizes = features("sizes", rows, (row) => ({ size: row.size }));
const training = trainingJob("training", {
  features: [sizes],
  label: (row) => row.late,
  split: { validation: "1 day", test: "1 day" },
  trainer: python("train.py", { lock: "train.lock" }),
  resources: { gpu: { count: 8 } },
});
export default project("shop", { definitions: [rows, sizes, training] });
`;

describe("a plan of jobs that run on a cluster", () => {
  it.each([
    ["in plain sight", "ray:http://host:8265"],
    ["as a secret", '{ secure: "v1:abc" }'],
  ])("counts no GPUs of this machine, where the stack names the cluster %s", async (_, runner) => {
    useFakeGpus("NVIDIA T4");
    using workspace = new Workspace({
      "Pulumi.local.yaml": localStack,
      "project.ts": greedy,
      "rows.csv": "at,size,late\n",
      "train.py": "",
      "train.lock": "",
    });
    expect((await workspace.run("plan")).stderr).toContain("[gpu-unavailable]");
    workspace.write({ "Pulumi.local.yaml": `${localStack}  steward:runner: ${runner}\n` });
    expect(await workspace.run("plan")).toMatchObject({ code: 0, stderr: "" });
  });
});

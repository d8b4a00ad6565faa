/**
 * The sampler gp needs PyTorch, which alone brings gigabytes of CUDA: `npm run e2e -- gp`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findTrainingTools, type TrainingTools } from "../../../framework/training/training-tools.ts";
import { startSampler } from "../../../framework/training/tuning/sampler.ts";
import { findParamFaults, listActive } from "../../../framework/training/tuning/search-space.ts";
import type { StudyRecord } from "../../../framework/training/tuning/study.ts";
import { killSamplers } from "./sampler-processes.ts";
import { complete, GrowingRecord, studyOf } from "./trials.ts";

let tools: TrainingTools;
beforeAll(async () => {
  tools = { ...(await findTrainingTools()), cacheFolder: await mkdtemp(join(tmpdir(), "steward-gp-")) };
});
afterAll(() => rm(tools.cacheFolder, { recursive: true, force: true }));

const loss = { metric: "loss", direction: "minimize" } as const;
const auc = { metric: "auc", direction: "maximize" } as const;

it.each([
  ["one objective", [loss]],
  ["two objectives", [loss, auc]],
])("suggests what the space has, and the same after each kill, with %s", async (_, objectives) => {
  const study = studyOf({ sampler: "gp", objectives, parallel: 3 });
  const sampler = await startSampler(study, { tools });
  try {
    const record = new GrowingRecord(study, 5);
    for (let number = 0; number < 24; number++) {
      const given: StudyRecord = record.copy();
      const suggestion = await sampler.ask(given, number);
      expect(findParamFaults(study.tuning.space, suggestion.params)).toEqual([]);
      if (number > 19) {
        expect(await killSamplers()).toBe(1);
        expect(await sampler.ask(given, number)).toEqual(suggestion);
      }
      record.begin(suggestion);
    }
  } finally {
    await sampler.close();
  }
});

it("comes nearer to the goal, with warm trials and one at a time", async () => {
  const earlier = Array.from({ length: 12 }, (_, number) => {
    const params = {
      rate: 10 ** -(number / 3),
      leaves: 2 + 5 * (number % 7),
      boosting: number % 2 === 0 ? "plain" : "goss",
    };
    return complete(studyOf(), { number, params });
  });
  const study = { ...studyOf({ sampler: "gp" }), earlier };
  const sampler = await startSampler(study, { tools });
  try {
    const trials: ReturnType<typeof complete>[] = [];
    for (let number = 0; number < 15; number++) {
      trials.push(complete(study, await sampler.ask({ trials, open: [] }, number)));
    }
    const best = Math.min(...trials.map(({ values }) => values[0] ?? 0));
    expect(best).toBeLessThan(Math.min(...earlier.map(({ values }) => values[0] ?? 0)));
    expect(listActive(study.tuning.space, trials[0]?.params ?? {}).length).toBeGreaterThan(2);
  } finally {
    await sampler.close();
  }
});

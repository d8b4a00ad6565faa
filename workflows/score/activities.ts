/**
 * The work of a scoring.
 * @module
 */
import { join } from "node:path";
import { logScored } from "../../framework/scoring/log-scored.ts";
import { scoreDataset } from "../../framework/scoring/score-dataset.ts";
import type { ScoreRequest, ScoreResult } from "../../framework/scoring/scoring.ts";
import { locateUserCache } from "../../framework/toolchain/cache.ts";
import type { ActivityTools } from "../activity-tools.ts";

export type ScoreActivities = ReturnType<typeof createScoreActivities>;

export function createScoreActivities({ store, place, perform, performLong, cores }: ActivityTools) {
  return {
    /** Scores what is not there yet. A second attempt finds the parts that the first one left. */
    scoreRows: (request: ScoreRequest): Promise<ScoreResult> =>
      performLong("score", async ({ signal, show, showProgress, workFolder }) => {
        const giveBack = await cores.take(cores.cores, { signal, onWait: show });
        try {
          return await scoreDataset({
            request,
            store,
            workFolder,
            indexFolder: join(locateUserCache(), "as-of"),
            threads: Math.max(1, Math.floor(cores.cores)),
            signal,
            show,
            onProgress: showProgress,
          });
        } finally {
          giveBack();
        }
      }),

    /** Gives the version its number, and says where it comes from. */
    logScore: (request: ScoreRequest): Promise<number> =>
      perform(() => logScored(store, { request, at: new Date().toISOString(), place })),
  };
}

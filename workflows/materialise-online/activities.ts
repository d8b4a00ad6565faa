/**
 * The work of filling the online store.
 * @module
 */
import { StewardError } from "../../framework/definitions/problem.ts";
import { fillTables } from "../../framework/features/online/fill-tables.ts";
import { nowInMicroseconds } from "../../framework/features/online/online-store.ts";
import { nameServingPlan, readServingSpecs } from "../../framework/features/online/serving-plan.ts";
import { listOnlineDatasets } from "../../framework/plan/online-needs.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { MaterialiseOnlineInput, OnlineLookUp, OnlineNeeds } from "./messages.ts";

export type MaterialiseOnlineActivities = ReturnType<typeof createMaterialiseOnlineActivities>;

export function createMaterialiseOnlineActivities({ store, openOnline, perform, performLong }: ActivityTools) {
  return {
    /** Finds what a server of a package looks up. A package that an older Steward released gets its plan here. */
    lookUpOnline: ({ package: digest, desired }: OnlineLookUp): Promise<OnlineNeeds> =>
      perform(async () => {
        if (desired) await nameServingPlan(store, { package: digest, desired });
        const specs = await readServingSpecs(store, digest);
        return { datasets: specs ? listOnlineDatasets(specs) : [] };
      }),

    /** Fills the tables of a package. What was in force stays in force until a table is whole. */
    fillOnline: ({ package: digest, roots, asOf }: MaterialiseOnlineInput): Promise<void> =>
      performLong("materialise-online", async ({ signal, workFolder, showProgress }) => {
        const specs = await readServingSpecs(store, digest);
        if (!specs) {
          const what = `package ${digest.slice(0, 12)} has no plan of its features`;
          throw new StewardError({ code: "object-missing", at: "", what, fix: "release the model again" });
        }
        if (!openOnline) {
          throw new StewardError({
            code: "online-store-failed",
            at: "",
            what: "this worker was given no online store",
            fix: "run npx pulumi up again, which tells it where the store is",
          });
        }
        await using online = await openOnline();
        await fillTables(specs, {
          roots,
          objects: store,
          online,
          asOf: asOf ?? nowInMicroseconds(),
          workFolder,
          signal,
          onProgress: showProgress,
        });
      }),
  };
}

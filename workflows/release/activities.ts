/**
 * The work of a release: one fenced write, after what a server needs to know is there.
 * @module
 */
import { nameRequestType } from "../../framework/client/stored-request-type.ts";
import { formatOf } from "../../framework/definitions/format.ts";
import { nameServingPlan } from "../../framework/features/online/serving-plan.ts";
import { type ProductionRef, productionRefName } from "../../framework/models/model-package.ts";
import type { ActivityTools } from "../activity-tools.ts";
import type { ReleaseInput } from "../model/messages.ts";

export type ReleaseActivities = ReturnType<typeof createReleaseActivities>;

export function createReleaseActivities({ store, perform }: ActivityTools) {
  return {
    /** Moves the production ref. A worker that lost its lock in time writes nothing: the store refuses an older fence. */
    publishRelease: ({ model, fence, version, package: digest, evaluation, desired }: ReleaseInput): Promise<void> =>
      perform(async () => {
        if (desired) {
          await nameServingPlan(store, { package: digest, desired });
          // Before anybody can be answered by it: a client written for it is told of the next one's differences.
          await nameRequestType(store, { package: digest, desired });
        }
        const value: ProductionRef = {
          format: formatOf("production"),
          generation: fence,
          version,
          package: digest,
          evaluation,
        };
        await store.moveRef(productionRefName(model), { generation: fence, value });
      }),
  };
}

/**
 * Schedules: what the engine starts by itself, again and again. Each belongs to a dataset, whose entity keeps it.
 * @module
 */
import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from "@temporalio/client";
import { toSeconds } from "../definitions/units.ts";
import { digestBytes } from "../plan/digest.ts";
import { scheduleId, taskQueue } from "./entity-names.ts";
import { searchAttributes } from "./search-attributes.ts";

/** Which dataset's schedule. */
interface ScheduleOwner {
  readonly project: string;
  readonly dataset: string;
}

/** The schedules of an engine. Every method may be repeated. */
export interface Schedules {
  /** Sees to it that a dataset is looked at so often. A person's pause of it is left alone. */
  keep(schedule: ScheduleOwner & { readonly every: string }): Promise<void>;
  /** Ends a schedule, where there is one. */
  drop(owner: ScheduleOwner): Promise<void>;
}

/** The workflow type that a schedule starts. */
const scheduledType = "look";

/** A stack that was down begins with the next turn; what it missed would find what that one finds. In milliseconds. */
const catchUp = 60_000;
/** Turns may come late by a twentieth of the time between them, and at most by this; in milliseconds. */
const mostJitter = 30_000;

/** The schedules of the engine that a client talks to. */
export function createSchedules(client: Client): Schedules {
  return {
    async keep(schedule) {
      const options = describeSchedule(schedule);
      const { scheduleId: id, ...next } = options;
      try {
        await client.schedule.getHandle(id).update(({ state }) => ({ ...next, state }));
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
        await client.schedule.create(options).catch((problem: unknown) => {
          // Two attempts of one step may both have found none.
          if (!(problem instanceof ScheduleAlreadyRunning)) throw problem;
        });
      }
    },

    async drop({ project, dataset }) {
      await client.schedule
        .getHandle(scheduleId(project, dataset))
        .delete()
        .catch((error: unknown) => {
          if (!(error instanceof ScheduleNotFoundError)) throw error;
        });
    },
  };
}

/** A schedule as the engine takes it. Pure. */
export function describeSchedule({ project, dataset, every }: ScheduleOwner & { readonly every: string }) {
  const id = scheduleId(project, dataset);
  const milliseconds = Math.round(toSeconds(every) * 1000);
  return {
    scheduleId: id,
    // Where in its time a schedule has its turn is told by its name, so that not all of an hour look at the full hour.
    spec: {
      intervals: [{ every: milliseconds, offset: placeTurn(id, milliseconds) }],
      jitter: Math.min(Math.floor(milliseconds / 20), mostJitter),
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchUp, pauseOnFailure: false },
    action: {
      type: "startWorkflow",
      workflowType: scheduledType,
      workflowId: id,
      taskQueue,
      args: [{ project, dataset }],
      staticSummary: `dataset ${dataset}: is there something new?`,
      typedSearchAttributes: [
        { key: searchAttributes.project, value: project },
        { key: searchAttributes.definition, value: `dataset/${dataset}` },
      ],
    },
  } as const satisfies ScheduleOptions;
}

/** A whole number of seconds within the time between two turns, in milliseconds. */
function placeTurn(id: string, milliseconds: number): number {
  const seconds = Math.max(1, Math.floor(milliseconds / 1000));
  return (Number.parseInt(digestBytes(id).slice(0, 8), 16) % seconds) * 1000;
}

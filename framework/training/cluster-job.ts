/**
 * The job of a cluster, which outlives the process that watches over it: by its name and its folder the next one goes on with it.
 * @module
 */
import { randomBytes } from "node:crypto";
import { type ProblemCode, StewardError } from "../definitions/problem.ts";
import { findLeftAttempts } from "./attempt-log.ts";
import type { ClusterJob } from "./attempts.ts";
import { type JobFolder, type JobFolderOptions, reopenJobFolder } from "./job-folder.ts";
import type { Runner } from "./runner.ts";

export interface OpenFolder {
  readonly folder: JobFolder;
  /** The job as its cluster knows it. @default it runs on this machine */
  readonly clusterJob?: ClusterJob | undefined;
  /** Whether the cluster may have it already. */
  readonly isLeft: boolean;
}

export interface OpenFolderOptions extends Pick<JobFolderOptions, "name" | "identity" | "trainer" | "workFolder"> {
  /** @default one of this machine */
  readonly runner?: Runner | undefined;
}

/** The folder of the job that a cluster may still have from an attempt before, else a new one. @param make lays it out */
export async function openFolder(options: OpenFolderOptions, make: () => Promise<JobFolder>): Promise<OpenFolder> {
  if (!options.runner?.isCluster) return { folder: await make(), isLeft: false };
  const { job: left, count } = findLeftAttempts(options.workFolder, options.identity);
  const found = left && reopenJobFolder(left.folder, options);
  if (left && found) return { folder: found, clusterJob: left, isLeft: true };
  const folder = await make();
  return { folder, clusterJob: { id: nameClusterJob(options, count + 1), folder: folder.path }, isLeft: false };
}

/** `late-training-1f2e3d4c5b6a-2-9f8e7d6c`; its last part because a run that was lost is trained again, from its first attempt. */
function nameClusterJob({ name, identity }: Pick<OpenFolderOptions, "name" | "identity">, attempt: number): string {
  const readable = name.replaceAll(/[^\w.-]+/g, "-").slice(0, 60);
  return `${readable}-${identity.slice(0, 12)}-${attempt}-${randomBytes(4).toString("hex")}`;
}

const unwatched: ReadonlySet<ProblemCode> = new Set(["runner-refused", "runner-unreachable"]);

/** Whether an error says that a job's cluster cannot be watched: the job may be running there. */
export function isUnwatched(error: unknown): boolean {
  return error instanceof StewardError && error.problems.some(({ code }) => unwatched.has(code));
}

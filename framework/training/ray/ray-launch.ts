/**
 * How a job is started on a node of a Ray cluster: by a script in the job's folder. Its variables are in the script, which its owner
 * alone reads, because a cluster shows entrypoints and environments to everybody who reaches it. Pure.
 *
 * The script watches the memory of the job's process group as the runner `process` does: what Ray is asked for it keeps free, and does
 * not limit. It leaves signs beside itself of when the job began, of the most memory in use, and that it used too much.
 * @module
 */
import { join } from "node:path";
import { composeJobEnvironment, locateTemporary } from "../job-environment.ts";
import type { RunnableJob } from "../runner.ts";

export interface LaunchFiles {
  readonly folder: string;
  readonly script: string;
  /** Its time is when the job began. */
  readonly began: string;
  /** The most memory that was seen in use, in KiB. */
  readonly peak: string;
  /** There if the job used too much memory and was ended. */
  readonly exceeded: string;
}

/** Where a job's script is, and what it leaves. @param folder the job's */
export function locateLaunch(folder: string): LaunchFiles {
  const own = join(locateTemporary(folder), "ray");
  return {
    folder: own,
    script: join(own, "start.sh"),
    began: join(own, "began"),
    peak: join(own, "peak"),
    exceeded: join(own, "exceeded"),
  };
}

/** The line that starts a job. The shell that reads it becomes the job's, so that signals reach the job itself. */
export function composeEntrypoint(folder: string): string {
  return `exec /bin/sh ${quote(locateLaunch(folder).script)}`;
}

/** The script that starts a job on a node. */
export function composeLaunch(job: RunnableJob): string {
  const { began, peak, exceeded } = locateLaunch(job.folder);
  const variables = {
    ...composeJobEnvironment(job),
    // Ray says which GPUs a job has; one that asked for none sees none.
    ...(!job.resources.gpuWish && { CUDA_VISIBLE_DEVICES: "" }),
  };
  return `#!/bin/sh
cd ${quote(job.folder)} || exit 125
group=$$
: >${quote(began)}
is_alive() {
  { read -r line <"/proc/$group/stat"; } 2>/dev/null || return 1
  set -- \${line##*) }
  # Nobody may be there to take note of its end.
  [ "$1" != Z ]
}
watch() {
  # Whoever is asked to stop may still use memory meanwhile.
  trap '' TERM INT
  most=0
  while is_alive; do
    members=
    for each in /proc/[0-9]*; do
      { read -r line <"$each/stat"; } 2>/dev/null || continue
      set -- \${line##*) }
      [ "$3" = "$group" ] && members="$members $each/smaps_rollup"
    done
    used=$(cat $members 2>/dev/null | awk '/^Pss:/ { sum += $2 } END { printf "%d", sum }')
    if [ "\${used:-0}" -gt "$most" ]; then
      most=$used
      echo "$most" >${quote(peak)}
    fi
    if [ "\${used:-0}" -gt ${Math.floor(job.resources.memoryBytes / 1024)} ]; then
      : >${quote(exceeded)}
      break
    fi
    sleep 0.5 2>/dev/null || sleep 1
  done
  # What it left running would hold files, cores and memory.
  kill -s KILL -- "-$group"
}
[ -r /proc/self/stat ] && watch </dev/null >/dev/null 2>&1 &
${Object.entries(variables)
  .map(([name, value]) => `export ${name}=${quote(value)}`)
  .join("\n")}
{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null
exec ${job.command.map(quote).join(" ")} </dev/null
`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

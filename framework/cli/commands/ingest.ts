/**
 * `steward ingest`: takes in what a dataset's source has now.
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { StewardError } from "../../definitions/problem.ts";
import type { Engine, EntityAddress } from "../../engine/engine.ts";
import type { EntityStatus, LiveDataset } from "../../engine/entity-status.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { findActor, readCallStack, withStack } from "../stack.ts";

export const ingestCommand: Command = {
  summary: "Look at the source of a dataset now, and make a version of what is new.",
  arguments: "<dataset>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    as: { type: "string", help: "who asks (default: the user of this machine)" },
    from: { type: "string", help: "read again from here on, whether it looks changed or not (default: see below)" },
    to: { type: "string", help: "read again up to here, and without it (default: see below)" },
  },
  help: `
Where nothing is new, no version is made. With --from, --to or both, what lies in that range is read again: of files those
with events in it, of a query the rows whose cursor is in it. One of them alone leaves the other side open. Datasets that are
derived from this one follow by themselves.

  npx steward ingest flights
  npx steward ingest flights --from 2024-01-01 --to 2024-02-01
  npx steward ingest orders --from 120000                        of a query whose cursor is a number`,
  run: async (call) => {
    const [name = ""] = call.arguments;
    const again = readRange(call);
    const stack = await readCallStack(call);
    const entity: EntityAddress = { project: stack.project.name, kind: "dataset", name };
    const { before, after, followers } = await withStack(stack, async ({ engine }) => {
      const before = await engine.status(entity);
      const { generation } = await engine.ingest(entity, { actor: findActor(call), ...(again && { again }) });
      const after = await awaitSettled(engine, { entity, generation, show: createDisplay() });
      return { before, after, followers: findFollowers(await engine.list(stack.project.name), name) };
    });
    const outcome = describeOutcome(name, { before: liveOf(before), after });
    if (call.has("json")) call.print(JSON.stringify({ ...outcome.facts, followers }, null, 2));
    else {
      call.print(outcome.text);
      if (outcome.facts.isNew && followers.length > 0) call.print(`  ${followers.join(", ")} will follow`);
    }
    return outcome.facts.state === "ready" ? exitCodes.done : exitCodes.failed;
  },
};

/** Asks until a generation has settled, showing each new line of progress. @returns nothing when the entity has gone */
async function awaitSettled(
  engine: Pick<Engine, "status" | "progress">,
  {
    entity,
    generation,
    show,
  }: {
    readonly entity: EntityAddress;
    readonly generation: number;
    readonly show: (line: string) => void;
  },
): Promise<EntityStatus | undefined> {
  for (;;) {
    const now = await engine.status(entity);
    if (!now || (now.settled >= generation && now.state !== "working")) return now;
    const progress = await engine.progress(now);
    show(progress === undefined ? now.summary : `${now.summary}: ${progress}`);
    await delay(200);
  }
}

/** Shows lines beside what the command prints, each once. */
function createDisplay(): (line: string) => void {
  let last = "";
  return (line) => {
    if (line === last) return;
    last = line;
    process.stderr.write(`${line}\n`);
  };
}

interface Outcome {
  readonly text: string;
  readonly facts: {
    readonly dataset: string;
    readonly state: EntityStatus["state"];
    readonly isNew: boolean;
    readonly reasons: readonly string[];
    /** @default nothing is live */
    readonly live?: LiveDataset;
  };
}

/** What came of it. Pure. */
export function describeOutcome(
  dataset: string,
  { before, after }: { readonly before: LiveDataset | undefined; readonly after: EntityStatus | undefined },
): Outcome {
  const live = liveOf(after);
  const state = after?.state ?? "retired";
  const isNew = live !== undefined && live.root !== before?.root;
  const facts = { dataset, state, isNew, reasons: after?.reasons ?? [], ...(live && { live }) };
  if (state !== "ready") {
    const reasons = facts.reasons.length > 0 ? facts.reasons : [after?.summary ?? "it was retired"];
    const lines = reasons.map((reason) => `  ✖ ${reason.replaceAll("\n", "\n    ")}`);
    return { facts, text: [`✖ ${dataset}: ${state}`, ...lines].join("\n") };
  }
  const apart = live && live.quarantined > 0 ? `, ${live.quarantined.toLocaleString("en")} quarantined` : "";
  const rows = live ? `${live.rows.toLocaleString("en")} rows${apart}` : "no rows";
  const number = live?.number === undefined ? "" : ` ${live.number}`;
  const what = isNew ? `version${number}` : `nothing new: version${number} stays`;
  return { facts, text: `✔ ${dataset}: ${what}, ${rows}` };
}

/** The datasets that are made from one, by name. */
function findFollowers(all: readonly EntityStatus[], dataset: string): readonly string[] {
  return all
    .filter(({ desired }) => desired.kind === "dataset" && Object.hasOwn(desired.upstream ?? {}, dataset))
    .map(({ name }) => name);
}

function liveOf(status: EntityStatus | undefined): LiveDataset | undefined {
  return status?.live?.kind === "dataset" ? status.live : undefined;
}

/** The range to read again. @returns nothing when none was given @throws StewardError when it is none */
function readRange(call: Pick<Call, "text">): { readonly from?: string; readonly to?: string } | undefined {
  const [from, to] = [readBound(call, "from"), readBound(call, "to")];
  if (from === undefined && to === undefined) return undefined;
  if (from !== undefined && to !== undefined && !isAscending(from, to))
    throw misuse("what is to be read again ends before it begins", {
      got: `from ${from} to ${to}`,
      expected: "--from before --to, both times or both numbers",
    });
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

const numberForm = /^-?\d+(\.\d+)?$/;
const timeForm = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A number as it is, a time in UTC; a day is its beginning. */
function readBound(call: Pick<Call, "text">, option: "from" | "to"): string | undefined {
  const text = call.text(option)?.trim();
  if (text === undefined) return undefined;
  if (numberForm.test(text)) return text;
  // Without a zone a time is meant in UTC, as a day is.
  const zoned = /[T ]/.test(text) && !/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? `${text}Z` : text;
  const time = timeForm.test(text) ? new Date(zoned.replace(" ", "T")) : undefined;
  if (time && !Number.isNaN(time.getTime())) return time.toISOString();
  throw misuse(`"--${option}" is neither a time nor a number`, {
    got: `"${text}"`,
    expected: "2024-01-31, 2024-01-31T12:00:00Z or 1234",
  });
}

function isAscending(from: string, to: string): boolean {
  const areNumbers = [from, to].map((bound) => numberForm.test(bound));
  if (areNumbers[0] !== areNumbers[1]) return false;
  return areNumbers[0] ? Number(from) < Number(to) : Date.parse(from) < Date.parse(to);
}

function misuse(what: string, seen: { readonly got: string; readonly expected: string }): StewardError {
  return new StewardError({
    code: "command-misused",
    at: "",
    what,
    ...seen,
    fix: "see npx steward ingest --help",
  });
}

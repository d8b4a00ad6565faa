/**
 * `steward requests`: what an endpoint was asked and what it answered.
 * @module
 */
import { join } from "node:path";
import { StewardError } from "../../definitions/problem.ts";
import { durationPattern, toSeconds } from "../../definitions/units.ts";
import { listReplicas, type ReplicaHead } from "../../serving/log/list-parts.ts";
import { decryptRecord } from "../../serving/log/protect-record.ts";
import type { ReadOptions } from "../../serving/log/read-records.ts";
import { type RecordRow, sameRecord, toRecord } from "../../serving/log/record-columns.ts";
import type { RecordFilter } from "../../serving/log/record-filter.ts";
import { SubjectKeys } from "../../serving/log/subject-keys.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { followRequests } from "../follow-requests.ts";
import { formatMissing, formatRecord, formatRecords } from "../request-text.ts";
import { locateCallStack, requireStore } from "../stack.ts";

const usualLimit = 20;
const mostRecords = 10_000;
/** Of one id there are as many at most among what is not in the store yet. */
const mostOfOne = 1000;

export const requestsCommand: Command = {
  summary: "Show what an endpoint was asked and what it answered, follow it, or find one request by its id.",
  arguments: "<endpoint>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    id: { type: "string", help: "the one of this id, with all that is recorded of it" },
    follow: { type: "boolean", short: "f", help: "go on showing what comes, until it is interrupted" },
    since: { type: "string", help: 'only those of so long ago or less, "1 hour", or since a time, RFC 3339' },
    variant: { type: "string", help: "only those that this variant answered (default: all)" },
    "model-version": { type: "string", help: "only those that this version of the model answered (default: all)" },
    where: { type: "string", help: "only those for which this holds: SQL over what was asked and answered" },
    decrypt: { type: "string", help: "show what is encrypted for this subject, while its key is there" },
    limit: { type: "string", help: `how many at most, the newest (default: ${usualLimit})` },
  },
  help: `
In --where the columns of a request, the features of the model and its outputs stand under their names, beside id, time, variant,
version, unit, caller and latencyMicroseconds. A request of several rows is shown when it holds for one of them.

  npx steward requests late-arrival
  npx steward requests late-arrival --follow --variant canary
  npx steward requests late-arrival --since "1 hour" --where "distance > 1000 AND probability > 0.9"
  npx steward requests late-arrival --id 0b0f7d2c-6a0e-4a51-9d1f-2f6f3c1f7a50`,
  run: async (call) => {
    const [endpoint = ""] = call.arguments;
    const filter = readFilter(call);
    const limit = readLimit(call.text("limit"));
    const { connection, paths, endpoints, logKey } = await requireStore(locateCallStack(call));
    const { openStore } = await import("../../store/store.ts");
    const store = openStore(connection.store);
    const subject = call.text("decrypt");
    const keys = new SubjectKeys({ entries: store.entries, key: Buffer.from(logKey ?? "", "hex") });
    const key = subject === undefined ? undefined : await keys.read(subject);
    const read: ReadRow = (row) => (key ? decryptRecord(toRecord(row), key) : toRecord(row));
    const address = { endpoint, stream: "requests" };
    const replicas = await listReplicas(store, address);
    if (replicas.length === 0 && !Object.hasOwn(endpoints, endpoint)) throw refuseEndpoint(endpoint, endpoints);
    const asked: ReadOptions = { store, address, folder: join(paths.requests, endpoint), filter, limit };
    const id = call.text("id");
    const showing = { call, asked, read };
    if (id !== undefined) return await showOne(showing, id);
    if (call.has("follow")) return await follow(showing, replicas);
    await showNewest(showing, replicas);
    return exitCodes.done;
  },
};

/** Makes of a row what is shown of it. */
type ReadRow = (row: RecordRow) => Readonly<Record<string, unknown>>;

interface Showing {
  readonly call: Call;
  readonly asked: ReadOptions;
  readonly read: ReadRow;
}

async function showOne({ call, asked, read }: Showing, id: string): Promise<number> {
  const [{ findRecords }, { readNewest }] = await Promise.all([
    import("../../serving/log/find-record.ts"),
    import("../../serving/log/read-records.ts"),
  ]);
  const waiting = await readNewest({ ...asked, filter: { id }, limit: mostOfOne, onlyUnshipped: true });
  const shipped = await findRecords(asked.store, asked.address, id);
  const rows = [...new Map([...shipped, ...waiting].map((row) => [sameRecord(row), row])).values()];
  if (call.has("json")) call.print(JSON.stringify(rows.map(read), null, 2));
  else if (rows.length === 0) call.print(`no request of ${asked.address.endpoint} has the id ${id}`);
  else call.print(rows.map((row) => formatRecord(read(row))).join("\n\n"));
  return rows.length === 0 ? exitCodes.failed : exitCodes.done;
}

async function showNewest({ call, asked, read }: Showing, replicas: readonly ReplicaHead[]): Promise<void> {
  const { readNewest } = await import("../../serving/log/read-records.ts");
  const rows = await readNewest(asked);
  if (call.has("json")) {
    const missing = replicas.map(({ replica, head }) => ({ replica, missing: head.missing }));
    call.print(JSON.stringify({ requests: rows.map(read), replicas: missing }, null, 2));
    return;
  }
  if (rows.length === 0) call.print(formatNone(asked));
  else call.print(formatRecords(rows.map(read)).join("\n"));
  for (const line of formatMissing(replicas)) call.print(line);
}

/** That there is nothing to show: nothing that is meant, or nothing at all. Pure. */
export function formatNone({ address, filter }: Pick<ReadOptions, "address" | "filter">): string {
  const isAll = Object.values(filter).every((value) => value === undefined);
  return isAll ? `no request of ${address.endpoint} is recorded yet` : `no request of ${address.endpoint} is like that`;
}

/** Shows what is new, until the process is ended. */
async function follow({ call, asked, read }: Showing, replicas: readonly ReplicaHead[]): Promise<number> {
  for (const line of formatMissing(replicas)) process.stderr.write(`${line}\n`);
  const { readNewest } = await import("../../serving/log/read-records.ts");
  await followRequests({
    ...asked,
    read: (limit, filter, seenParts) => readNewest({ ...asked, limit, filter, seenParts }),
    show: (row) => print(call, read(row)),
    warn: (line) => process.stderr.write(`${line}\n`),
  });
  return exitCodes.done;
}

function print(call: Call, record: Readonly<Record<string, unknown>>): void {
  call.print(call.has("json") ? JSON.stringify(record) : (formatRecords([record]).at(-1) ?? ""));
}

function readFilter(call: Call): RecordFilter {
  const since = call.text("since");
  return {
    since: since === undefined ? undefined : readMoment(since),
    variant: call.text("variant"),
    version: call.text("model-version"),
    where: call.text("where"),
  };
}

function readMoment(text: string): Date {
  if (durationPattern.test(text)) return new Date(Date.now() - toSeconds(text) * 1000);
  const moment = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(moment.getTime())) return moment;
  throw misuse('"--since" is neither a duration nor a time', text, '"1 hour", or "2026-03-01T09:30:00Z"');
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return usualLimit;
  const limit = /^\d+$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= mostRecords) return limit;
  throw misuse('"--limit" is no count of requests', text, `a whole number from 1 to ${mostRecords}`);
}

function misuse(what: string, got: string, expected: string): StewardError {
  const fix = "see npx steward requests --help";
  return new StewardError({ code: "command-misused", at: "", what, got, expected, fix });
}

function refuseEndpoint(endpoint: string, endpoints: Readonly<Record<string, number>>): StewardError {
  const known = Object.keys(endpoints).join(", ");
  const expected = known === "" ? "an endpoint, of which the stack has none" : `one of ${known}`;
  return new StewardError({
    code: "entity-unknown",
    at: "",
    what: `the stack has no endpoint "${endpoint}", and no log of one`,
    expected,
  });
}

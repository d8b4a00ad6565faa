/**
 * `steward data lineage`: where a version of a dataset comes from, and what was made of it.
 * @module
 */
import { resolve } from "node:path";
import { z } from "zod";
import type { Endpoint } from "../../../data/lineage/emit-events.ts";
import type { VersionAddress } from "../../../data/version-log.ts";
import { StewardError } from "../../../definitions/problem.ts";
import { documentNames, readDocuments } from "../../../store/lineage.ts";
import type { Store } from "../../../store/store.ts";
import { writeWhole } from "../../../supervisor/private-file.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../../command.ts";
import { openVersion, readAddress, readDatasetHistory } from "../../dataset-versions.ts";
import { formatLineage } from "../../lineage-text.ts";
import { readCallStack, requirePrepared, withStack } from "../../stack.ts";
import type { VersionDocuments } from "../../version-documents.ts";
import { storedEventSchema, traceVersion, type VersionLineage } from "../../version-lineage.ts";

const formats = ["openlineage", "croissant"] as const;
type Format = (typeof formats)[number];

const shownFiles = 20;
/** The variable that OpenLineage's own clients read. */
const keyVariable = "OPENLINEAGE_API_KEY";

export const dataLineageCommand: Command = {
  summary: "Show where a version of a dataset comes from and what was made of it, or tell other tools.",
  arguments: "<dataset[@version]>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    version: { type: "string", help: "the version's number, or the beginning of its root (default: the live one)" },
    format: {
      type: "string",
      help: `print its document for other tools: ${formats.join(" or ")} (default: for people)`,
    },
    out: { type: "string", help: "write what would be printed to this file, and print where (default: none)" },
    emit: { type: "string", help: "send its events to this server, which takes OpenLineage (default: none)" },
  },
  help: `
Files are shown with the beginnings of their digests, training sets with those of their identities. Of models only those in
production are shown.

  npx steward data lineage flights                                      from the files to the models
  npx steward data lineage flights --version 3 --format croissant       for catalogues and loaders of datasets
  npx steward data lineage flights --emit http://127.0.0.1:5000         events to a server, at /api/v1/lineage

A key that the server asks for is taken from ${keyVariable}. What is sent again are the same runs, and no new ones.`,
  run: async (call) => {
    const address = readVersionAddress(call);
    const format = readFormat(call.text("format"));
    const url = call.text("emit");
    if (url !== undefined) (await import("../../../data/lineage/emit-events.ts")).locateEndpoint(url);
    const { lineage, documents, sent } = await gather(call, address, url);
    const text = describe(lineage, { documents, format, isJson: call.has("json") });
    const out = call.text("out");
    if (out !== undefined) {
      writeWhole(resolve(out), `${text}\n`, 0o644);
      call.print(`written: ${resolve(out)}`);
    } else if (sent === undefined || format !== undefined || call.has("json")) call.print(text);
    if (sent !== undefined && !call.has("json")) call.print(`✔ ${sent} events sent`);
    return exitCodes.done;
  },
};

function readVersionAddress(call: Pick<Call, "arguments" | "text">): VersionAddress {
  const address = readAddress(call.arguments[0]);
  const version = call.text("version");
  if (version === undefined) return address;
  if (address.version === undefined && version !== "") return { ...address, version };
  const got = `${call.arguments[0]} --version "${version}"`;
  throw misuse("a version is named twice, or not at all", got, `${address.dataset} --version <number|root>`);
}

function readFormat(text: string | undefined): Format | undefined {
  const format = formats.find((one) => one === text);
  if (text === undefined || format !== undefined) return format;
  throw misuse('"--format" is none that there is', text, `one of ${formats.join(", ")}`);
}

function misuse(what: string, got: string, expected: string): StewardError {
  const fix = "see npx steward data lineage --help";
  return new StewardError({ code: "command-misused", at: "", what, got, expected, fix });
}

interface Gathered {
  readonly lineage: VersionLineage;
  /** @default it has none */
  readonly documents: VersionDocuments | undefined;
  /** How many events were sent. @default none were to be */
  readonly sent: number | undefined;
}

async function gather(call: Call, address: VersionAddress, url: string | undefined): Promise<Gathered> {
  const stack = await readCallStack(call);
  const [{ readVersionDocuments }, { placeOf }] = await Promise.all([
    import("../../version-documents.ts"),
    import("../../../data/lineage/place.ts"),
  ]);
  return withStack(stack, async ({ engine, openStore }) => {
    const [statuses, store] = [await engine.list(stack.project.name), await openStore()];
    const history = await readDatasetHistory(store, statuses, address.dataset);
    const opened = await openVersion(store, history, address.version);
    const place = placeOf(requirePrepared(stack).connection);
    const documents = await readVersionDocuments(store, { history, opened, statuses, place });
    const event = documents && storedEventSchema.parse(documents.openlineage);
    const traced = { dataset: address.dataset, opened, event, statuses, files: shownFiles };
    const lineage = await traceVersion(store, traced);
    const sent = url === undefined ? undefined : await emit(store, { lineage, documents, url });
    return { lineage, documents, sent };
  });
}

async function emit(
  store: Store,
  { lineage, documents, url }: Pick<Gathered, "lineage" | "documents"> & Pick<Endpoint, "url">,
): Promise<number> {
  if (!documents) throw withoutDocuments(lineage);
  const ends: unknown[] = [documents.openlineage];
  for (const { identity } of lineage.trainingSets) {
    const kept = await readDocuments(store, documentNames.trainingSet(identity));
    if (kept && (await store.has(kept.openlineage.sha256)))
      ends.push(await store.getJson(kept.openlineage, z.unknown()));
  }
  // A run has a begin too; all that is known of it is known at its end.
  const events = ends.flatMap((end) => [{ ...(end as object), eventType: "START" }, end]);
  const { emitEvents } = await import("../../../data/lineage/emit-events.ts");
  await emitEvents(events, { url, key: process.env[keyVariable] });
  return events.length;
}

function describe(
  lineage: VersionLineage,
  {
    documents,
    format,
    isJson,
  }: { documents: VersionDocuments | undefined; format: Format | undefined; isJson: boolean },
): string {
  if (format === undefined) return isJson ? JSON.stringify(lineage, null, 2) : formatLineage(lineage);
  if (!documents) throw withoutDocuments(lineage);
  return JSON.stringify(documents[format], null, 2);
}

function withoutDocuments({ dataset }: VersionLineage): StewardError {
  return new StewardError({
    code: "version-unknown",
    at: dataset,
    what: "this version has no number in the log of its dataset, and so no documents",
    expected: `one that npx steward data log ${dataset} lists`,
    fix: "the next version gets a number, and its documents with it",
  });
}

/**
 * `steward feedback`: the labels of an endpoint's answers: sends those of a file, or shows what they say.
 * @module
 */
import { tmpdir } from "node:os";
import { StewardError } from "../../definitions/problem.ts";
import { durationPattern, toSeconds } from "../../definitions/units.ts";
import { parseMoment } from "../../serving/typed/moment.ts";
import { formatFeedback, formatStrays } from "../cohort-text.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { type FeedbackEndpoint, locateSegments, requireAddress, requireFeedback } from "../feedback-endpoint.ts";
import { sendLabels } from "../send-labels.ts";
import { readCallStack, requirePrepared, type Stack, withStack } from "../stack.ts";

const usualWindow = "1 day";
/** How many labels one request has. */
const batchSize = 1000;

export const feedbackCommand: Command = {
  summary: "Send labels of an endpoint's answers from a file, or show how the answers did as far as labels are known.",
  arguments: "<endpoint> [file]",
  count: [1, 2],
  options: {
    ...stackOption,
    ...jsonOption,
    id: { type: "string", help: "the file's column with the ids of answers (default: id)" },
    label: { type: "string", help: "the file's column with the labels (default: label)" },
    row: { type: "string", help: "the file's column that says which row of a request, from 0 (default: row 0)" },
    time: {
      type: "string",
      help: "the file's column that says when a label became true, in UTC where it says no zone (default: now)",
    },
    subject: {
      type: "string",
      help: "the file's column that says whom a label says something of, where the endpoint encrypts labels",
    },
    correction: { type: "boolean", help: "the file's labels take back what was said before of the same rows" },
    "as-of": { type: "string", help: "what was known then, such as 2026-03-01T00:00:00Z (default: now)" },
    window: { type: "string", help: `how long the stretches are that are shown (default: "${usualWindow}")` },
  },
  help: `
A file is Parquet, CSV or JSON, told by its name. All of it is checked before any of it is sent. Sent again it says nothing new,
if it says when its labels became true.

Without a file: the answers of each stretch of time by each version, how many of them are old enough for a label to be final, how
many have one, and the model's metrics on those, with 95 % intervals. Younger answers are counted and never averaged in.

  npx steward feedback late-arrival labels.csv --id inference --label late --time landed
  npx steward feedback late-arrival
  npx steward feedback late-arrival --as-of 2026-03-01T00:00:00Z --window "7 days" --json`,
  run: async (call) => {
    const [name = "", file] = call.arguments;
    const asked = file === undefined ? readTerms(call) : undefined;
    refuseStray(
      call,
      file === undefined ? ["id", "label", "row", "time", "subject", "correction"] : ["as-of", "window"],
    );
    const stack = await readCallStack(call);
    const endpoint = requireFeedback(stack.project, name);
    return file === undefined
      ? show(call, { stack, endpoint, ...(asked as Terms) })
      : send(call, { stack, endpoint, file });
  },
};

interface Terms {
  readonly asOf: number;
  readonly window: number;
}

interface Asked {
  readonly stack: Stack;
  readonly endpoint: FeedbackEndpoint;
}

async function show(call: Call, { stack, endpoint, asOf, window }: Asked & Terms): Promise<number> {
  const folder = locateSegments(stack, endpoint.endpoint);
  const { readFeedbackView } = await import("../../feedback/feedback-view.ts");
  const { withDuckDb } = await import("../../data/duckdb.ts");
  const view = await withStack(stack, async ({ openStore }) => {
    const logs = { ...endpoint, store: await openStore(), folder, logKey: requirePrepared(stack).logKey };
    return withDuckDb(tmpdir(), (db) => readFeedbackView(db, logs, { asOf, window, metrics: endpoint.metrics }));
  });
  const { matures, observed } = endpoint.feedback;
  if (call.has("json")) {
    const cohorts = view.cohorts.map(({ from, to, ...cohort }) => ({
      from: formatMoment(from),
      to: formatMoment(to),
      ...cohort,
    }));
    const facts = { endpoint: endpoint.endpoint, asOf: formatMoment(asOf), matures, observed: observed ?? "always" };
    const labels = { ...view.labels, sealed: view.sealed };
    call.print(JSON.stringify({ ...facts, labels, cohorts }, null, 2));
  } else call.print(formatFeedback(view, endpoint.feedback).join("\n"));
  return exitCodes.done;
}

async function send(call: Call, { stack, endpoint, file }: Asked & { readonly file: string }): Promise<number> {
  const name = endpoint.endpoint;
  const folder = locateSegments(stack, name);
  const columns = {
    id: call.text("id") ?? "id",
    label: call.text("label") ?? "label",
    row: call.text("row"),
    time: call.text("time"),
    subject: call.text("subject"),
  };
  const { hasSubject, isPersonal } = endpoint;
  const terms = { label: endpoint.feedback.label, now: Date.now(), hasSubject, isPersonal };
  const { withDuckDb } = await import("../../data/duckdb.ts");
  const { loadLabelFile, streamLabels } = await import("../../feedback/label-file.ts");
  const { joinLogs } = await import("../../feedback/feedback-view.ts");
  const { findStrays } = await import("../../feedback/label-counts.ts");
  const done = await withDuckDb(tmpdir(), async (db) => {
    const labels = await loadLabelFile(db, { path: file, columns }, terms);
    return withStack(stack, async ({ engine, openStore }) => {
      const address = requireAddress(
        name,
        await engine.status({ project: stack.project.name, kind: "endpoint", name }),
      );
      const sent = await sendLabels({
        address,
        endpoint: name,
        batches: streamLabels(db, terms, batchSize),
        correction: call.has("correction"),
        onSent: (count) =>
          process.stderr.write(`${count.toLocaleString("en")} of ${labels.toLocaleString("en")} labels\n`),
      });
      await joinLogs(db, { ...endpoint, store: await openStore(), folder }, { asOf: Date.now() });
      return { sent, ...(await findStrays(db, "sent")) };
    });
  });
  if (call.has("json")) call.print(JSON.stringify({ endpoint: name, file, ...done }, null, 2));
  else {
    const what = `✔ ${done.sent.toLocaleString("en")} label${done.sent === 1 ? "" : "s"} recorded`;
    call.print([what, ...formatStrays(done)].join("\n"));
  }
  return exitCodes.done;
}

function readTerms(call: Pick<Call, "text">): Terms {
  const [asOf, window = usualWindow] = [call.text("as-of"), call.text("window")];
  const now = Date.now();
  const moment = asOf === undefined ? now : parseMoment(asOf)?.date.getTime();
  if (moment === undefined)
    throw misuse('"--as-of" is no moment', asOf, "a time of RFC 3339, such as 2026-03-01T00:00:00Z");
  // Of a moment that is to come nobody knows what will have been known.
  if (moment > now) throw misuse('"--as-of" is yet to come', asOf, "a moment that has come");
  const seconds = durationPattern.test(window) ? toSeconds(window) : 0;
  if (seconds < 1) throw misuse('"--window" is no length of time', window, 'one of a second or more, such as "7 days"');
  return { asOf: moment, window: seconds * 1000 };
}

/** Refuses options that say something of the other use of the command. */
function refuseStray(call: Pick<Call, "values">, options: readonly string[]): void {
  const stray = options.find((option) => call.values[option] !== undefined);
  if (stray === undefined) return;
  const isFile = stray === "as-of" || stray === "window";
  throw misuse(
    `"--${stray}" says nothing ${isFile ? "of a file that is sent" : "without a file to send"}`,
    undefined,
    "it left out",
  );
}

function misuse(what: string, got: string | undefined, expected: string): StewardError {
  const fix = "see npx steward feedback --help";
  return new StewardError({ code: "command-misused", at: "", what, ...(got !== undefined && { got }), expected, fix });
}

function formatMoment(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/**
 * `steward experiment`: what is known of the experiment on an endpoint, and how long it takes.
 * @module
 */
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import type { ExperimentSpec } from "../../definitions/experiment-spec.ts";
import { StewardError } from "../../definitions/problem.ts";
import type { ProjectSpec } from "../../definitions/spec.ts";
import { admitDocument } from "../../definitions/versioned.ts";
import type { LookedExperiment } from "../../engine/entity-status.ts";
import type { ExperimentDecision } from "../../experiments/experiment-decision.ts";
import type { ExperimentLook } from "../../experiments/experiment-look.ts";
import { type ExperimentSummary, experimentSummarySchema } from "../../experiments/experiment-summary.ts";
import type { KnownLooks } from "../../experiments/follow-experiment.ts";
import type { GoingOn } from "../../experiments/go-on-from.ts";
import { shortDigest } from "../../plan/digest.ts";
import { parseMoment } from "../../serving/typed/moment.ts";
import { evidenceSchema, type VariantEvidence } from "../../serving/variants/evidence.ts";
import { unlessLost } from "../../store/unless-lost.ts";
import { writeWhole } from "../../supervisor/private-file.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { formatExperiment, formatExperimentPlan, sayFirstCohort } from "../experiment-text.ts";
import { locateSegments, requireFeedback } from "../feedback-endpoint.ts";
import { openPage } from "../open-page.ts";
import { readCallStack, requirePrepared, type Stack, withStack } from "../stack.ts";

export const experimentCommand: Command = {
  summary: "Show the experiment on an endpoint: its arms, their difference, and what is decided; or plan it.",
  arguments: "<endpoint>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    since: {
      type: "string",
      help: "when it began, such as 2026-03-01T00:00:00Z (default: as its endpoint has seen it, or an arm's first answer)",
    },
    "as-of": { type: "string", help: "what was known then, such as 2026-03-08T00:00:00Z (default: now)" },
    html: { type: "string", help: "write one self-contained page to this file, and print where (default: none)" },
    open: { type: "string", help: "yes or no: show the page in a browser (default: yes on a desktop)" },
    summary: {
      type: "string",
      help: "decide on the summary in this file, in the form that --json prints (default: read log and labels)",
    },
    plan: { type: "boolean", help: "say how many units it takes, by --deviation or --rate, instead" },
    deviation: { type: "string", help: "the standard deviation of the metric between units (default: that of --rate)" },
    rate: { type: "string", help: "the share of units of which the metric is 1 and not 0 (default: none)" },
    daily: { type: "string", help: "how many units come in a day (default: days are not said)" },
  },
  help: `
Units that are matured are compared, each once, in the order in which they became so. The intervals hold however often they are looked
at; the first look that decides is the decision, and what comes later changes none. The endpoint looks by itself: what it has
decided is shown as it was recorded, unless another moment is asked for.

  npx steward experiment late-arrival                                   arms, differences, guardrails, the decision
  npx steward experiment late-arrival --html experiment.html --open no  the interval over time
  npx steward experiment late-arrival --plan --rate 0.2 --daily 5000    how long it takes`,
  run: async (call) => {
    refuseStray(call);
    const [since, asOf = Date.now()] = [readMoment(call, "since"), readMoment(call, "as-of")];
    const isShown = readOpen(call.text("open"));
    const terms = call.has("plan") ? readPlanTerms(call) : undefined;
    const file = call.text("summary");
    const given = file === undefined ? undefined : readSummary(file);
    const stack = await readCallStack(call);
    const [name = ""] = call.arguments;
    const experiment = requireExperiment(stack.project, name);
    if (terms) return plan(call, experiment, terms);
    if (given) requireSame(given, { endpoint: name, experiment });
    const isNow = call.text("as-of") === undefined;
    const asked = { endpoint: name, experiment, since, asOf, isNow };
    const { summary, unnamed, unseen, look, known }: Found = given
      ? { summary: given, unnamed: 0, unseen: [] }
      : await find(stack, asked, isNow && since === undefined);
    const { followExperiment } = await import("../../experiments/follow-experiment.ts");
    const { looks, ...computed } = followExperiment(experiment, summary, known);
    const followed = { looks, decision: look?.decision ?? computed.decision };
    const page = call.text("html");
    if (page !== undefined) {
      const { formatExperimentPage } = await import("../../experiments/experiment-page.ts");
      writeWhole(resolve(page), formatExperimentPage(experiment, followed), 0o644);
    }
    if (call.has("json"))
      call.print(
        JSON.stringify(
          { decision: followed.decision, ...(look && { recorded: look.of }), summary, unnamed, unseen },
          null,
          2,
        ),
      );
    else if (page === undefined) {
      const left = [
        ...(look ? [`  recorded by the endpoint at ${look.of.at}, look ${shortDigest(look.of.look)}`] : []),
        ...(unnamed > 0 ? [`  ${unnamed.toLocaleString("en")} answers named no unit, and count for none`] : []),
        ...sayFirstCohort(experiment, summary),
        ...(unseen.length > 0 && summary.cohorts.length > 0
          ? [`  what the server saw is not known: nothing is said of ${unseen.join(", ")}`]
          : []),
      ];
      call.print([...formatExperiment(experiment, followed.decision), ...left].join("\n"));
    } else {
      call.print(`page: ${resolve(page)}`);
      openPage(resolve(page), isShown);
    }
    return exitCodes.done;
  },
};

/** Finds the experiment of an endpoint. @throws StewardError when there is no such endpoint, or no experiment on it */
export function requireExperiment(project: Pick<ProjectSpec, "definitions">, name: string): ExperimentSpec {
  // An endpoint that there is not is said there; of an experiment the endpoint takes labels.
  requireFeedback(project, name);
  const endpoint = project.definitions.find((one) => one.kind === "endpoint" && one.name === name);
  if (endpoint?.kind === "endpoint" && endpoint.experiment) return endpoint.experiment;
  throw new StewardError({
    code: "experiment-missing",
    at: `endpoint/${name}`,
    what: `endpoint "${name}" declares no experiment`,
  });
}

interface Found {
  readonly summary: ExperimentSummary;
  readonly unnamed: number;
  readonly unseen: readonly string[];
  /** The look of the endpoint's own that decided it. @default it is decided on what is shown */
  readonly look?: { readonly of: LookedExperiment; readonly decision: ExperimentDecision };
  /** What the endpoint's looks have decided so far. @default nothing, or another beginning or a summary was asked for */
  readonly known?: KnownLooks;
}

/** What the endpoint has recorded, where that is decided and asked for; else what log and labels say. */
async function find(stack: Stack, asked: Asked, isRecorded: boolean): Promise<Found> {
  const looked = await findLook(stack, asked);
  if (!looked) return read(stack, asked);
  const { of, kept } = looked;
  const { closeOpen } = await import("../../experiments/take-look.ts");
  if (isRecorded && of.verdict !== "continue")
    return { summary: closeOpen(kept), unnamed: 0, unseen: [], look: { of, decision: kept.decision } };
  const { goOnFrom } = await import("../../experiments/go-on-from.ts");
  return read(stack, asked, asked.since === undefined ? goOnFrom(kept, asked.asOf) : undefined);
}

interface Looked {
  readonly of: LookedExperiment;
  readonly kept: ExperimentLook;
}

/** The look that the endpoint took last. @returns nothing where it took none, or at another experiment */
function findLook(stack: Stack, { endpoint, experiment }: Asked): Promise<Looked | undefined> {
  return withStack(stack, async ({ engine, openStore }) => {
    const status = await engine.status({ project: stack.project.name, kind: "endpoint", name: endpoint });
    const of = status?.experiment;
    if (!of) return undefined;
    const { experimentLookSchema } = await import("../../experiments/experiment-look.ts");
    const { identifyExperiment } = await import("../../experiments/experiment-looks.ts");
    const store = await openStore();
    const kept = await unlessLost(store.getJson(of.look, experimentLookSchema));
    return kept?.identity === identifyExperiment(endpoint, experiment) ? { of, kept } : undefined;
  });
}

interface Asked {
  readonly endpoint: string;
  readonly experiment: ExperimentSpec;
  readonly since: number | undefined;
  readonly asOf: number;
  /** Whether that is now: only what is so now a server says. */
  readonly isNow: boolean;
}

/** Reads log and labels. @param on where it goes on from. @default nobody has looked at it, or another beginning is asked for */
async function read(stack: Stack, asked: Asked, on: GoingOn = {}): Promise<Found> {
  const { endpoint, experiment, asOf, isNow } = asked;
  const { begun = asked.since, since, known } = on;
  const feedback = requireFeedback(stack.project, endpoint);
  const folder = locateSegments(stack, endpoint);
  const { withDuckDb } = await import("../../data/duckdb.ts");
  const { readExperiment } = await import("../../experiments/read-experiment.ts");
  const { addReading } = await import("../../experiments/request-evidence.ts");
  return withStack(stack, async ({ engine, openStore }) => {
    const logs = { ...feedback, store: await openStore(), folder, logKey: requirePrepared(stack).logKey };
    const found = await withDuckDb(tmpdir(), (db) => readExperiment(db, logs, { experiment, asOf, begun, since }));
    const address = { project: stack.project.name, kind: "endpoint", name: endpoint } as const;
    const status = isNow ? await engine.status(address) : undefined;
    const seen =
      status?.live?.kind === "endpoint" ? await askServer(`${status.live.address}/${endpoint}/variants`) : [];
    return { unnamed: found.unnamed, ...addReading(found.summary, experiment, seen), ...(known && { known }) };
  });
}

/** What a server says of its variants. @returns nothing where it does not answer */
async function askServer(url: string): Promise<readonly VariantEvidence[]> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    .then((reply): Promise<unknown> => reply.json())
    .catch(() => undefined);
  return evidenceSchema.safeParse(answer).data?.variants ?? [];
}

/** Reads a summary that was printed, alone or with its decision. @throws StewardError when it is none */
function readSummary(file: string): ExperimentSummary {
  const at = resolve(file);
  const parsed = parseJson(file);
  const given = typeof parsed === "object" && parsed !== null && "summary" in parsed ? parsed.summary : parsed;
  const read = experimentSummarySchema.safeParse(admitDocument(given, { at, name: "experiment-summary" }));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const got = `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`;
  throw misuse('"--summary" is no summary of an experiment', got, "what --json prints");
}

/** @throws StewardError when a summary is of another experiment */
function requireSame(
  summary: ExperimentSummary,
  { endpoint, experiment }: Pick<Asked, "endpoint" | "experiment">,
): void {
  if (summary.endpoint === endpoint && summary.experiment === experiment.name) return;
  throw misuse(
    '"--summary" is of another experiment',
    `${summary.experiment} on ${summary.endpoint}`,
    `${experiment.name} on ${endpoint}`,
  );
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as unknown;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw misuse('"--summary" cannot be read', said, "a file of JSON");
  }
}

interface PlanTerms {
  /** The variance of the metric between units. */
  readonly variance: number;
  /** @default nobody knows how many units come in a day */
  readonly daily: number | undefined;
}

function readPlanTerms(call: Pick<Call, "text">): PlanTerms {
  const [rate, deviation, daily] = ["rate", "deviation", "daily"].map((option) => readNumber(call, option));
  if ((rate === undefined) === (deviation === undefined))
    throw misuse('"--plan" goes by one of "--rate" and "--deviation"', undefined, "one of the two");
  if (rate !== undefined && rate >= 1) throw misuse('"--rate" is no share', String(rate), "more than 0, less than 1");
  return { variance: rate === undefined ? (deviation ?? 0) ** 2 : rate * (1 - rate), daily };
}

async function plan(call: Call, experiment: ExperimentSpec, { variance, daily }: PlanTerms): Promise<number> {
  const { planExperiment } = await import("../../experiments/plan-experiment.ts");
  const { shareAlpha } = await import("../../experiments/compare-arms.ts");
  const { arms, control, minimum, power } = experiment;
  const shareOf = (name: string) => (arms.find((arm) => arm.name === name)?.weight ?? 1) / 10_000;
  const plans = arms
    .filter(({ name }) => name !== control)
    .map(({ name }) => {
      const shares = [shareOf(control), shareOf(name)] as const;
      return [name, planExperiment({ variance, minimum, shares, alpha: shareAlpha(experiment), power })] as const;
    });
  if (call.has("json")) call.print(JSON.stringify({ arms: Object.fromEntries(plans), daily }, null, 2));
  else call.print(formatExperimentPlan(plans, experiment, daily).join("\n"));
  return exitCodes.done;
}

/** Refuses options that say something of another use of the command. */
function refuseStray(call: Pick<Call, "values" | "has">): void {
  const isPlan = call.has("plan");
  const refuse = (options: readonly string[], where: string): void => {
    const stray = options.find((option) => call.values[option] !== undefined);
    if (stray !== undefined) throw misuse(`"--${stray}" says nothing ${where}`, undefined, "it left out");
  };
  if (isPlan) refuse(["since", "as-of", "html", "open", "summary"], "of a plan");
  else refuse(["deviation", "rate", "daily"], "without a plan");
  if (call.values["summary"] !== undefined) refuse(["since", "as-of"], "of a summary that is there already");
}

function readMoment(call: Pick<Call, "text">, option: string): number | undefined {
  const text = call.text(option);
  const moment = text === undefined ? undefined : parseMoment(text)?.date.getTime();
  if (text !== undefined && moment === undefined)
    throw misuse(`"--${option}" is no moment`, text, "a time of RFC 3339, such as 2026-03-01T00:00:00Z");
  return moment;
}

function readNumber(call: Pick<Call, "text">, option: string): number | undefined {
  const text = call.text(option);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw misuse(`"--${option}" is no number above 0`, text, "a number above 0");
}

function readOpen(text: string | undefined): boolean | undefined {
  if (text === undefined || text === "yes" || text === "no") return text === undefined ? undefined : text === "yes";
  throw misuse('"--open" says neither whether nor not', text, "yes or no");
}

function misuse(what: string, got: string | undefined, expected: string): StewardError {
  const fix = "see npx steward experiment --help";
  return new StewardError({ code: "command-misused", at: "", what, ...(got !== undefined && { got }), expected, fix });
}

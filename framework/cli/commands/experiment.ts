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
import { type ExperimentSummary, experimentSummarySchema } from "../../experiments/experiment-summary.ts";
import { parseMoment } from "../../serving/typed/moment.ts";
import { evidenceSchema, type VariantEvidence } from "../../serving/variants/evidence.ts";
import { writeWhole } from "../../supervisor/private-file.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { formatExperiment, formatExperimentPlan } from "../experiment-text.ts";
import { locateSegments, requireFeedback } from "../feedback-endpoint.ts";
import { openPage } from "../open-page.ts";
import { readCallStack, type Stack, withStack } from "../stack.ts";

export const experimentCommand: Command = {
  summary: "Show the experiment on an endpoint: its arms, their difference, and what is decided; or plan it.",
  arguments: "<endpoint>",
  count: [1, 1],
  options: {
    ...stackOption,
    ...jsonOption,
    since: {
      type: "string",
      help: "when it began, such as 2026-03-01T00:00:00Z (default: with an arm's first answer)",
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
at; the first look that decides is the decision, and what comes later changes none.

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
    const { summary, unnamed, unseen } = given
      ? { summary: given, unnamed: 0, unseen: [] }
      : await read(stack, { endpoint: name, experiment, since, asOf, isNow });
    const { followExperiment } = await import("../../experiments/follow-experiment.ts");
    const followed = followExperiment(experiment, summary);
    const page = call.text("html");
    if (page !== undefined) {
      const { formatExperimentPage } = await import("../../experiments/experiment-page.ts");
      writeWhole(resolve(page), formatExperimentPage(experiment, followed), 0o644);
    }
    if (call.has("json"))
      call.print(JSON.stringify({ decision: followed.decision, summary, unnamed, unseen }, null, 2));
    else if (page === undefined) {
      const left = [
        ...(unnamed > 0 ? [`  ${unnamed.toLocaleString("en")} answers named no unit, and count for none`] : []),
        ...(unseen.length > 0 ? [`  what the server saw is not known: nothing is said of ${unseen.join(", ")}`] : []),
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

interface Asked {
  readonly endpoint: string;
  readonly experiment: ExperimentSpec;
  readonly since: number | undefined;
  readonly asOf: number;
  /** Whether that is now: only what is so now a server says. */
  readonly isNow: boolean;
}

async function read(stack: Stack, { endpoint, experiment, since, asOf, isNow }: Asked) {
  const feedback = requireFeedback(stack.project, endpoint);
  const folder = locateSegments(stack, endpoint);
  const { withDuckDb } = await import("../../data/duckdb.ts");
  const { readExperiment } = await import("../../experiments/read-experiment.ts");
  const { addReading } = await import("../../experiments/request-evidence.ts");
  return withStack(stack, async ({ engine, openStore }) => {
    const logs = { ...feedback, store: await openStore(), folder };
    const found = await withDuckDb(tmpdir(), (db) => readExperiment(db, logs, { experiment, asOf, begun: since }));
    const address = { project: stack.project.name, kind: "endpoint", name: endpoint } as const;
    const status = isNow ? await engine.status(address) : undefined;
    const seen =
      status?.live?.kind === "endpoint" ? await askServer(`${status.live.address}/${endpoint}/variants`) : [];
    return { unnamed: found.unnamed, ...addReading(found.summary, experiment, seen) };
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

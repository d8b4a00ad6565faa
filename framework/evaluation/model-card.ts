/**
 * A model card: what a version of a model is, whose it is, what it is for, what it was made from and what it showed, as plain
 * data and as Markdown. It is derived from what is recorded, so that it says nothing else. Pure.
 * @module
 */
import { escapeHidden } from "../definitions/hidden-text.ts";
import type { ModelSpec } from "../definitions/spec.ts";
import type { WonFrom } from "../engine/entity-status.ts";
import type { ModelPackage } from "../models/model-package.ts";
import { describeAttributions, formatImportance, mostListed } from "./attribution-text.ts";
import type { Attributions } from "./attributions.ts";
import type { Evaluation, Measurement } from "./evaluation.ts";
import { formatCount, formatMeasurement } from "./number-text.ts";

/** What a card is derived from. */
export interface CardParts {
  readonly spec: ModelSpec;
  readonly package: ModelPackage;
  /** The digest of the package. */
  readonly packageDigest: string;
  readonly evaluation: Evaluation;
  /** The number of the version. @default it is not released */
  readonly version?: number;
  /** The experiment that it won, where it was trained for another model. @default it was trained for this one */
  readonly from?: WonFrom;
  /** The code that it was asked for from, in words. @default it is not known */
  readonly source?: string;
  /** The names of the GPUs that it was trained on. @default it was trained on none, or it is not known */
  readonly gpus?: readonly string[];
}

/** A model card. A field that is `null` says that nothing is known of it. */
export interface ModelCard {
  readonly model: string;
  readonly version: number | null;
  readonly owner: string;
  readonly risk: ModelSpec["risk"];
  /** What the model is for; a definition says it at high risk. */
  readonly intendedUse: string | null;
  readonly oversight: string | null;
  readonly answer: {
    readonly task: ModelPackage["task"];
    readonly output: string;
    /** What a label may be that is one of several classes. @default it is none */
    readonly classes?: readonly string[];
  };
  readonly inputs: ModelPackage["inputs"];
  readonly data: {
    readonly training: string;
    readonly trainingSet: string;
    readonly testRows: number;
    readonly testFrom: string;
    readonly testTo: string;
  };
  readonly metrics: Evaluation["metrics"];
  readonly baseline: Evaluation["baseline"];
  /** The features that count most; how they were found. */
  readonly attributions: Attributions | null;
  readonly gates: readonly { readonly verdict: string; readonly reason: string }[];
  readonly tests: readonly { readonly verdict: string; readonly reason: string }[];
  /** What a model server answered with it. */
  readonly served: readonly { readonly verdict: string; readonly reason: string }[];
  readonly decision: Evaluation["decision"];
  readonly approval: ModelSpec["approval"];
  /** The model whose release it was, and the experiment that it won; `null` where it was trained for this one. */
  readonly from: Omit<WonFrom, "lost"> | null;
  readonly code: {
    /** The commit of the definitions and the trainer, and whether something differed from it. */
    readonly source: string | null;
    readonly package: string;
    readonly onnx: string;
    readonly run: string;
    readonly environment: NonNullable<ModelPackage["environment"]> | null;
    /** The names of the GPUs that it was trained on. */
    readonly gpus: readonly string[] | null;
    readonly signature: NonNullable<ModelPackage["signature"]> | null;
  };
}

/** The card of a version. */
export function describeModelCard({
  spec,
  package: made,
  packageDigest,
  evaluation,
  version,
  from,
  source,
  gpus,
}: CardParts): ModelCard {
  return {
    // The name in the package is the model's that has it in production, whoever it was trained for.
    model: from ? made.model : spec.name,
    version: version ?? null,
    owner: spec.owner,
    risk: spec.risk,
    intendedUse: spec.obligations?.intendedUse ?? null,
    oversight: spec.obligations?.oversight ?? null,
    answer: { task: made.task, output: made.output, ...(made.classes && { classes: made.classes }) },
    inputs: made.inputs,
    data: {
      training: spec.training,
      trainingSet: made.trainingSet,
      testRows: evaluation.rows,
      testFrom: evaluation.from,
      testTo: evaluation.to,
    },
    metrics: evaluation.metrics,
    baseline: evaluation.baseline,
    attributions: evaluation.attributions ? pickFirst(evaluation.attributions) : null,
    gates: evaluation.gates.map(({ verdict, reason }) => ({ verdict, reason })),
    tests: (evaluation.tests ?? []).map(({ verdict, reason }) => ({ verdict, reason })),
    served: (evaluation.served ?? []).map(({ verdict, reason }) => ({ verdict, reason })),
    decision: evaluation.decision,
    approval: spec.approval,
    from: from ? pickOrigin(from) : null,
    code: {
      source: source ?? null,
      package: packageDigest,
      onnx: made.onnx.sha256,
      run: made.run,
      environment: made.environment ?? null,
      gpus: gpus ?? null,
      signature: made.signature ?? null,
    },
  };
}

function pickOrigin({ lost: _lost, ...origin }: WonFrom): Omit<WonFrom, "lost"> {
  return origin;
}

const unsaid = "*not said*";

/** A card as Markdown. Whatever people wrote stands in it as text, never as markup. */
export function formatModelCard(card: ModelCard): string {
  const { environment, signature } = card.code;
  const languages = environment && describeLanguages(environment);
  const facts: readonly (readonly [string, string])[] = [
    ["owner", quoteText(card.owner)],
    ["risk", card.risk],
    ["version", card.version === null ? unsaid : String(card.version)],
    ["answers", `${quoteText(card.answer.output)}, ${card.answer.task}${listClasses(card.answer.classes)}`],
    ["approval", describeApproval(card.approval)],
    ...(card.from ? [["from", describeOrigin(card.from)] as const] : []),
  ];
  const code: readonly (readonly [string, string])[] = [
    ["source", card.code.source ?? unsaid],
    ["package", card.code.package],
    ["ONNX", card.code.onnx],
    ["run", card.code.run],
    ["lock", environment ? environment.lock : unsaid],
    ["language", languages || unsaid],
    ...(card.code.gpus ? [["GPUs", card.code.gpus.map(quoteText).join(", ")] as const] : []),
    ["opsets", signature ? listOpsets(signature.opsets) : unsaid],
    ["admitted by", signature ? `onnxruntime ${signature.onnxruntime}` : unsaid],
  ];
  return [
    `# ${quoteText(card.model)}`,
    table(["", ""], facts),
    "## Intended use",
    card.intendedUse === null ? unsaid : quoteText(card.intendedUse),
    "## Oversight",
    card.oversight === null ? unsaid : quoteText(card.oversight),
    "## Data",
    `Trained by \`${card.data.training}\` on training set \`${card.data.trainingSet}\`, judged on ${formatCount(card.data.testRows, "test row")} from ${card.data.testFrom} to ${card.data.testTo}.`,
    table(
      ["input", "type"],
      card.inputs.map(({ name, type }) => [quoteText(name), type]),
    ),
    "## Metrics",
    table(
      ["metric", "value [95 % interval]", "baseline"],
      card.metrics.map((measured) => [
        quoteText(measured.metric),
        formatMeasurement(measured),
        describeBaseline(card.baseline, measured),
      ]),
    ),
    ...(card.attributions ? ["## What counts", ...listCounting(card.attributions)] : []),
    "## Gates",
    listVerdicts(card.gates),
    "## Tests",
    listVerdicts(card.tests),
    "## Served",
    listVerdicts(card.served),
    "## Code",
    table(["", ""], code),
  ].join("\n\n");
}

/** How many classes of an answer are named. */
const mostClasses = 20;

/** `version 3 of late-bigger, which won experiment trees on late-arrival` */
function describeOrigin({ model, version, experiment, endpoint }: NonNullable<ModelCard["from"]>): string {
  return `version ${version} of ${model}, which won experiment ${experiment} on ${endpoint}`;
}

function listClasses(classes: readonly string[] = []): string {
  if (classes.length === 0) return "";
  const more = classes.length > mostClasses ? ` and ${classes.length - mostClasses} more` : "";
  return `: ${classes.slice(0, mostClasses).map(quoteText).join(", ")}${more}`;
}

/** The first features, without the points that a chart is drawn of. */
function pickFirst(attributions: Attributions): Attributions {
  const { features, left } = attributions;
  const first = features.slice(0, mostListed).map(({ points: _points, ...feature }) => feature);
  return { ...attributions, features: first, left: left + features.length - first.length };
}

function listCounting(attributions: Attributions): readonly string[] {
  const rows = attributions.features.map((feature) => [quoteText(feature.feature), formatImportance(feature)]);
  return [describeAttributions(attributions), table(["feature", "importance"], rows)];
}

function listVerdicts(verdicts: ModelCard["gates"]): string {
  if (verdicts.length === 0) return "There are none.";
  return verdicts.map(({ verdict, reason }) => `- ${verdict}: ${quoteText(reason)}`).join("\n");
}

function describeBaseline(baseline: ModelCard["baseline"], { metric }: Measurement): string {
  const found = baseline.find((one) => one.metric === metric);
  return found ? `${formatMeasurement(found)} (${quoteText(found.by)})` : unsaid;
}

function describeApproval(approval: ModelCard["approval"]): string {
  if (approval === "waived") return "waived";
  const { from, count, notBy } = approval;
  return `${count} of ${from.map(quoteText).join(", ")}${notBy ? `, not by the ${notBy}` : ""}`;
}

function describeLanguages({ python, node }: NonNullable<ModelPackage["environment"]>): string {
  return [...(python ? [`Python ${python}`] : []), ...(node ? [`Node ${node}`] : [])].join(", ");
}

function listOpsets(opsets: Readonly<Record<string, number>>): string {
  return Object.entries(opsets)
    .map(([domain, version]) => `${quoteText(domain)} ${version}`)
    .join(", ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Text of people, in one line, with no sign that Markdown or a browser would obey. */
function quoteText(text: string): string {
  return escapeHidden(text.replaceAll(/\s+/g, " ")).replaceAll(/[\\`*_{}[\]<>()#+!|~&]/g, (sign) => `\\${sign}`);
}

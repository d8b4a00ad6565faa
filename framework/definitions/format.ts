/**
 * Formats: everything that one version of Steward writes and another may read says the format it has, `model-package/1`.
 * A reader takes what it knows and refuses what a newer Steward wrote before it changes anything. Pure, without Node:
 * workflows read formats too.
 * @module
 */
import type { Problem } from "./problem.ts";

/** Every format there is, and the number that this version writes. A change that an older reader would misread raises it. */
export const formats = {
  // The specs of definitions, by their kinds.
  dataset: 1,
  features: 1,
  "training-job": 1,
  model: 1,
  endpoint: 1,
  // Results, as documents of the store. `trainer` is the closure of a trainer's files.
  "dataset-version": 2,
  "dataset-page": 1,
  "dataset-profile": 1,
  /** An entry of a dataset's log: which version became live under a number. */
  "version-record": 1,
  /** The value of a write-once name: rows that were pushed, and the batches of them that are one file of a version. */
  "pushed-batch": 1,
  "pushed-group": 1,
  /** The decisions in force that take rows of a dataset back out of its quarantine. */
  readmissions: 1,
  /** The value of a write-once name: which versions of datasets a training set was built from. */
  lineage: 1,
  /** Which documents tell other tools of a version or a training set; those are in formats of their own. */
  "lineage-documents": 1,
  trainer: 1,
  "training-set": 2,
  run: 1,
  /** What of the code that a deploy was made from was in no commit. */
  "uncommitted-code": 1,
  /** Which attempts of a run there were on this machine, beside its checkpoints. */
  attempts: 1,
  /** The value of a write-once name: how a trial of a study ended. */
  trial: 1,
  /** The value of a write-once name: which study a job began, and what it was told of earlier ones. */
  study: 1,
  "model-package": 3,
  /** A file of a project: rows and what a model is to answer them. */
  "golden-rows": 1,
  /** What the framework of a trainer answered for some rows when its model was saved. */
  "framework-answers": 1,
  /** The value of a write-once name: what the rows of a dataset were scored by, and what came of it. */
  scoring: 1,
  /** Some of the rows of a dataset with a model's answers. */
  "scored-part": 1,
  /** From which specs a server computes and looks up the features of a package. */
  "serving-plan": 1,
  /** What a caller of an endpoint's typed route sends and is answered. */
  "request-type": 1,
  evaluation: 2,
  /** The value of a write-once name: test rows were read, for which package. */
  "test-read": 1,
  /** A run of the experiment tracking, as it was when it ended or was changed after that. */
  "sealed-run": 1,
  /** An experiment, a logged model, a registered model or a version of one, as it was when it was changed. */
  "sealed-record": 1,
  /** What a training finds as `job.json`. */
  job: 1,
  /** What a program of a derivation finds as `step.json`. */
  step: 1,
  /** The value of a write-once name: which result an identity has. */
  artefact: 1,
  /** The value of a model's production ref. */
  production: 1,
  /** The value of an endpoint's routing ref: which versions answer, and how many of its callers each has. */
  routing: 1,
  /** What the units of an experiment's arms came to, cohort by cohort, and what was decided by it. */
  "experiment-summary": 1,
  "experiment-decision": 1,
  /** What was known of an experiment when its endpoint looked at it, and what was decided. */
  "experiment-look": 1,
  /** The value of a write-once name: records of an endpoint's log that lie in the store. */
  "log-part": 1,
  /** The value of the ref of a replica's log: how far it has come, and where a record is found by its id. */
  "log-head": 1,
  /** An exported history, around Temporal's own format. */
  history: 1,
  /** The buckets: keys, envelopes of refs, what objects are named by. */
  store: 1,
  /** The state of a table of the online store; its rows say a format of their own, in a byte. */
  "online-table": 1,
  /** What an entity starts and continues as new with, its memory included. */
  "entity-start": 1,
  /** An entity's status, as its query and its memo have it. */
  "entity-status": 1,
  /** The messages to an entity. */
  "entity-message": 1,
  /** The outputs that Pulumi's state has of a resource. */
  resource: 1,
  /** The files of a stack's folder: connection, ports, secrets, declarations of services, request segments. */
  "stack-folder": 1,
  /** What a supervisor and its clients say to each other. */
  supervisor: 1,
} as const satisfies Readonly<Record<string, number>>;

export type FormatName = keyof typeof formats;

/** How a thing says its format: `model-package/1`. */
export type FormatOf<Name extends FormatName> = `${Name}/${(typeof formats)[Name]}`;

/** The format that this version writes. */
export function formatOf<Name extends FormatName>(name: Name): FormatOf<Name> {
  return `${name}/${formats[name]}`;
}

export interface FormatPlace {
  /** The instance, for the problem. */
  readonly at: string;
  /** The format that its reader asks for, in any number. @default any that there is */
  readonly name?: FormatName;
}

/** What is wrong with the format that a thing says it has; nothing when this version reads it. Older ones are read. */
export function findFormatProblem(found: unknown, { at, name }: FormatPlace): Problem | undefined {
  const { name: said, number } = parseFormat(found) ?? {};
  if (said === undefined || number === undefined || (name !== undefined && said !== name)) {
    return {
      code: "format-unknown",
      at,
      what: "the format is none that is read here",
      got: typeof found === "string" ? `"${found}"` : "none",
      expected: name === undefined ? "one that Steward writes" : `"${formatOf(name)}"`,
    };
  }
  if (number <= formats[said]) return undefined;
  return {
    code: "format-newer",
    at,
    what: "this was written by a newer Steward, and is left as it is",
    got: `format "${said}/${number}"`,
    expected: `at most "${formatOf(said)}"`,
  };
}

/** Makes of a document in one format that in the next. */
type Upgrade = (document: object) => object;

/** The upgrade from each older number, by format. */
export type Upgrades = { readonly [Name in FormatName]?: Readonly<Record<number, Upgrade>> };
const upgrades: Upgrades = {
  "dataset-version": { 1: gatherFile },
  // The second format may have preprocessing with fitted constants. The first one had none, and means what it says.
  "training-set": { 1: keep },
  // The third format of a package may say what its trainer stood on and what admission found.
  "model-package": { 1: keep, 2: keep },
  // The second format of an evaluation may have tests of the model, of which its decision is made too. The first one had none.
  evaluation: { 1: keep },
};

function keep(document: object): object {
  return document;
}

/** The first format of a dataset's version knew one file, whose parts and quarantine were the version's own. */
function gatherFile(document: object): object {
  const { parts, quarantine, ...version } = document as {
    readonly parts: unknown;
    readonly quarantine?: { readonly rows: unknown; readonly reasons: unknown };
    readonly fingerprint: unknown;
    readonly rows: unknown;
    readonly from: unknown;
    readonly to: unknown;
  };
  const { fingerprint, rows, from, to } = version;
  const file = { name: "", fingerprint, identity: "", rows, from, to, parts, ...(quarantine && { quarantine }) };
  const apart = quarantine && { rows: quarantine.rows, reasons: quarantine.reasons };
  return { ...version, ...(apart && { quarantined: apart }), files: [file] };
}

/** A document in the present format of its kind; one that says none, or needs no upgrade, is returned as it is. */
export function upgradeDocument<T>(document: T, steps: Upgrades = upgrades): T {
  if (typeof document !== "object" || document === null || !("format" in document)) return document;
  const { name, number = 0 } = parseFormat(document.format) ?? {};
  const upgrade = name && steps[name]?.[number];
  if (!upgrade) return document;
  return upgradeDocument({ ...upgrade(document), format: `${name}/${number + 1}` } as T, steps);
}

function parseFormat(found: unknown): { readonly name: FormatName; readonly number: number } | undefined {
  const [, name = "", number = ""] = (typeof found === "string" && /^([a-z-]+)\/([1-9]\d*)$/.exec(found)) || [];
  return Object.hasOwn(formats, name) ? { name: name as FormatName, number: Number(number) } : undefined;
}

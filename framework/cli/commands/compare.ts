/**
 * `steward compare`: runs side by side, and as a page.
 * @module
 */
import { resolve } from "node:path";
import { StewardError } from "../../definitions/problem.ts";
import { trainingJobSpec } from "../../definitions/spec.ts";
import { writeWhole } from "../../supervisor/private-file.ts";
import { type Call, type Command, exitCodes, jsonOption, stackOption } from "../command.ts";
import { type NamedVersion, readComparison } from "../compared-runs.ts";
import { describeComparison, formatComparison } from "../comparison-text.ts";
import { openPage } from "../open-page.ts";
import { readCallStack, withStack } from "../stack.ts";
import { openTracking, serverOption } from "../tracking-access.ts";
import { findVersion, readName } from "./diff.ts";

const mostWords = 50;

export const compareCommand: Command = {
  summary: "Compare runs: parameters, metrics, curves by step, and which parameters say most.",
  arguments: "<run|model@version|experiment>…",
  count: [1, mostWords],
  options: {
    ...stackOption,
    ...jsonOption,
    metric: {
      type: "string",
      help: "by which metric they are judged (default: the study's, else the most common one)",
    },
    html: { type: "string", help: "write one self-contained page to this file, and print where (default: none)" },
    open: { type: "string", help: "yes or no: show the page in a browser (default: yes on a desktop)" },
    ...serverOption,
  },
  help: `
A run is named by its id or its name, a version by its number of the last twenty releases, "production" or "candidate".
One experiment stands for all its runs, one study for its trials. What differs is marked with ≠.

  npx steward compare late-search                                      the trials, and what their parameters say
  npx steward compare late-tuned@3 late-tuned@production
  npx steward compare late-search --html compare.html --open no        parallel coordinates, curves, importance`,
  run: async (call) => {
    const file = call.text("html");
    const isShown = readOpen(call.text("open"));
    const client = await openTracking(call);
    const versions = await findVersions(call);
    const comparison = await readComparison(client, { words: call.arguments, versions, metric: call.text("metric") });
    if (file !== undefined) {
      const { formatComparisonPage } = await import("../../comparison/comparison-page.ts");
      writeWhole(resolve(file), formatComparisonPage(comparison), 0o644);
    }
    if (call.has("json")) call.print(JSON.stringify(describeComparison(comparison), null, 2));
    else if (file === undefined) call.print(formatComparison(comparison).join("\n"));
    else {
      call.print(`page: ${resolve(file)}`);
      openPage(resolve(file), isShown);
    }
    return exitCodes.done;
  },
};

function readOpen(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === "yes" || text === "no") return text === "yes";
  throw new StewardError({
    code: "command-misused",
    at: "",
    what: '"--open" says neither whether nor not',
    got: text,
    expected: "yes or no",
  });
}

/** Those words that name versions of models, with the identities of their runs. */
async function findVersions(call: Call): Promise<ReadonlyMap<string, NamedVersion>> {
  const words = call.arguments.filter((word) => /^[^@]+@(production|candidate|[1-9]\d{0,8})$/.test(word));
  if (words.length === 0) return new Map();
  const stack = await readCallStack(call);
  return withStack(stack, async ({ engine, openStore }) => {
    const store = await openStore();
    const found = words.map(async (word): Promise<readonly [string, NamedVersion]> => {
      const name = readName(word);
      // The run of its record is the study's where the job is tuned; the package's own is that of one trial's training.
      const { desired, run } = await findVersion(engine, stack.project.name, name);
      const training = await store.getJson(desired.training, trainingJobSpec);
      return [word, { label: word, experiment: training.name, identity: run }];
    });
    return new Map(await Promise.all(found));
  });
}

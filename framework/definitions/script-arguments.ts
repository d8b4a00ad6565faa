/**
 * The arguments of an MLflow script: what stands in them for the files of the rows, the seed and the parameters of its job.
 * @module
 */
import type { Report } from "./report.ts";
import type { TrainingJob } from "./training-job.ts";

/** How a script is told of its job. */
export interface Script {
  /** @default those of `listUsualArguments` */
  readonly args?: readonly string[] | undefined;
  /** The column of the label. @default "label" */
  readonly label?: string | undefined;
}

/** The column of the label, where nothing else is said. */
export const usualLabel = "label";

/** What the job gives beside its parameters. */
const ownNames = ["train", "validation", "seed"] as const;

/** The arguments of a script that is told of no others. Pure. @param hasValidation whether there are validation rows */
export function listUsualArguments(params: readonly string[], hasValidation: boolean): readonly string[] {
  const names = ["train", ...(hasValidation ? ["validation"] : []), ...params];
  return names.flatMap((name) => [`--${name}`, `{${name}}`]);
}

/** Arguments with values in the places of their names. What is in braces and has no value stays as it is. Pure. */
export function fillArguments(
  args: readonly string[],
  values: Readonly<Record<string, string | number | boolean>>,
): readonly string[] {
  return args.map((arg) =>
    arg.replaceAll(bracedPattern, (text, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : text)),
  );
}

const bracedPattern = /\{([^{}]+)\}/g;
/** What is in braces and looks like this is a name, known or not. */
const namePattern = /^[\p{L}_][\p{L}\p{N}_.-]*$/u;

/**
 * Reports arguments and a label of an MLflow script that do not fit its job; of other trainers nothing.
 *
 * @param features the names of the job's features
 */
export function reportScript(
  { name, trainer, params, split }: Pick<TrainingJob, "name" | "trainer" | "params" | "split">,
  features: readonly string[],
  report: Report,
): void {
  if (trainer.kind !== "mlflow") return;
  const at = `${name}.trainer`;
  const own = Object.keys(params?.shape ?? {});
  for (const param of own.filter((one) => ownNames.some((taken) => taken === one))) {
    const what = `the parameter "${param}" has the name of what every script is given`;
    report({ code: "script-invalid", at: `${name}.params.${param}`, what, fix: "give it another name" });
  }
  const { label = usualLabel, args } = trainer;
  if (features.includes(label)) {
    const what = `the column of the label has the name of a feature, "${label}"`;
    const fix = 'give it another one: label: "…"';
    report({ code: "script-invalid", at: `${at}.label`, what, fix });
  }
  if (args !== undefined) reportArguments(args, { at: `${at}.args`, own, split }, report);
}

function reportArguments(
  args: readonly string[],
  { at, own, split }: { readonly at: string; readonly own: readonly string[] } & Pick<TrainingJob, "split">,
  report: Report,
): void {
  const known = [...ownNames, ...own];
  const named = args.flatMap((arg, place) => [...arg.matchAll(bracedPattern)].map(([, one = ""]) => ({ one, place })));
  for (const { one, place } of named) {
    const isUnknown = namePattern.test(one) && !known.includes(one);
    if (isUnknown) {
      const what = `the argument "${args[place]}" names what no script is given`;
      const expected = known.map((each) => `{${each}}`).join(", ");
      report({ code: "script-invalid", at: `${at}[${place}]`, what, got: `{${one}}`, expected });
    }
    if (one === "validation" && split.validation === undefined) {
      const what = "the script asks for validation rows, and the split keeps none";
      const fix = 'set "validation" of the split, or leave the argument out';
      report({ code: "script-invalid", at: `${at}[${place}]`, what, fix });
    }
  }
  const isNamed = (name: string) => named.some(({ one }) => one === name);
  if (!isNamed("train")) {
    const what = "no argument says where the training rows are";
    report({ code: "script-invalid", at, what, fix: 'add the argument that does: "--train", "{train}"' });
  }
  for (const param of own.filter((one) => !isNamed(one))) {
    const what = `no argument gives the script its parameter "${param}"`;
    report({ code: "script-invalid", at, what, fix: `add one: "--${param}", "{${param}}"` });
  }
}

/**
 * The spec of a derivation: its steps as data, each checked against the columns that the steps before it give.
 * @module
 */
import { z } from "zod";
import { listColumns, reportClashes } from "./column.ts";
import type { Dataset } from "./dataset.ts";
import { type Derivation, listUpstream } from "./derivation.ts";
import type { DerivationStep, DerivedKind } from "./derivation-step.ts";
import { findKind, holdsWindow, listReads } from "./expression-kind.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import { findLongest, seconds } from "./knowledge.ts";
import type { WrittenStep } from "./recorded-steps.ts";
import type { Report } from "./report.ts";
import type { ColumnSpec, SourceSpec } from "./spec.ts";
import { specifyStep, toList } from "./specify-step.ts";

/** A vector stays what it is: steps take it along and make none. */
type FlowKind = DerivedKind | "vector";

/** A column between two steps. */
interface FlowColumn {
  readonly kind: FlowKind;
  /** How many numbers a vector has. @default it is no vector */
  readonly length?: number | undefined;
  /** How long after its row's event it is known. */
  readonly known: string;
}

/** The columns between two steps, by their names. */
type Flow = ReadonlyMap<string, FlowColumn>;

type DerivedSpec = Extract<SourceSpec, { readonly kind: "derived" }>;

/** The spec of a derivation. Reports what is wrong with a step, and columns of the schema that the steps do not give. */
export function specifyDerivation(
  { name, columns }: { readonly name: string; readonly columns: readonly ColumnSpec[] },
  source: Derivation,
  report: Report,
): DerivedSpec {
  const at = `${name}.source`;
  let flow: Flow | undefined = flowOf(source.from);
  const steps: DerivationStep[] = [];
  for (const [i, step] of source.steps.entries()) {
    const place = `${at}.steps[${i}].${step.step}`;
    // What comes after a step that is wrong cannot be judged.
    const scope: StepScope | undefined = flow && { from: source.from, flow, at: place, report };
    flow = scope && followStep(step, scope);
    steps.push(specifyStep(step));
  }
  if (flow) for (const column of columns) reportColumn(column, flow, { at: `${name}.schema.${column.name}`, report });
  return { kind: "derived", from: [...new Set(listUpstream(source).map(({ to }) => to.name))], steps };
}

function flowOf({ schema }: Pick<Dataset, "schema">): Flow {
  return new Map(
    listColumns(schema).map(({ name, type, length, known }) => {
      return [name, { kind: type === "integer" ? "number" : type, length, known }];
    }),
  );
}

/** Reports a column of the schema that the steps do not give as it says. */
function reportColumn(
  { name, type, length, known }: ColumnSpec,
  flow: Flow,
  { at, report }: Pick<StepScope, "at" | "report">,
): void {
  const found = flow.get(name);
  const kind = type === "integer" ? "number" : type;
  if (!found) {
    const what = `no step gives the column "${name}" of the schema`;
    const expected = [...flow.keys()].join(", ");
    report({ code: "source-columns-missing", at, what, expected, fix: "add it with .derive(…), or leave it out" });
  } else if (found.kind !== kind) {
    const what = `the steps give "${name}" as another kind of value than the schema has`;
    report({
      code: "source-column-type",
      at,
      what,
      got: found.kind,
      expected: kind,
      fix: "use .cast(…), or mend the schema",
    });
  } else if (length !== found.length) {
    const what = `the steps give "${name}" as a vector of another length than the schema has`;
    const [got, expected] = [found.length, length].map((numbers) => `${numbers} numbers`);
    report({ code: "source-column-type", at, what, ...(got && { got }), ...(expected && { expected }) });
  } else if (seconds(known) < seconds(found.known)) {
    const what = `"${name}" is made of what is known only ${found.known} after the event, and the schema says ${known}`;
    report({ code: "derivation-reads-ahead", at, what, fix: `add .meta({ known: "${found.known}" })` });
  }
}

interface StepScope {
  readonly from: Dataset;
  readonly flow: Flow;
  readonly at: string;
  readonly report: Report;
}

/** The columns after a step; undefined when it is wrong, which is reported. */
function followStep(step: WrittenStep, given: StepScope): Flow | undefined {
  let isRight = true;
  const report: Report = (problem) => {
    isRight = false;
    given.report(problem);
  };
  const flow = checkStep(step, { ...given, report });
  return isRight ? flow : undefined;
}

function checkStep(step: WrittenStep, scope: StepScope): Flow {
  const { flow } = scope;
  switch (step.step) {
    case "filter": {
      const kind = kindOf(step.condition, scope);
      if (kind && kind !== "boolean")
        refuseValue(scope, `the condition is not true or false of a row`, kind, "boolean");
      return flow;
    }
    case "derive":
      return addColumns(flow, checkExpressions(step.columns, scope), scope);
    case "cast":
      return checkCast(step.columns, scope);
    case "clip":
      checkClip(step.columns, scope);
      return flow;
    case "impute":
      checkImpute(step.columns, scope);
      return flow;
    case "deduplicate":
      requireTime(scope);
      for (const name of step.by ?? []) findColumn(name, scope);
      return flow;
    case "join":
      return checkJoin(step, scope);
    case "sample":
      return flow;
    case "stratify":
    case "oversample":
      for (const name of toList(step.by)) findColumn(name, scope);
      return flow;
    case "augment": {
      for (const name of Object.keys(step.noise)) requireKind(name, ["number"], scope);
      if (step.mark === undefined) return flow;
      return addColumns(flow, new Map([[step.mark, { kind: "boolean", known: "0 seconds" }]]), scope);
    }
    case "python":
      return checkProgram(step.gives, scope);
  }
}

function findColumn(name: string, { flow, at, report }: StepScope): FlowColumn | undefined {
  const column = flow.get(name);
  if (!column) {
    const what = `there is no column "${name}" at this step`;
    report({ code: "column-unknown", at: `${at}.${name}`, what, expected: [...flow.keys()].join(", ") });
  }
  return column;
}

function requireKind(name: string, kinds: readonly FlowKind[], scope: StepScope): FlowColumn | undefined {
  const column = findColumn(name, scope);
  if (column && !kinds.includes(column.kind))
    refuseValue(
      { ...scope, at: `${scope.at}.${name}` },
      "the step does not take this column",
      column.kind,
      kinds.join(" or "),
    );
  return column;
}

/** What a step was given that it does not take, and what it takes. */
type Refusal = readonly [what: string, got: string, expected: string];

function refuseValue({ at, report }: Pick<StepScope, "at" | "report">, ...[what, got, expected]: Refusal): void {
  report({ code: "expression-invalid", at, what, got, expected });
}

/** What is done in the order of event time asks for the column that has it. */
function requireTime({ from, flow, at, report }: StepScope): void {
  if (flow.get(from.eventTime)?.kind === "timestamp") return;
  const what = `the step goes by the event time, and "${from.eventTime}" is no moment any more`;
  report({ code: "column-unknown", at, what, fix: "do the step before the one that takes the column away" });
}

/** The kind of an expression over the columns of a flow; undefined when it is wrong, which is reported. */
function kindOf(tree: ExpressionTree, { from, flow, at, report }: StepScope): FlowKind | undefined {
  if (holdsWindow(tree)) {
    const what = "a step looks at the values of its row, and not at other rows in a window";
    report({ code: "expression-invalid", at, what, fix: "leave the window out; a feature may have one" });
    return undefined;
  }
  const kind = findKind(tree, { dataset: { name: from.name, schema: toSchema(flow) }, at, report });
  if (kind !== "category") return kind;
  report({ code: "expression-invalid", at, what: "a category is a feature, no column", fix: "leave .category() out" });
  return undefined;
}

const fields: Readonly<Record<FlowKind, (length: number) => z.ZodType>> = {
  string: () => z.string(),
  number: () => z.number(),
  boolean: () => z.boolean(),
  timestamp: () => z.date(),
  vector: (length) => z.array(z.number()).length(length),
};

/** Expressions are judged by the schema of what they are written against. */
function toSchema(flow: Flow): z.ZodObject {
  return z.object(Object.fromEntries([...flow].map(([name, { kind, length = 0 }]) => [name, fields[kind](length)])));
}

/** The columns that expressions make, as far as they are right. */
function checkExpressions(trees: Readonly<Record<string, ExpressionTree>>, scope: StepScope): Flow {
  const made = Object.entries(trees).flatMap(([name, tree]): [string, FlowColumn][] => {
    const kind = kindOf(tree, { ...scope, at: `${scope.at}.${name}` });
    const length = tree.op === "column" ? scope.flow.get(tree.name)?.length : undefined;
    return kind ? [[name, { kind, length, known: findLatest([tree], scope.flow) }]] : [];
  });
  return new Map(made);
}

/** When all is known that trees read. */
function findLatest(trees: readonly ExpressionTree[], flow: Flow): string {
  const read = trees.flatMap((tree) => listReads(tree)).map(({ column }) => column);
  return findLongest(read.map((name) => flow.get(name)?.known ?? "0 seconds"));
}

function addColumns(flow: Flow, added: Flow, { at, report }: StepScope): Flow {
  const all = new Map([...flow, ...added]);
  reportClashes([...all.keys()], at, report);
  return all;
}

const castable: Readonly<Record<FlowKind, readonly DerivedKind[]>> = {
  string: ["number", "boolean", "timestamp"],
  number: ["string"],
  boolean: ["string", "number"],
  timestamp: ["string"],
  vector: [],
};

function checkCast(to: Readonly<Record<string, DerivedKind>>, scope: StepScope): Flow {
  const cast = new Map(scope.flow);
  for (const [name, kind] of Object.entries(to)) {
    const column = findColumn(name, scope);
    if (!column) continue;
    if (!castable[column.kind].includes(kind)) {
      const what = `"${name}", a ${column.kind}, is not made a ${kind}`;
      refuseValue(
        { ...scope, at: `${scope.at}.${name}` },
        what,
        kind,
        castable[column.kind].join(" or ") || "no other kind",
      );
    }
    cast.set(name, { kind, known: column.known });
  }
  return cast;
}

type Of<Name extends WrittenStep["step"]> = Extract<WrittenStep, { readonly step: Name }>;

function checkClip(columns: Of<"clip">["columns"], scope: StepScope): void {
  for (const [name, bounds] of Object.entries(columns)) {
    requireKind(name, ["number"], scope);
    const [low, high] = "quantiles" in bounds ? bounds.quantiles : bounds;
    if (low > high)
      refuseValue(
        { ...scope, at: `${scope.at}.${name}` },
        "the bounds are the wrong way round",
        `${low} and ${high}`,
        `${high} and ${low}`,
      );
  }
}

function checkImpute(columns: Of<"impute">["columns"], scope: StepScope): void {
  for (const [name, filling] of Object.entries(columns)) {
    const column = requireKind(name, kindsOf(filling), scope);
    if (column?.kind === "timestamp")
      refuseValue(
        { ...scope, at: `${scope.at}.${name}` },
        "a missing moment is filled with none",
        "timestamp",
        "another kind",
      );
  }
}

function kindsOf(filling: Of<"impute">["columns"][string]): readonly DerivedKind[] {
  if (filling === "most-frequent") return ["number", "string", "boolean", "timestamp"];
  return typeof filling === "string" ? ["number"] : [typeof filling.constant as DerivedKind];
}

function checkJoin({ dataset, by, take, ttl }: Of<"join">, scope: StepScope): Flow {
  requireTime(scope);
  const other = flowOf(dataset);
  const given = Object.keys(by);
  if (given.length !== dataset.key.length || !dataset.key.every((column) => Object.hasOwn(by, column))) {
    const what = `"by" does not give the key of dataset "${dataset.name}"`;
    const [got, expected] = [given, dataset.key].map((names) => names.join(", ") || "no column");
    scope.report({ code: "join-key", at: `${scope.at}.by`, what, ...(got && { got }), ...(expected && { expected }) });
  }
  for (const [name, tree] of Object.entries(by)) {
    const kind = kindOf(tree, { ...scope, at: `${scope.at}.by.${name}` });
    const expected = other.get(name)?.kind;
    if (kind === undefined || expected === undefined || kind === expected) continue;
    const what = `"${name}" of "${dataset.name}" is joined on a value of another kind`;
    scope.report({ code: "join-key", at: `${scope.at}.by.${name}`, what, got: kind, expected });
  }
  const taken = checkExpressions(take, { ...scope, from: dataset, flow: other, at: `${scope.at}.take` });
  reportTtl(ttl, findLatest(Object.values(take), other), scope);
  // What is joined was known at the row's time; whose it is, when all is that says so.
  const known = findLatest(Object.values(by), scope.flow);
  return addColumns(
    scope.flow,
    new Map([...taken].map(([name, { kind, length }]) => [name, { kind, length, known }])),
    scope,
  );
}

/** Reports a ttl that leaves no row: what is joined would be null everywhere. */
function reportTtl(ttl: string | undefined, known: string, { at, report }: StepScope): void {
  if (ttl === undefined || (seconds(ttl) > 0 && seconds(ttl) >= seconds(known))) return;
  const expected = seconds(known) > 0 ? `"${known}" or more` : 'more than "0 seconds"';
  const what = "a row is older than the ttl before it is known: all that is taken would be null";
  report({ code: "join-ttl", at: `${at}.ttl`, what, got: ttl, expected });
}

/** Of the columns that a program makes only those are known when that have the name of one that it is given. */
function checkProgram(gives: Of<"python">["gives"], scope: StepScope): Flow {
  requireTime(scope);
  if (!gives) return scope.flow;
  const columns = Object.entries(gives).map(([name, kind]): [string, FlowColumn] => {
    return [name, { kind, known: scope.flow.get(name)?.known ?? "0 seconds" }];
  });
  return addColumns(new Map(), new Map(columns), scope);
}

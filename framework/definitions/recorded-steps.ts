/**
 * The steps of a derivation as they are written: every method records its call. Whether they fit is checked when the project
 * is resolved, with everything else.
 * @module
 */
import type { Dataset } from "./dataset.ts";
import type { Rows } from "./derivation-rows.ts";
import type { DerivationStep, DerivedKind, fillings } from "./derivation-step.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import { readOptions } from "./options.ts";
import { refuse } from "./plain.ts";
import { describeValue } from "./value-text.ts";
import { readExpression, readExpressions } from "./written.ts";

type Trees = Readonly<Record<string, ExpressionTree>>;
type Columns<T> = Readonly<Record<string, T>>;
type Written<Name extends DerivationStep["step"], Told> = { readonly step: Name } & Readonly<Told>;

/** A step as a team writes it: columns by their names, what may be left out not there, a joined dataset as itself. */
export type WrittenStep =
  | Written<"filter", { condition: ExpressionTree }>
  | Written<"derive", { columns: Trees }>
  | Written<"cast", { columns: Columns<DerivedKind> }>
  | Written<"clip", { columns: Columns<readonly [number, number] | { readonly quantiles: readonly [number, number] }> }>
  | Written<
      "impute",
      { columns: Columns<(typeof fillings)[number] | { readonly constant: string | number | boolean }> }
    >
  | Written<"deduplicate", { by?: readonly string[]; keep?: "first" | "last" }>
  | Written<"join", { dataset: Dataset; by: Trees; take: Trees; ttl?: string }>
  | Written<"sample", { fraction: number; seed?: number }>
  | Written<"stratify", { by: string | readonly string[]; fraction?: number; perGroup?: number; seed?: number }>
  | Written<"oversample", { by: string | readonly string[]; to: "balanced" | number; seed?: number }>
  | Written<"augment", { copies: number; noise: Columns<number>; mark?: string; seed?: number }>
  | Written<"python", { file: string; lock: string; gives?: Columns<DerivedKind> }>;

/** The steps that made rows: of nothing else it is known which they are. */
const recorded = new WeakMap<object, readonly WrittenStep[]>();

/** The steps that a function writes. What is none stays as it is, for the check of the shape. */
export function recordSteps(write: unknown): readonly WrittenStep[] {
  if (typeof write !== "function") return refuse(describeValue(write)) as never;
  const written: unknown = write(createRows([]));
  const steps = typeof written === "object" && written !== null ? recorded.get(written) : undefined;
  return steps ?? (refuse(describeValue(written)) as never);
}

/** What steps are told, whatever it is. */
type Told = object | undefined;

function createRows(steps: readonly WrittenStep[]): Rows<never> {
  const then = (step: object): Rows<never> => createRows([...steps, step as WrittenStep]);
  const options = (step: DerivationStep["step"], given: Told) => then({ ...readOptions(given ?? {}), step });
  const columns = (step: DerivationStep["step"], given: unknown) => then({ step, columns: given ?? null });
  const rows = {
    filter: (condition: unknown) => then({ step: "filter", condition: readExpression(condition) }),
    derive: (write: unknown) => columns("derive", readExpressions(write)),
    cast: (to: unknown) => columns("cast", to),
    clip: (bounds: unknown) => columns("clip", bounds),
    impute: (by: unknown) => columns("impute", by),
    deduplicate: (given: Told) => options("deduplicate", given),
    join: (dataset: unknown, given: Told) => {
      const { by, take, ...how } = readOptions((given ?? null) as { readonly by?: unknown; readonly take?: unknown });
      return then({ ...how, step: "join", dataset, by: readExpressions(by), take: readExpressions(take) });
    },
    sample: (given: Told) => options("sample", given),
    stratify: (given: Told) => options("stratify", given),
    oversample: (given: Told) => options("oversample", given),
    augment: (given: Told) => options("augment", given),
    python: (file: unknown, given: Told) => then({ ...readOptions((given ?? null) as object), step: "python", file }),
  };
  recorded.set(rows, steps);
  // Which columns a row has is known to the types alone.
  return rows as unknown as Rows<never>;
}

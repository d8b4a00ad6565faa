/**
 * A step of a derivation as data: its defaults filled in, its columns in the order of their names, so that equal meaning has
 * equal bytes.
 * @module
 */
import type { DerivationStep } from "./derivation-step.ts";
import type { ExpressionTree } from "./expression-tree.ts";
import type { WrittenStep } from "./recorded-steps.ts";

/** The spec of a step that has its shape. */
export function specifyStep(step: WrittenStep): DerivationStep {
  switch (step.step) {
    case "filter":
      return step;
    case "derive":
      return { step: "derive", columns: listExpressions(step.columns) };
    case "cast":
      return { step: "cast", columns: list(step.columns, (to) => ({ to })) };
    case "clip":
      return {
        step: "clip",
        columns: list(step.columns, (bounds) =>
          "quantiles" in bounds
            ? { quantiles: [bounds.quantiles[0], bounds.quantiles[1]] as [number, number] }
            : { low: bounds[0], high: bounds[1] },
        ),
      };
    case "impute":
      return { step: "impute", columns: list(step.columns, (by) => (typeof by === "string" ? { by } : by)) };
    case "deduplicate":
      return { step: "deduplicate", ...(step.by && { by: sorted(step.by) }), keep: step.keep ?? "last" };
    case "join": {
      const { dataset, by, take, ttl } = step;
      const columns = { by: listExpressions(by), take: listExpressions(take) };
      return { step: "join", dataset: dataset.name, ...columns, ...(ttl !== undefined && { ttl }) };
    }
    case "sample":
      return { step: "sample", fraction: step.fraction, seed: step.seed ?? 0 };
    case "stratify": {
      const { by, fraction, perGroup = 1, seed = 0 } = step;
      return {
        step: "stratify",
        by: sorted(toList(by)),
        keep: fraction === undefined ? { perGroup } : { fraction },
        seed,
      };
    }
    case "oversample": {
      const { by, to, seed = 0 } = step;
      return { step: "oversample", by: sorted(toList(by)), ratio: to === "balanced" ? 1 : to, seed };
    }
    case "augment": {
      const { copies, noise, seed = 0, mark } = step;
      const told = { copies, noise: list(noise, (amount) => ({ amount })), seed };
      return { step: "augment", ...told, ...(mark !== undefined && { mark }) };
    }
    case "python": {
      const { file, lock, gives } = step;
      return { step: "python", file, lock, ...(gives && { gives: list(gives, (kind) => ({ kind })) }) };
    }
  }
}

function list<T, L extends object>(
  columns: Readonly<Record<string, T>>,
  tell: (value: T) => L,
): (L & { name: string })[] {
  return sorted(Object.keys(columns)).map((name) => ({ name, ...tell(columns[name] as T) }));
}

function listExpressions(trees: Readonly<Record<string, ExpressionTree>>) {
  return list(trees, (expression) => ({ expression }));
}

/** One column, or several. */
export function toList(by: string | readonly string[]): readonly string[] {
  return typeof by === "string" ? [by] : by;
}

function sorted(names: readonly string[]): string[] {
  return names.toSorted((a, b) => (a < b ? -1 : 1));
}

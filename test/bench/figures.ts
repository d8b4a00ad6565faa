/**
 * What benches have in common: parts by name, and the lines with their figures at the end.
 * @module
 */
import { Interruption, watchInterruption } from "../../framework/toolchain/interruption.ts";

/** A ratio that was measured, and what is asked of it. */
export interface Figure {
  readonly name: string;
  /** @default it was not measured */
  readonly value?: number | undefined;
  /** @default it is shown beside another one, and nothing is asked of it */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
}

/** Measures the named parts. */
export type Bench = (names: readonly string[], signal: AbortSignal) => Promise<readonly Figure[]>;

/**
 * Runs the parts of a bench that the command line names, or all, and prints their figures: `name value times goal yes|no`.
 * The process ends with 2 for a part that there is not, and as an interruption says.
 */
export async function runBench(bench: string, parts: readonly string[], measure: Bench): Promise<void> {
  const [, ...wanted] = process.argv.slice(2);
  using interruption = watchInterruption();
  const { signal } = interruption;
  if (wanted.some((name) => !parts.includes(name))) {
    process.stderr.write(`npm run bench -- ${bench} [part …], where a part is ${parts.join(", ")}\n`);
    process.exitCode = 2;
    return;
  }
  try {
    const figures = await measure(wanted.length > 0 ? wanted : parts, signal);
    print("");
    for (const figure of figures) print(showFigure(figure));
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = signal.reason instanceof Interruption ? signal.reason.exitCode : 1;
  }
}

/** Runs a bench of parts that are measured one after the other. */
export function runParts(
  bench: string,
  parts: Readonly<Record<string, (signal: AbortSignal) => Promise<readonly Figure[]>>>,
): Promise<void> {
  return runBench(bench, Object.keys(parts), async (names, signal) => {
    const figures: Figure[] = [];
    for (const name of names) {
      print(`\n${name}`);
      figures.push(...((await parts[name]?.(signal)) ?? []));
    }
    return figures;
  });
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function showFigure({ name, value, goal }: Figure): string {
  const said = `${name} ${value === undefined ? "-" : value.toPrecision(3)} times`;
  if (!goal) return `${said} - -`;
  const isMet = value !== undefined && ("atLeast" in goal ? value >= goal.atLeast : value <= goal.atMost);
  return `${said} ${"atLeast" in goal ? `>=${goal.atLeast}` : `<=${goal.atMost}`} ${isMet ? "yes" : "no"}`;
}

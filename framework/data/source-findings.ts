/**
 * What was found in all the files of a source together, for the judgement of its contract.
 * @module
 */
import type { VersionSummary } from "./dataset-version.ts";
import type { FileReading } from "./read-source-files.ts";
import type { Breach, Findings } from "./refusal.ts";

/** How many rows are shown for a reason. */
const mostExamples = 3;

/** Gathers what was found in the files of a source, in their order. */
export class SourceFindings implements Findings {
  rows = 0;
  broken = 0;
  readonly #breaches = new Map<string, Breach>();

  /** Most frequent first. */
  get breaches(): readonly Breach[] {
    return [...this.#breaches.values()].sort((a, b) => b.rows - a.rows);
  }

  /** Adds what was found when it was read earlier: there are no examples of that. */
  addSummary({ rows, quarantined }: VersionSummary): void {
    this.rows += rows + (quarantined?.rows ?? 0);
    this.broken += quarantined?.rows ?? 0;
    for (const reason of quarantined?.reasons ?? []) this.#add({ ...reason, examples: [] });
  }

  /** Adds what was found in a file now. */
  addReading({ name, rows, broken, breaches }: FileReading): void {
    this.rows += rows;
    this.broken += broken;
    for (const breach of breaches) {
      const examples = breach.examples.map((example) => (name === "" ? example : { ...example, file: name }));
      this.#add({ ...breach, examples });
    }
  }

  #add(breach: Breach): void {
    const key = JSON.stringify([breach.column, breach.reason]);
    const before = this.#breaches.get(key);
    const rows = breach.rows + (before?.rows ?? 0);
    const examples = [...(before?.examples ?? []), ...breach.examples].slice(0, mostExamples);
    this.#breaches.set(key, { ...breach, rows, examples });
  }
}

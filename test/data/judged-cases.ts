/**
 * Values of a column, each with what becomes of it in an ingest.
 * @module
 */
import { type TestColumn, testSpec, type useIngest } from "./ingesting.ts";

/** One value in a column `x`: what is in the file, and the value that it becomes or the reason that sets it apart. */
export type Case = [given: string, becomes: unknown] | [given: string, becomes: "✖", reason: string];

/** A way to ingest all cases as the rows of one file; what each became. */
export function createIngestCases(data: ReturnType<typeof useIngest>) {
  return async (column: TestColumn, cases: readonly Case[], format: "csv" | "json"): Promise<unknown[][]> => {
    const times = cases.map((_, index) => new Date(Date.UTC(2024, 0, 1, 0, 0, index)).toISOString());
    const lines = cases.map(([given], index) =>
      format === "csv" ? `${times[index]},${given}` : `{"t":"${times[index]}"${given === "" ? "" : `,"x":${given}`}}`,
    );
    // A row that keeps every contract, so that no file is refused as a whole.
    const path = await data.write(`${[...(format === "csv" ? ["t,x"] : []), ...lines].join("\n")}\n`);
    const { rows, quarantined } = await data.take(
      testSpec([column], { source: { kind: "file", format, path: "x" } }),
      path,
    );
    return cases.map((_, index): unknown[] => {
      const second = `2024-01-01 00:00:${String(index).padStart(2, "0")}`;
      const row = rows.find(({ t }) => t === second);
      if (row) return [row["x"]];
      return ["✖", quarantined.find(({ __position }) => __position === String(index + 1))?.["__reasons"]];
    });
  };
}

/** What is to become of cases. */
export const outcome = (cases: readonly Case[]) =>
  cases.map(([, becomes, reason]) => (reason ? [becomes, [`x ${reason}`]] : [becomes]));

/**
 * Three million real flights, as a source and a dataset.
 * @module
 */
import { fileURLToPath } from "node:url";
import { type TestColumn, testSpec } from "./ingesting.ts";

/** The file, of whose rows eleven break the contract of the dataset. */
export const flights = fileURLToPath(
  new URL("../../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url),
);

const airport: Omit<TestColumn, "name"> = { type: "string", minLength: 3, maxLength: 3 };

export const flightsSpec = testSpec([], {
  name: "flights",
  columns: testSpec([
    { name: "origin", ...airport },
    { name: "destination", ...airport },
    { name: "distance", type: "integer", min: 1 },
    { name: "delay", type: "integer", min: -120, max: 1440 },
  ]).columns.map((column) => (column.name === "t" ? { ...column, name: "date" } : column)),
  eventTime: "date",
  source: { kind: "file", format: "parquet", path: "x" },
  contract: { violations: "quarantine", tolerance: 0.01 },
});

/**
 * What the scoring bench watches: `steward-once.ts <model> <file> <folder> <rows> <threads>` scores the rows of a Parquet file into Parquet
 * parts in a folder, by the scorer that `steward score` starts. Prints the seconds that it took.
 * @module
 */
import { join } from "node:path";
import { quotePath } from "../../../framework/data/sql.ts";
import { selectScored } from "../../../framework/scoring/scored-columns.ts";
import { selectMade } from "../../../framework/scoring/scored-rows.ts";
import type { SliceRequest } from "../../../framework/scoring/scorer-message.ts";
import { scoreSlices } from "../../../framework/scoring/scorer-process.ts";
import { chooseSliceRows, cutSlices } from "../../../framework/scoring/slice.ts";

const [onnx = "", file = "", folder = "", rows = "", threads = ""] = process.argv.slice(2);
const width = 30;
const inputs = Array.from({ length: width }, (_, column) => `f${column}`);
const columns = [...selectScored([], { task: "regression", digest: "bench" })];

async function* listSlices(): AsyncGenerator<SliceRequest> {
  for (const [id, { from, to }] of cutSlices(quotePath(file), Number(rows), chooseSliceRows(1)).entries())
    yield {
      id,
      most: to - from,
      rows: selectMade()(file, { from, to }),
      inputs,
      columns,
      readsRows: false,
      path: join(folder, `${String(id).padStart(5, "0")}.parquet`),
    };
}

const started = performance.now();
const { engine } = await scoreSlices(listSlices(), {
  onnx,
  width,
  answers: 1,
  setup: [],
  refusing: [],
  threads: Number(threads),
  folder,
  onSlice: async () => undefined,
});
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - started) / 1000, engine })}\n`);

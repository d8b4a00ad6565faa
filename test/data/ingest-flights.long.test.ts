import { stat } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Progress } from "../../framework/data/progress.ts";
import { useIngest } from "./ingesting.ts";
import { flights, flightsSpec } from "./real-flights.ts";

const data = useIngest();

describe("3 million real flights", () => {
  it("are ingested, 11 of them set apart, in parts that are the same the second time", async () => {
    const heard: Progress[] = [];
    const { version, root } = await data.ingest(flightsSpec, flights);
    expect(version).toMatchObject({
      rows: 2_999_989,
      from: "2001-01-01T00:01:00Z",
      to: "2001-07-01T00:00:00Z",
      quarantined: {
        rows: 11,
        reasons: [
          { column: "delay", reason: "is above 1440", rows: 8 },
          { column: "delay", reason: "is below -120", rows: 3 },
        ],
      },
    });
    expect(version.files?.[0]?.parts.map((part) => part.rows)).toEqual([1_048_576, 1_048_576, 902_837]);
    expect(await data.readQuarantine(version)).toContainEqual(
      expect.objectContaining({ delay: "-1116", __position: "949802", __reasons: ["delay is below -120"] }),
    );
    const again = await data.ingest(flightsSpec, flights, { onProgress: (progress) => heard.push(progress) });
    expect(again.root).toBe(root);
    const { size } = await stat(flights);
    expect(heard.at(-1)).toEqual({
      phase: "reading",
      done: 3_000_000,
      unit: "rows",
      files: { done: 1, total: 1 },
      bytes: { done: size, total: size },
    });
    expect(heard.map(({ bytes }) => bytes?.done ?? 0).some((done) => done > 0 && done < size)).toBe(true);
    expect(await data.leftovers()).toEqual([]);
  }, 120_000);
});

import { expect, it } from "vitest";
import { takePart } from "../support/drawn.ts";
import { clientVersions, runClient, useTracking } from "./tracking-stack.ts";

const given = useTracking();

const scores = (indexes: readonly number[]) => indexes;

it.each(takePart(clientVersions.toReversed(), 1))(
  "a client of %s, unmodified, finds all that it logs as it logged it",
  async (version) => {
    const seen = (await runClient(version, { script: "core.py", url: given.url, args: [version] })) as Record<
      string,
      never
    >;
    expect(seen["version"]).toMatch(version);
    expect(seen["experiments"]).toEqual({
      same: true,
      id: "str",
      location: true,
      tags: "delays",
      found: [`${version} flights`, `${version} renamed`],
      tagged: [`${version} renamed`],
      pages: [1, true],
      deleted: ["deleted", "active"],
      missing: null,
      missing_id: "RESOURCE_DOES_NOT_EXIST",
      taken: "RESOURCE_ALREADY_EXISTS",
    });
    expect(seen["run"]).toMatchObject({
      status: "FINISHED",
      ended: true,
      name: "parent",
      artifacts: true,
      params: { depth: "6", rate: "0.1", text: "é ☃ 'quoted'", empty: "" },
      changed: ["INVALID_PARAMETER_VALUE", "INVALID_PARAMETER_VALUE"],
      metrics: { loss: 0.2, auc: 0.9, nan: "NaN", inf: Number.MAX_VALUE, minus: -Number.MAX_VALUE, many: 999 },
      history: [0, 1, 2, 3, 4].map((step) => [step, 1 / (step + 1)]),
      many: 1000,
      tags: { note: "second", "team/sub": "x", "mlflow.runName": "parent", "steward.actor": "local" },
      child: true,
      missing: "RESOURCE_DOES_NOT_EXIST",
      own: "INVALID_PARAMETER_VALUE",
      no_history: [],
    });
    expect(seen["run"]).not.toHaveProperty("tags.gone");
    expect(seen["run"]).toHaveProperty("dataset", [
      [
        "flights",
        "s3",
        [
          ["mlflow.data.context", "training"],
          ["split", "a"],
        ],
      ],
    ]);
    expect(seen["search"]).toEqual({
      metric: scores([7, 9]),
      descending: [8, 6, 4, 2, 0, 10],
      ascending: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
      unequal: [0, 1, 2, 4, 5, 6, 7, 8, 9, 10],
      like: [8, 9, 10, 11],
      ilike: [4, 5, 6, 7],
      name: [7],
      alias: [10, 11],
      in: [0, 1],
      time: 12,
      params: [9, 7, 5, 3, 1, 11, 8, 6, 4, 2, 0, 10],
      nested: [true],
      dataset: [true],
      wrong: new Array(6).fill("INVALID_PARAMETER_VALUE"),
    });
    if (version === "3.17") expect(seen["null"]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], []]);
    expect(seen["pages"]).toEqual([
      [1, 3, 5, 7],
      [9, 11],
    ]);
    expect(seen["frame"]).toEqual([
      [0.9, 0.8],
      ["odd", "even"],
    ]);
    expect(seen["ends"]).toEqual({
      resumed: 0.6,
      failed: ["FAILED", "renamed", "renamed"],
      deleted: ["deleted", "INVALID_PARAMETER_VALUE", 0, 1, "active"],
      too_long: "INVALID_PARAMETER_VALUE",
      bad_name: "INVALID_PARAMETER_VALUE",
    });
    expect(given.reported).toEqual([]);
  },
);

import { expect, it } from "vitest";
import { clientVersions, runClient, useTracking } from "./tracking-stack.ts";

const given = useTracking();

it.each(clientVersions)(
  "a client of %s, unmodified, logs files and models, registers them, and loads them by every address",
  async (version) => {
    const name = `${version} late`;
    const seen = (await runClient(version, { script: "models.py", url: given.url, args: [version] })) as Record<
      string,
      never
    >;
    expect(seen["files"]).toEqual({
      listed: [
        ["all", true, null],
        ["config", true, null],
        ["notes.txt", false, 6],
        ["plain.txt", false, 27],
        ["table.json", false, expect.any(Number)],
      ],
      deep: ["all/deep/deeper"],
      of_a_file: [],
      same: [true, 5],
      dict: { a: [1, 2] },
      text: "a text",
      table: [1, 2, 3],
      missing: true,
      parts: [3_000_000],
    });
    expect(seen["loaded"]).toEqual([true, true, true, true, true, true]);
    expect(seen["pyfunc"]).toBe(true);
    expect(seen["registered"]).toEqual({
      status: "READY",
      run: true,
      aliases: ["champion"],
      description: ["the first", "says how late"],
      tags: [{ checked: "yes" }, { team: "sky" }],
      stages: [
        ["1", "None"],
        ["2", "Staging"],
      ],
      of_run: 2,
      latest: [["2", "Staging"]],
      alias: "1",
      no_alias: "INVALID_PARAMETER_VALUE",
      no_model: "RESOURCE_DOES_NOT_EXIST",
      twice: "RESOURCE_ALREADY_EXISTS",
      found: [name],
      outside: "INVALID_PARAMETER_VALUE",
    });
    expect([seen["renamed"], seen["deleted"]]).toEqual([["2"], "RESOURCE_DOES_NOT_EXIST"]);
    expect(seen["autolog"]).toEqual({ status: "FINISHED", param: "0.5", metric: true, model: 60, files: true });
    // Older clients keep the models of a run in a tag of it, newer ones as models of their own.
    expect(seen["history"]).toBe(version === "2.22");
    if (version === "2.22") return;
    expect(seen["logged"]).toEqual({
      status: "READY",
      name: "net",
      run: true,
      outputs: [true],
      metrics: [0.9, 0.95],
      found: [true],
      tags: { stage: "tried" },
      versions: [
        { name, version: "1" },
        { name, version: "2" },
      ],
      failed: ["FAILED", { depth: "3" }],
      deleted: "RESOURCE_DOES_NOT_EXIST",
      source: true,
      copied: `models:/${name}/1`,
    });
    expect(seen["traced"]).toBe(2);
  },
  300_000,
);

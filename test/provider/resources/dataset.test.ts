import { describe, expect, it } from "vitest";
import type { DatasetSpec } from "../../../framework/definitions/spec.ts";
import type { EntityStatus, LiveDataset } from "../../../framework/engine/entity-status.ts";
import { referTo } from "../../../framework/plan/desired.ts";
import { ingestIdentity, sourceIdentity, upstreamFingerprint } from "../../../framework/plan/identity.ts";
import { datasetResource, planDataset } from "../../../framework/provider/resources/dataset.ts";
import { closeTrainer } from "../../../framework/provider/resources/trainer-files.ts";
import { type Properties, unknown } from "../../../framework/provider/values.ts";
import { failure } from "../../support/failure.ts";
import { createFakeBackend, createFakeContext } from "../fake-backend.ts";
import { connection, datasetSpec, statusOf } from "../specs.ts";

function inputsOf(spec: DatasetSpec, fingerprint = "f1"): Properties {
  return JSON.parse(JSON.stringify({ project: "tests", connection, spec, location: "/data/rows.csv", fingerprint }));
}

const version: LiveDataset = {
  kind: "dataset",
  root: "root-1",
  rows: 10,
  quarantined: 2,
  identity: ingestIdentity(datasetSpec, "f1"),
};
const desired = { kind: "dataset", spec: referTo(datasetSpec), location: "/data/rows.csv", fingerprint: "f1" } as const;
const ready = statusOf(desired, { live: version });

describe("planDataset", () => {
  it.each<[string, Properties, EntityStatus | undefined, boolean]>([
    ["a new dataset", inputsOf(datasetSpec), undefined, false],
    ["nothing that changes", inputsOf(datasetSpec), ready, true],
    ["another owner, which no row depends on", inputsOf({ ...datasetSpec, owner: "others" }), ready, true],
    ["a source with new content", inputsOf(datasetSpec, "f2"), ready, false],
    [
      "another contract",
      inputsOf({ ...datasetSpec, contract: { violations: "quarantine", tolerance: 0.5 } }),
      ready,
      false,
    ],
    ["a dataset that has no version yet", inputsOf(datasetSpec), statusOf(desired, { state: "failed" }), false],
    [
      "a dataset that failed at another wish and still has the version",
      inputsOf(datasetSpec),
      statusOf(desired, { state: "failed", live: version }),
      true,
    ],
  ])("of %s knows the root exactly when nothing is ingested", (_title, inputs, live, known) => {
    const planned = planDataset({ inputs, live });
    expect(planned["root"]).toBe(known ? "root-1" : unknown);
    expect(planned["rows"]).toBe(known ? 10 : unknown);
    expect(planned["state"]).toBe(known ? "ready" : unknown);
  });

  it("always knows how the store will know the spec", () => {
    const changed = { ...datasetSpec, owner: "others" };
    expect(planDataset({ inputs: inputsOf(changed), live: undefined })["reference"]).toEqual(referTo(changed));
  });

  it("knows nothing while its inputs are unknown", () => {
    const planned = planDataset({ inputs: { ...inputsOf(datasetSpec), fingerprint: unknown }, live: ready });
    expect(planned).toMatchObject({ reference: unknown, root: unknown });
  });

  describe("of a source that a worker looks at", () => {
    const remote: DatasetSpec = { ...datasetSpec, source: { kind: "s3", format: "csv", bucket: "b", path: "*.csv" } };
    const taken = { ...version, fingerprint: "f1", source: sourceIdentity(remote) };
    const live = statusOf({ ...desired, fingerprint: "" }, { live: taken });

    it.each<[string, DatasetSpec, EntityStatus | undefined, boolean]>([
      ["knows the root of what was taken from it", remote, live, true],
      ["knows none when nothing was taken", remote, undefined, false],
      [
        "knows none under another contract",
        { ...remote, contract: { violations: "reject", tolerance: 1 } },
        live,
        false,
      ],
      [
        "knows none of another place",
        { ...remote, source: { kind: "s3", format: "csv", bucket: "c", path: "*.csv" } },
        live,
        false,
      ],
    ])("%s", (_title, spec, status, known) => {
      expect(datasetResource.check(inputsOf(spec, ""), createFakeContext(createFakeBackend()))).toEqual([]);
      expect(planDataset({ inputs: inputsOf(spec, ""), live: status })["root"]).toBe(known ? "root-1" : unknown);
    });
  });

  describe("of a derived dataset", () => {
    const derived: DatasetSpec = {
      ...datasetSpec,
      source: {
        kind: "derived",
        from: ["flights", "weather"],
        steps: [{ step: "filter", condition: { op: "literal", value: true } }],
      },
    };
    const upstream = { flights: "root-f", weather: "root-w" };
    const identity = ingestIdentity(derived, upstreamFingerprint(upstream));
    const live = statusOf(desired, { live: { ...version, identity } });
    const planOf = (given: Properties) =>
      planDataset({ inputs: { ...inputsOf(derived, ""), location: "flights, weather", upstream: given }, live });

    it("knows the root while its upstreams have the versions that it was made of", () => {
      expect(planOf(upstream)).toMatchObject({
        root: "root-1",
        status: "will keep its version: what it is derived from is unchanged",
      });
    });

    it("says what it will be made of when one has another", () => {
      expect(planOf({ ...upstream, weather: "root-v" })).toMatchObject({
        root: unknown,
        status: "will ingest flights, weather",
      });
    });

    describe("with a program", () => {
      const files = [{ path: "clean.py", sha256: "5".repeat(64), size: 1 }];
      const program = { folder: "/project", entry: "clean.py", lock: "clean.lock", files };
      const closure = closeTrainer(program);
      const made = ingestIdentity(derived, upstreamFingerprint(upstream, [referTo(closure)]));
      const inputs = { ...inputsOf(derived, ""), location: "flights, weather", upstream, programs: [program] };
      const wish = { ...desired, fingerprint: "", upstream, programs: [referTo(closure)] };
      const status = statusOf(wish, { live: { ...version, identity: made } });

      it("knows the root while that stays as it is", () => {
        expect(planDataset({ inputs, live: status })["root"]).toBe("root-1");
        const changed = { ...program, files: [{ path: "clean.py", sha256: "6".repeat(64), size: 1 }] };
        expect(planDataset({ inputs: { ...inputs, programs: [changed] }, live: status })["root"]).toBe(unknown);
        expect(planDataset({ inputs, live })["root"]).toBe(unknown);
      });

      it("brings its files and their record into the store, and tells the worker where they are", async () => {
        const put: string[] = [];
        const putFile = (path: string) => {
          put.push(path);
          return { sha256: "5".repeat(64), size: 1 };
        };
        const backend = createFakeBackend({ putFile, statuses: [status] });
        await datasetResource.apply(inputs, createFakeContext(backend));
        expect(put).toEqual(["/project/clean.py"]);
        expect(backend.stored).toEqual([closure, derived]);
        expect(backend.applied).toMatchObject([{ desired: { upstream, programs: [referTo(closure)] } }]);
      });

      it("is refused when a file changed since it was declared", async () => {
        const steps = [{ step: "python" as const, file: "clean.py", lock: "clean.lock" }];
        const spec: DatasetSpec = { ...derived, source: { kind: "derived", from: ["flights", "weather"], steps } };
        const given = { ...inputs, ...inputsOf(spec, "") };
        const backend = createFakeBackend({ putFile: () => ({ sha256: "7".repeat(64), size: 1 }) });
        const { problems } = await failure(datasetResource.apply(given, createFakeContext(backend)));
        expect(problems).toMatchObject([{ code: "trainer-changed", at: "rows.source.steps[0].python" }]);
        expect(backend.applied).toEqual([]);
      });
    });

    it("says what it waits for while one is ingested", () => {
      expect(planOf({ ...upstream, flights: unknown })).toMatchObject({
        root: unknown,
        status: "unknown until ingest of flights",
      });
    });
  });

  it("says what will be done", () => {
    expect(planDataset({ inputs: inputsOf(datasetSpec), live: undefined })["status"]).toBe("will ingest rows.csv");
  });
});

import { describe, expect, it } from "vitest";
import type { TrainingJobSpec } from "../../framework/definitions/spec.ts";
import {
  fileIdentity,
  ingestIdentity,
  trainingSetIdentity,
  upstreamFingerprint,
} from "../../framework/plan/identity.ts";
import { testSpec } from "../data/ingesting.ts";
import { column, features, trainingJob } from "../features/given.ts";

const identify = (join: Partial<TrainingJobSpec["features"][number]>) =>
  trainingSetIdentity({
    training: trainingJob({
      features: [
        { set: "orders", by: {} },
        { set: "census", by: { city: column("city") }, ...join },
      ],
      label: column("rating"),
    }),
    features: {
      orders: features("orders", "orders", { price: column("price") }),
      census: features("census", "cities", { people: column("people") }),
    },
    roots: { orders: "1", cities: "2" },
  });

describe("trainingSetIdentity", () => {
  it("is that of earlier versions where no ttl is given", () => {
    expect(identify({})).toBe("0ebeeeedadc539408b4518b27c3ed55c62812e453f809d4afffe48b2aa2c942f");
  });

  it("is another for every ttl", () => {
    const ttls = ["1 hour", "2 hours"].map((ttl) => identify({ ttl }));
    expect(new Set([identify({}), ...ttls]).size).toBe(3);
  });
});

describe("the identity of a training set of several classes", () => {
  const identifyLabel = (label: Partial<TrainingJobSpec>) =>
    trainingSetIdentity({
      training: trainingJob({ features: [{ set: "orders", by: {} }], label: column("kind"), ...label }),
      features: { orders: features("orders", "orders", { price: column("price") }) },
      roots: { orders: "1" },
    });

  it("is another where the schema names them otherwise, or in another order", () => {
    const named = (...classes: string[]) => identifyLabel({ task: "multiclass", classes });
    expect(new Set([named("a", "b"), named("b", "a"), named("a", "b", "c")]).size).toBe(3);
    expect(named("a", "b")).toBe(named("a", "b"));
  });
});

describe("ingestIdentity", () => {
  const spec = testSpec([{ name: "amount", type: "integer", min: 0 }]);
  const asking = (more: Partial<typeof spec.contract>) => ({ ...spec, contract: { ...spec.contract, ...more } });
  const options = [
    { unique: ["amount"] },
    { rules: [{ name: "some", expression: column("amount") }] },
    { evolution: "freeze" },
    { rows: { min: 1 } },
    { freshness: "1 day" },
  ] as const;

  it("is that of earlier versions where a contract asks for nothing more", () => {
    expect(ingestIdentity(spec, "f")).toBe("fee6fb60604f3d3f0451736806cda4e46d7fe49a0af26278cbdae15ee9a351cf");
  });

  it("is another for everything that a contract may ask for", () => {
    const asked = options.map((one) =>
      ingestIdentity(asking(structuredClone(one) as Partial<typeof spec.contract>), "f"),
    );
    expect(new Set([ingestIdentity(spec, "f"), ...asked]).size).toBe(options.length + 1);
  });

  it("of a file is the same whatever is asked of the whole source", () => {
    expect(fileIdentity(spec, "f")).toBe(ingestIdentity(spec, "f"));
    const asked = asking({ unique: ["amount"], rows: { min: 1 }, freshness: "1 day" });
    expect(fileIdentity(asked, "f")).toBe(ingestIdentity(asking({ unique: ["amount"] }), "f"));
  });
});

describe("upstreamFingerprint", () => {
  const of = (...programs: readonly string[]) =>
    upstreamFingerprint(
      { visits: "1" },
      programs.map((sha256) => ({ sha256 })),
    );

  it("is that of earlier versions where no step has a program", () => {
    expect(upstreamFingerprint({ visits: "1" })).toBe(of());
    expect(of()).toBe("fdf7804757daed5d1b0eb983425bab6ac0e9d6b5a093e9ca479e0af2ab78de1b");
  });

  it("is another for every program, and for another order of them", () => {
    expect(new Set([of(), of("a"), of("b"), of("a", "b"), of("b", "a")]).size).toBe(5);
  });
});

import { describe, expect, it } from "vitest";
import { type Declaration, redeclare } from "../../framework/supervisor/declaration.ts";
import { type Service, type ServiceInput, serviceSchema } from "../../framework/supervisor/service.ts";

function describeWorker(build: string, more: Partial<ServiceInput> = {}): Service {
  return serviceSchema.parse({
    name: "worker",
    command: ["worker", build],
    probe: { kind: "socket", path: "/" },
    update: "overlap",
    ...more,
  });
}

const [one, two, three] = ["1", "2", "3"].map((build) => describeWorker(build)) as [Service, Service, Service];

const cases: readonly {
  readonly title: string;
  readonly previous: Declaration | undefined;
  readonly service: Service;
  readonly next: Declaration;
}[] = [
  {
    title: "is unproven at first",
    previous: undefined,
    service: one,
    next: { service: one, proven: false, draining: [] },
  },
  {
    title: "stays as it is when nothing changed",
    previous: { service: one, proven: true, draining: [] },
    service: describeWorker("1"),
    next: { service: one, proven: true, draining: [] },
  },
  {
    title: "lets a proven description drain",
    previous: { service: two, proven: true, draining: [one] },
    service: three,
    next: { service: three, proven: false, draining: [one, two] },
  },
  {
    title: "drops a description that never worked",
    previous: { service: two, proven: false, draining: [one] },
    service: three,
    next: { service: three, proven: false, draining: [one] },
  },
  {
    title: "drops the old description when the new one replaces",
    previous: { service: one, proven: true, draining: [] },
    service: describeWorker("2", { update: "replace" }),
    next: { service: describeWorker("2", { update: "replace" }), proven: false, draining: [] },
  },
  {
    title: "makes a draining description that comes back the current one",
    previous: { service: two, proven: true, draining: [one] },
    service: one,
    next: { service: one, proven: true, draining: [two] },
  },
];

describe("redeclare", () => {
  it.each(cases)("$title", ({ previous, service, next }) => {
    expect(redeclare(previous, service)).toEqual(next);
  });

  it("sees a changed secret as a change", () => {
    const previous = { service: one, proven: true, draining: [] };
    expect(redeclare(previous, describeWorker("1", { secrets: { KEY: "new" } })).draining).toEqual([one]);
  });
});

import { describe, expect, it } from "vitest";
import { findServiceDrifts, planService } from "../../../framework/provider/resources/service.ts";
import { digestService } from "../../../framework/supervisor/declaration.ts";
import { type Service, type ServiceStatus, serviceSchema } from "../../../framework/supervisor/service.ts";

const service: Service = serviceSchema.parse({
  name: "worker",
  command: ["worker"],
  probe: { kind: "tcp", port: 9000 },
});
const changed: Service = { ...service, environment: { A: "1" } };
const ready: ServiceStatus = {
  name: "worker",
  digest: digestService(service),
  state: "ready",
  restarts: 0,
  since: "2026-01-01T00:00:00Z",
  log: "worker.log",
};

describe("findServiceDrifts", () => {
  it.each<[string, ServiceStatus | undefined, RegExp | undefined]>([
    ["lives and is what the state says", ready, undefined],
    ["is gone", undefined, /not there any more/],
    ["is stopped", { ...ready, state: "stopped" }, /is stopped\.$/],
    ["failed", { ...ready, state: "failed", reason: "exited with code 3" }, /is failed: exited with code 3/],
    ["is unhealthy", { ...ready, state: "unhealthy" }, /is unhealthy/],
    ["runs another description", { ...ready, digest: digestService(changed) }, /another description/],
  ])("of a service that %s", (_title, live, reason) => {
    const drifts = findServiceDrifts(service, live);
    expect(drifts).toHaveLength(reason ? 1 : 0);
    expect(drifts[0]?.reason ?? "").toMatch(reason ?? /^$/);
  });
});

describe("planService", () => {
  it.each<[string, Service, ServiceStatus | undefined, string]>([
    ["a new service", service, undefined, "will start"],
    ["one that runs", service, ready, "ready"],
    ["one that has stopped", service, { ...ready, state: "stopped" }, "will start again"],
    ["a changed one", changed, ready, "will stop and start with the new description"],
    [
      "a changed one of which two may run",
      { ...changed, update: "overlap" },
      ready,
      "will start beside the old one, which drains",
    ],
  ])("of %s", (_title, next, live, status) => {
    expect(planService(next, live)).toEqual({ digest: digestService(next), state: "ready", status });
  });
});

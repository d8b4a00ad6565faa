import { describe, expect, it } from "vitest";
import type { Connection } from "../../framework/connection/connection.ts";
import { StewardError } from "../../framework/definitions/problem.ts";
import { createBackend, type ProviderSupervisor } from "../../framework/provider/backend.ts";
import type { ServiceStatus } from "../../framework/supervisor/service.ts";

const connection: Connection = {
  owner: "tests/local",
  store: {
    endpoint: "http://127.0.0.1:9000",
    region: "us-east-1",
    accessKey: "steward",
    secretKey: "a secret of this test",
    bucket: "tests-local",
    lockedBucket: "tests-local-locked",
  },
  engine: { address: "127.0.0.1:7233", namespace: "tests-local", ui: "http://127.0.0.1:8233" },
  stackFolder: "/stack",
};

/** A backend over a supervisor that has these services, each with why it is not ready, or nothing. */
function createTestBackend(services: Readonly<Record<string, string | undefined>>) {
  const opened: string[] = [];
  const open = async (part: string): Promise<never> => {
    opened.push(part);
    // The part itself is of no interest here.
    throw new Error(`${part} was opened`);
  };
  const describeStatus = (name: string): ServiceStatus => ({
    name,
    digest: "d",
    state: services[name] === undefined ? "ready" : "failed",
    restarts: 0,
    since: "2026-01-01T00:00:00Z",
    log: "/log",
  });
  const list = async () => Object.keys(services).map(describeStatus);
  const supervisor: ProviderSupervisor = {
    list,
    revive: list,
    async waitReady(name) {
      if (!(name in services)) throw new StewardError({ code: "service-unknown", at: name, what: `no "${name}"` });
      const reason = services[name];
      if (reason !== undefined) throw new StewardError({ code: "service-not-ready", at: name, what: reason });
      return describeStatus(name);
    },
    apply: async ({ name }) => describeStatus(name),
    preflight: async () => ({ code: 0, output: "" }),
    remove: async () => undefined,
  };
  const backend = createBackend({
    openEngine: () => open("engine"),
    openStore: () => open("store"),
    openSupervisor: async () => supervisor,
  });
  return { backend, opened };
}

describe.each(["engine", "store"] as const)("the %s of a stack", (part) => {
  it("is opened when its own service is ready", async () => {
    const { backend, opened } = createTestBackend({ store: undefined, engine: undefined });
    await expect(backend[part](connection)).rejects.toThrow(`${part} was opened`);
    expect(opened).toEqual([part]);
  });

  it.each([
    ["its port is taken, by what would answer in its stead", { store: "port taken", engine: "port taken" }, "taken"],
    ["it is not declared, whoever answers at its address", { ui: undefined }, `no "${part}"`],
  ])("is not talked to when %s", async (_, services, reason) => {
    const { backend, opened } = createTestBackend(services);
    await expect(backend[part](connection)).rejects.toThrow(reason);
    expect(opened).toEqual([]);
  });

  it("is opened without asking where no supervisor runs it", async () => {
    const { stackFolder: _, ...elsewhere } = connection;
    const { backend, opened } = createTestBackend({});
    await expect(backend[part](elsewhere)).rejects.toThrow(`${part} was opened`);
    expect(opened).toEqual([part]);
  });
});

it.each([
  ["its engine is declared", { store: undefined, engine: "down" }, true],
  ["an update ended before its engine was declared", { store: undefined }, false],
  ["nothing was ever declared", {}, false],
])("tells whether a stack is deployed: %s", async (_, services, deployed) => {
  await expect(createTestBackend(services).backend.deployed(connection)).resolves.toBe(deployed);
});

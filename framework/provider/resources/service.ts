/**
 * `steward:local:Service`: a program that the supervisor of the local platform keeps running.
 * @module
 */
import { z } from "zod";
import { digestService } from "../../supervisor/declaration.ts";
import { type Service, type ServiceStatus, serviceSchema } from "../../supervisor/service.ts";
import type { ProviderSupervisor } from "../backend.ts";
import { messageOf, NotReady } from "../failure.ts";
import { checkInputs, type Drift, type ResourceType } from "../resource.ts";
import { type Properties, unknown } from "../values.ts";

const inputsSchema = z.strictObject({
  /** The folder of the stack that the service belongs to. */
  stackFolder: z.string().startsWith("/", "an absolute path"),
  service: serviceSchema,
});

export const serviceResource: ResourceType = {
  token: "steward:local:Service",
  // Not on another folder: what was restored or copied to another place leaves the services of the place it comes from alone.
  replaceOn: ["service.name"],

  check: (inputs) => checkInputs(inputsSchema, inputs),

  identify: (inputs) => `local/${inputsSchema.parse(inputs).service.name}`,

  async drift({ inputs }, { backend }) {
    const { stackFolder, service } = inputsSchema.parse(inputs);
    return findServiceDrifts(service, await findStatus(await backend.supervisor(stackFolder), service.name));
  },

  async plan(inputs, { backend, cancelled }) {
    const parsed = inputsSchema.safeParse(inputs);
    if (!parsed.success) return { digest: unknown, state: unknown, status: "unknown until its inputs are known" };
    const { stackFolder, service } = parsed.data;
    const supervisor = await backend.supervisor(stackFolder);
    const live = await findStatus(supervisor, service.name);
    if (live?.pid !== undefined && live.digest !== digestService(service)) {
      const { code, output } = await supervisor.preflight(service, { signal: cancelled });
      if (code !== 0)
        throw new Error(`the preflight of service "${service.name}" fails, so it would not be changed:\n${output}`);
    }
    return planService(service, live);
  },

  async apply(inputs, { backend, reporter, cancelled }) {
    const { stackFolder, service } = inputsSchema.parse(inputs);
    const supervisor = await backend.supervisor(stackFolder);
    reporter.progress("starting");
    const outputs = { digest: digestService(service), state: "starting", status: "starting" };
    try {
      await supervisor.apply(service);
      const ready = await supervisor.waitReady(service.name, {
        signal: cancelled,
        onProgress: ({ state, reason }) => reporter.progress(reason ? `${state}: ${reason}` : state),
      });
      return { digest: ready.digest, state: ready.state, status: "ready" };
    } catch (error) {
      const reason = cancelled.aborted
        ? "cancelled while it started; run npx pulumi up again to wait for it"
        : messageOf(error);
      throw new NotReady(`Service "${service.name}" is not ready: ${reason}`, {
        outputs: { ...outputs, state: "failed", status: "failed" },
        reasons: [reason],
      });
    }
  },

  async read(recorded, { backend }) {
    const { stackFolder, service } = inputsSchema.parse(recorded.inputs);
    const live = await findStatus(await backend.supervisor(stackFolder), service.name);
    return live ? { digest: live.digest, state: live.state, status: live.reason ?? live.state } : undefined;
  },

  async remove({ inputs }, { backend }) {
    const { stackFolder, service } = inputsSchema.parse(inputs);
    await (await backend.supervisor(stackFolder)).remove(service.name);
  },
};

async function findStatus(
  supervisor: Pick<ProviderSupervisor, "list">,
  name: string,
): Promise<ServiceStatus | undefined> {
  return (await supervisor.list()).find((status) => status.name === name);
}

/** How what runs differs from what was asked for: it does not run, is not healthy, or is another description. Pure. */
export function findServiceDrifts(service: Service, live: ServiceStatus | undefined): readonly Drift[] {
  if (!live)
    return [{ output: "state", reason: `Service "${service.name}" is not there any more; it will be started.` }];
  if (live.state !== "ready")
    return [
      {
        output: "state",
        reason: `Service "${service.name}" is ${live.state}${live.reason ? `: ${live.reason}` : ""}.`,
      },
    ];
  if (live.digest !== digestService(service))
    return [{ output: "digest", reason: `Service "${service.name}" runs another description than the state has.` }];
  return [];
}

/** What will be true of it, all of which is certain. Pure. */
export function planService(service: Service, live: ServiceStatus | undefined): Properties {
  const digest = digestService(service);
  if (!live) return { digest, state: "ready", status: "will start" };
  if (live.digest === digest)
    return { digest, state: "ready", status: live.state === "ready" ? "ready" : "will start again" };
  return {
    digest,
    state: "ready",
    status:
      service.update === "overlap"
        ? "will start beside the old one, which drains"
        : "will stop and start with the new description",
  };
}

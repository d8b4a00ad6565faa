/**
 * The tracking server that a command asks: the stack's, or another one that is named.
 * @module
 */
import type { LocalStack } from "../connection/stack-folder.ts";
import type { TrackingPlace } from "../connection/tracking-place.ts";
import { StewardError } from "../definitions/problem.ts";
import { createTrackingClient, Refused, type TrackingClient } from "../tracking/client/tracking-client.ts";
import type { Call, Option } from "./command.ts";
import { locateCallStack, requirePrepared, type StackPlace } from "./stack.ts";

/** The option by which a command asks another server. */
export const serverOption: Record<"server", Option> = {
  server: {
    type: "string",
    help: "another tracking server, by its address; its token is MLFLOW_TRACKING_TOKEN (default: the stack's)",
  },
};

/**
 * The client of the server that a call means.
 *
 * @throws StewardError `tracking-off` for a stack that tracks nothing, `stack-not-up`; each question throws `tracking-refused` and
 * `tracking-unreachable`
 */
export async function openTracking(call: Pick<Call, "text">): Promise<TrackingClient> {
  const server = call.text("server");
  if (server !== undefined) {
    if (!/^https?:\/\//.test(server) || !URL.canParse(server)) {
      throw new StewardError({
        code: "command-misused",
        at: "",
        what: '"--server" is no address of a tracking server',
        got: server,
        expected: "http://127.0.0.1:5000, or another address with http or https",
      });
    }
    return sayProblems(createTrackingClient({ address: server, token: process.env["MLFLOW_TRACKING_TOKEN"] }), server);
  }
  const stack = locateCallStack(call);
  const { tracking } = await requireTracking(stack);
  const address = `http://127.0.0.1:${tracking.port}`;
  return sayProblems(createTrackingClient({ address, token: tracking.token }), address);
}

/** What was prepared for a stack that tracks, and runs. @throws StewardError as `openTracking` */
async function requireTracking(
  stack: Pick<StackPlace, "name" | "folder">,
): Promise<LocalStack & { readonly tracking: TrackingPlace }> {
  const prepared = requirePrepared(stack);
  const { openSupervisor } = await import("../supervisor/client.ts");
  const services = await (await openSupervisor(stack.folder)).list();
  const server = services.find(({ name }) => name === "tracking");
  const { tracking } = prepared;
  // Its ports and secrets stay where it was switched off: whether it is declared says whether it is on.
  if (!tracking || (services.length > 0 && !server)) {
    throw new StewardError({
      code: "tracking-off",
      at: "",
      what: `stack "${stack.name}" does not track experiments`,
      fix: `npx pulumi config set -s ${stack.name} steward:tracking local, then npx pulumi up -s ${stack.name}`,
    });
  }
  if (server?.pid === undefined) {
    throw new StewardError({
      code: "stack-not-up",
      at: "",
      what: `stack "${stack.name}" is down`,
      fix: `npx pulumi up -s ${stack.name} brings it back as it was`,
    });
  }
  return { ...prepared, tracking };
}

/** A client whose failures are problems. What a command reads by itself may still find a refusal as such in `cause`. */
function sayProblems(client: TrackingClient, address: string): TrackingClient {
  const tell = async (ask: () => Promise<unknown>): Promise<unknown> => {
    try {
      return await ask();
    } catch (error) {
      // A run that is not there is an answer, which whoever asked for it knows to read.
      if (error instanceof Refused && error.code === "RESOURCE_DOES_NOT_EXIST") throw error;
      throw new StewardError(describe(error, address), { cause: error });
    }
  };
  return {
    post: (path, body) => tell(() => client.post(path, body)),
    get: (path, query) => tell(() => client.get(path, query)),
  };
}

function describe(error: unknown, address: string) {
  if (error instanceof Refused)
    return { code: "tracking-refused", at: "", what: `the tracking server refused: ${error.reason}` } as const;
  const reason = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : "";
  return {
    code: "tracking-unreachable",
    at: "",
    what: `the tracking server at ${address} gives no answer${reason && `: ${reason}`}`,
  } as const;
}

/**
 * The supervisor's side of the protocol.
 * @module
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { json } from "node:stream/consumers";
import { StewardError } from "../definitions/problem.ts";
import { toReadable } from "../toolchain/system-failure.ts";
import { type Greeting, protocolVersion } from "./protocol.ts";
import { serviceSchema } from "./service.ts";
import type { Supervision } from "./supervision.ts";

export interface ServerOptions {
  readonly supervision: Supervision;
  readonly greeting: Omit<Greeting, "protocol" | "goingDown">;
  readonly log: (line: string) => void;
}

/** Makes the server; the caller makes it listen, where only its own user can connect. */
export function createSupervisorServer(options: ServerOptions): Server {
  return createServer(async (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify(body));
    };
    try {
      answer(200, await respond(request, options));
    } catch (thrown) {
      const error = toReadable(thrown);
      if (error instanceof StewardError) return answer(400, { problems: error.problems });
      options.log(`${request.method} ${request.url} failed: ${error instanceof Error ? error.stack : String(error)}`);
      const what = "the supervisor failed to answer; its log says why";
      answer(500, { problems: [{ code: "internal", at: "", what }] });
    }
  });
}

async function respond(request: IncomingMessage, { supervision, greeting }: ServerOptions): Promise<unknown> {
  const [, collection = "", name = ""] = (request.url ?? "/").split("/").map(decodeURIComponent);
  if (request.method === "GET" && collection === "") {
    return { ...greeting, protocol: protocolVersion, goingDown: supervision.goingDown } satisfies Greeting;
  }
  if (request.method === "GET" && collection === "services") return supervision.list();
  if (request.method === "POST" && collection === "down") {
    await supervision.down();
    return null;
  }
  if (supervision.goingDown) throw refuse("the stack is being brought down", "try again when it is down");
  if (request.method === "POST" && collection === "revive") return supervision.revive();
  if (request.method === "PUT" && collection === "services") {
    const parsed = serviceSchema.safeParse(await json(request));
    if (parsed.success && parsed.data.name === name) return supervision.apply(parsed.data);
    // The value stays out of the message: it may be a secret.
    throw new StewardError(
      (parsed.error?.issues ?? [{ path: ["name"], message: "not the name in the path" }]).map((issue) => ({
        code: "service-invalid" as const,
        at: [name, ...issue.path].join("."),
        what: `the description of service "${name}" is not valid: ${issue.message}`,
      })),
    );
  }
  if (request.method === "DELETE" && collection === "services") {
    await supervision.remove(name);
    return null;
  }
  throw refuse(`the supervisor does not know ${request.method} ${request.url}`, "update the older side");
}

function refuse(what: string, fix: string): StewardError {
  return new StewardError({ code: "supervisor-unreachable", at: "", what, fix });
}

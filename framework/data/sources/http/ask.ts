/**
 * One request of a file, with time limits. The answer's bytes are as the server sends them: what asks for no compression is not
 * decompressed, so that they are those that whoever declared a digest has seen.
 * @module
 */
import { type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";

/** Time limits, in milliseconds. */
export interface Patience {
  /** Until there is a connection. */
  readonly connect: number;
  /** Until the answer begins, and between any two of its bytes. */
  readonly silence: number;
}

export interface AskOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly patience: Patience;
  /** Ends the request and its answer. @default nothing does */
  readonly signal?: AbortSignal | undefined;
}

/** Asks once. @returns the answer, whatever its status; whoever gets it reads or destroys it */
export async function ask(url: URL, { headers, patience, signal }: AskOptions): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const sent = { accept: "*/*", "user-agent": "steward", ...headers, "accept-encoding": "identity" };
  const options: RequestOptions = { headers: sent, ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    const asking = request(url, options);
    const endLate = (milliseconds: number, what: string): NodeJS.Timeout =>
      setTimeout(() => asking.destroy(timedOut(what)), milliseconds);
    const connecting = endLate(patience.connect, "connect");
    // Headers may come letter by letter: their time is limited as a whole.
    const beginning = endLate(patience.connect + patience.silence, "begin");
    const settle = (): void => {
      clearTimeout(connecting);
      clearTimeout(beginning);
    };
    asking.on("socket", (socket) => {
      // One that was used before is connected.
      if (!socket.connecting) clearTimeout(connecting);
      else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(connecting));
    });
    asking.on("error", (error) => {
      settle();
      reject(error);
    });
    asking.on("response", (answer) => {
      settle();
      asking.setTimeout(patience.silence, () => answer.destroy(timedOut("continue")));
      resolve(answer);
    });
    asking.end();
  });
}

function timedOut(what: string): Error {
  return Object.assign(new Error(`nothing came to ${what} with`), { code: "ETIMEDOUT" });
}

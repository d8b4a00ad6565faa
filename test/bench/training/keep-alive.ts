/**
 * A connection that asks one thing after the other, and costs the machine little beside the server that it asks: both servers of
 * a bench share the processors with it.
 * @module
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** An answer, as text. */
export interface Answered {
  readonly status: number;
  readonly text: string;
}

export interface KeptAlive {
  /** Asks, and waits for the answer. One is asked at a time. @throws Error when the connection ends or is no HTTP */
  ask(method: "GET" | "POST", path: string, body?: string): Promise<Answered>;
  close(): void;
}

/** How long a connection waits for anything, in milliseconds. */
const longest = 60_000;

interface Waiting {
  resolve(answer: Answered): void;
  reject(error: Error): void;
}

/** Opens a connection to a server on loopback; every request carries the token. */
export async function openKeptAlive(port: number, token: string): Promise<KeptAlive> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  socket.setTimeout(longest, () => socket.destroy(new Error("no answer came")));
  const shared = `host: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\n`;
  let waiting: Waiting | undefined;
  readAnswers(socket, {
    resolve: (answer) => take()?.resolve(answer),
    reject: (error) => take()?.reject(error),
  });
  return {
    ask(method, path, body) {
      if (waiting) throw new Error("one thing is asked at a time");
      if (socket.destroyed) throw new Error("the connection ended");
      const sent =
        body === undefined
          ? "\r\n"
          : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(`${method} ${path} HTTP/1.1\r\n${shared}${sent}`);
      });
    },
    close: () => void socket.destroy(),
  };

  function take(): Waiting | undefined {
    const given = waiting;
    waiting = undefined;
    return given;
  }
}

/** Cuts answers out of what comes; each has to say how long it is. */
function readAnswers(socket: Socket, { resolve, reject }: Waiting): void {
  let bytes = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = bytes.toString("latin1", 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      socket.destroy(new Error(`an answer that does not say how long it is: ${head}`));
      return;
    }
    const whole = end + 4 + Number(length);
    if (bytes.length < whole) return;
    const text = bytes.toString("utf8", end + 4, whole);
    bytes = bytes.subarray(whole);
    resolve({ status: Number(head.slice(9, 12)), text });
  });
  socket.on("error", reject);
  socket.on("close", () => reject(new Error("the connection ended")));
}

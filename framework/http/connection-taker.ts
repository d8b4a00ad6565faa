/**
 * One port for several protocols: what a connection begins with tells who takes it, and what nobody takes is HTTP/1 for Node's
 * own server.
 * @module
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { endWith } from "./broken-request.ts";

/** Takes connections that begin in one way. */
export interface ConnectionTaker {
  /** The first bytes of its connections; at least one. */
  readonly begin: Buffer;
  /**
   * Takes a connection, paused, whose first bytes have been put back into its stream.
   * @param giveAway has Node's server of HTTP/1 take it, its next bytes having been put back
   */
  take(socket: Socket, giveAway: (socket: Socket) => void): void;
  /** Accepts nothing new, waits for what is under way, and after so many milliseconds no longer. */
  close(drainMilliseconds: number): Promise<void>;
}

export interface DividedConnections {
  /** Closes those that have said nothing, and all takers. */
  close(drainMilliseconds: number): Promise<void>;
}

export interface DivisionOptions {
  readonly takers: readonly ConnectionTaker[];
  /** How long a caller may take to send what tells its protocol, in milliseconds. */
  readonly beginMilliseconds: number;
  /** How many connections there may be at once, of all protocols. @default any number */
  readonly most?: number | undefined;
}

/** Divides the connections that a server of HTTP/1 accepts. */
export function divideConnections(
  http: Server,
  { takers, beginMilliseconds, most = Number.POSITIVE_INFINITY }: DivisionOptions,
): DividedConnections {
  const usual = http.listeners("connection") as ((socket: Socket) => void)[];
  http.removeAllListeners("connection");
  const undecided = new Set<Socket>();
  const giveAway = (socket: Socket): void => {
    for (const take of usual) take.call(http, socket);
    socket.resume();
  };
  let open = 0;
  http.on("connection", (socket: Socket) => {
    if (open >= most) {
      socket.on("error", () => socket.destroy());
      endWith(socket, full);
      return;
    }
    open++;
    socket.once("close", () => {
      open--;
    });
    undecided.add(socket);
    // Of the whole beginning, and not of the silence in it: a byte now and then must not hold a connection open.
    const late = setTimeout(() => socket.destroy(), beginMilliseconds);
    const leave = (): void => {
      undecided.delete(socket);
      clearTimeout(late);
    };
    socket.once("close", leave);
    const end = (): unknown => socket.end();
    socket.once("end", end);
    socket.on("error", () => socket.destroy());
    readBegin(socket, takers, (taker, begin) => {
      leave();
      socket.off("close", leave);
      socket.off("end", end);
      socket.pause();
      socket.unshift(begin);
      if (taker) taker.take(socket, giveAway);
      else giveAway(socket);
    });
  });
  return {
    close: async (drainMilliseconds) => {
      for (const socket of undecided) socket.destroy();
      await Promise.all(takers.map((taker) => taker.close(drainMilliseconds)));
    },
  };
}

const full = {
  status: "503 Service Unavailable",
  error: "the server has as many connections as it takes; try again",
  headers: "retry-after: 1\r\n",
};

/** Reads as far as tells them apart: the first bytes, mostly. */
function readBegin(
  socket: Socket,
  takers: readonly ConnectionTaker[],
  decide: (taker: ConnectionTaker | undefined, begin: Buffer) => void,
): void {
  let begin: Buffer = Buffer.alloc(0);
  const read = (chunk: Buffer): void => {
    begin = begin.length > 0 ? Buffer.concat([begin, chunk]) : chunk;
    const possible = takers.filter((taker) => isBegun(taker.begin, begin));
    const [taker] = possible;
    if (taker && possible.every((other) => other.begin.length > begin.length)) return;
    const whole = possible.find((other) => other.begin.length <= begin.length);
    socket.off("data", read);
    decide(whole, begin);
  };
  socket.on("data", read);
}

/** Whether bytes are the beginning of others, or begin with them. */
function isBegun(begin: Buffer, bytes: Buffer): boolean {
  const known = Math.min(begin.length, bytes.length);
  return begin.compare(bytes, 0, known, 0, known) === 0;
}

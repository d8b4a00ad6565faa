/**
 * A connection on which a test sends whatever bytes it likes, and reads one answer of HTTP/1.1 after the other.
 * @module
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface RawReply {
  readonly status: number;
  /** In small letters, as they came. */
  readonly head: string;
  readonly body: string;
}

export class RawConnection {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #wake = (): void => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.#isClosed = true;
        socket.end();
        this.#wake();
      });
    }
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    const connection = new RawConnection(socket);
    await once(socket, "connect");
    socket.setNoDelay(true);
    return connection;
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends no more, and goes on to listen. */
  end(): void {
    this.#socket.end();
  }

  /** Whether the server has closed it. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The next answer, but for those that say to go on. @returns nothing where it is closed before one has come, or none comes in 10 seconds */
  async read(): Promise<RawReply | undefined> {
    const end = performance.now() + 10_000;
    for (;;) {
      const reply = this.#take();
      if (reply && reply.status >= 200) return reply;
      if (reply) continue;
      if (this.#isClosed || performance.now() > end) return undefined;
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, end - performance.now());
        this.#wake = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }

  /** Sends a request and reads its answer. */
  async ask(bytes: string | Uint8Array): Promise<RawReply | undefined> {
    this.send(bytes);
    return this.read();
  }

  #take(): RawReply | undefined {
    const end = this.#bytes.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const head = this.#bytes.toString("latin1", 0, end).toLowerCase();
    const status = Number(/^http\/1\.1 (\d{3})/.exec(head)?.[1]);
    const length = status < 200 ? 0 : Number(/^content-length: (\d+)/m.exec(head)?.[1] ?? Number.NaN);
    const whole = end + 4 + length;
    if (!(this.#bytes.length >= whole)) return undefined;
    const body = this.#bytes.toString("utf8", end + 4, whole);
    this.#bytes = this.#bytes.subarray(whole);
    return { status, head, body };
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Sends bytes on a connection of their own, and reads one answer. @param ends whether no more are sent after them */
export async function askOnce(port: number, bytes: string | Uint8Array, ends = false): Promise<RawReply | undefined> {
  using connection = await RawConnection.open(port);
  connection.send(bytes);
  if (ends) connection.end();
  return await connection.read();
}

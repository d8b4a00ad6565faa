import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { BodyRoom } from "../../framework/http/body-room.ts";
import { readBody } from "../../framework/http/request-body.ts";

/** A request as the reader sees one: a stream with headers. */
function request(headers: Record<string, string> = {}) {
  return Object.assign(new PassThrough(), { headers }) as unknown as PassThrough & IncomingMessage;
}

const refusal = (body: Promise<unknown>) =>
  body.then(
    () => "nothing",
    ({ status, message }) => `${status} ${message}`,
  );

describe("the body of a request", () => {
  it("is all of its pieces, up to the limit", async () => {
    const asked = request();
    const body = readBody(asked, 6);
    for (const piece of ["ab", "cd", "ef"]) asked.write(piece);
    asked.end();
    expect((await body).toString()).toBe("abcdef");
  });

  it("may be nothing", async () => {
    const asked = request();
    asked.end();
    expect(await readBody(asked, 1)).toHaveLength(0);
  });

  it("takes room until its request is answered, and none where there is none", async () => {
    const room = new BodyRoom(6);
    const [first, second] = [request(), request()];
    const [one, other] = [readBody(first, 6, room), refusal(readBody(second, 6, room))];
    first.write("abcd");
    second.write("ab");
    second.end("cd");
    first.end();
    expect(String(await one)).toBe("abcd");
    expect(await other).toBe("503 the server holds as many bodies as it can at once; try again");
    expect(room.taken).toBe(4);
    for (const asked of [first, second]) room.release(asked);
    expect(room.taken).toBe(0);
    const third = request();
    const last = readBody(third, 6, room);
    third.end("abcdef");
    expect(await last).toHaveLength(6);
  });

  it("is read to its end where it is too large, so that whoever sends it learns why", async () => {
    const asked = request();
    const body = refusal(readBody(asked, 4));
    asked.end("abcdefgh");
    expect(await body).toBe("413 the body is larger than 4 bytes; send less at once");
    expect(asked.readableEnded).toBe(true);
  });

  it("is not waited for where it says that it is far too large", async () => {
    expect(await refusal(readBody(request({ "content-length": "17" }), 4))).toMatch(/^413 /);
  });

  it("is cut off where it is far too large and did not say so", async () => {
    const asked = request();
    const body = refusal(readBody(asked, 4));
    asked.write(Buffer.alloc(17));
    expect(await body).toMatch(/^413 /);
    expect(asked.destroyed).toBe(true);
  });

  it("is refused where it breaks off, before it is read as well", async () => {
    const asked = request();
    const body = refusal(readBody(asked, 4));
    asked.write("a");
    asked.destroy();
    expect(await body).toBe("400 the body broke off");
    const gone = request();
    gone.destroy();
    await once(gone, "close");
    expect(await refusal(readBody(gone, 4))).toBe("400 the body broke off");
  });
});
